"""The judgement of accept: pure, item by item, over one set of facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from textwire.domain.message import Draft
from textwire.domain.refusal import Refusal
from textwire.store.idempotency import Answered
from textwire.store.messages import Birth
from textwire.switch.judge import Facts, Idempotency, Item, Taken, judge

ACCOUNT, PRINCIPAL, NOW = 1, 2, 1_800_000_000_000_000
DID, FOREIGN, PHONE, OUT = "+16139998877", "+16139998878", "+447700900123", "+447700900124"


def draft(recipient: str = PHONE, **wishes: object) -> Draft:
    given = {
        "id": 10, "sender": DID, "recipient": recipient, "text": "hi", "encoding": "gsm7", "parts": ("hi",),
        "reference": 0, "price": 7, "birth": "queued", "carrier": "c", "send_at": 0, "due_at": NOW, "valid_until": NOW,
    }  # fmt: skip
    return Draft(**{**given, **wishes})  # type: ignore[arg-type]


def item(*drafts: Draft, **wishes: object) -> Item:
    given = {"account": ACCOUNT, "principal": PRINCIPAL, "drafts": drafts or (draft(),), "at": NOW}
    return Item(**{**given, **wishes})  # type: ignore[arg-type]


def facts(**known: object) -> Facts:
    given = {
        "balances": {ACCOUNT: (100, "active")}, "answered": {}, "opted_out": {(ACCOUNT, OUT)},
        "defaults": {PRINCIPAL: DID}, "assigned": {(PRINCIPAL, DID): 1}, "owners": {DID: (ACCOUNT, PRINCIPAL)},
        "verified": {(ACCOUNT, "PROVED")},
    }  # fmt: skip
    return Facts(**{**given, **known})  # type: ignore[arg-type]


def code(outcome: Taken | Refusal) -> str:
    return outcome.code if isinstance(outcome, Refusal) else "taken"


@pytest.mark.parametrize(
    ("rights", "sender", "names", "verdict"),
    [
        ("assigned", DID, False, "taken"),
        ("assigned", FOREIGN, True, "sender_forbidden"),
        ("assigned", "NAME", True, "sender_forbidden"),
        ("owned", DID, False, "taken"),
        ("owned", FOREIGN, True, "sender_forbidden"),
        ("owned", "NAME", True, "taken"),
        ("owned", "NAME", False, "sender_forbidden"),
        ("owned", "PROVED", False, "taken"),
        ("owned", "12345", True, "sender_forbidden"),
        ("owned", "sipgate", True, "taken"),
        ("owned", "sipgate", False, "sender_forbidden"),
        ("assigned", "sipgate", False, "sender_forbidden"),
        ("extension", "sipgate", False, "taken"),
        ("extension", "sipgate", True, "taken"),
        ("extension", "Sipgate", False, "sender_forbidden"),
        ("extension", "NAME", True, "sender_forbidden"),
        ("extension", DID, False, "taken"),
        ("extension", "PROVED", False, "taken"),
        ("extension", FOREIGN, True, "sender_forbidden"),
        ("system", FOREIGN, False, "taken"),
    ],
)
def test_who_may_send_as_whom(rights: str, sender: str, names: bool, verdict: str) -> None:
    assert code(judge(item(draft(sender=sender, rights=rights), names=names), facts())) == verdict


def test_no_sender_means_the_default_number() -> None:
    taken = judge(item(draft(sender="", rights="assigned")), facts())
    assert isinstance(taken, Taken)
    [birth] = taken.births
    assert isinstance(birth, Birth)
    assert birth.sender == DID
    assert code(judge(item(draft(sender="")), facts(defaults={}))) == "no_default_number"


def test_who_opted_out_gets_nothing_but_our_own_answers() -> None:
    assert code(judge(item(draft(OUT)), facts())) == "recipient_opted_out"
    assert code(judge(item(draft(OUT, rights="system")), facts())) == "taken"


def test_a_whole_request_names_the_recipient_at_fault_and_books_nothing() -> None:
    known = facts()
    refusal = judge(item(draft(), draft(OUT)), known)
    assert isinstance(refusal, Refusal)
    assert refusal.field == "recipient[1]"
    assert known.balances[ACCOUNT] == (100, "active")


def test_a_divisible_request_takes_what_it_can() -> None:
    known = facts()
    taken = judge(item(draft(), draft(OUT), draft(), whole=False), known)
    assert isinstance(taken, Taken)
    assert [isinstance(birth, Birth) for birth in taken.births] == [True, False, True]
    assert known.balances[ACCOUNT] == (100 - 14, "active")


@pytest.mark.parametrize("state", ["suspended", "missing"])
def test_an_account_that_is_not_active_sends_nothing(state: str) -> None:
    assert code(judge(item(), facts(balances={ACCOUNT: (100, state)}))) == "account_suspended"
    assert code(judge(item(), facts(balances={}))) == "account_suspended"


@given(
    balance=st.integers(0, 200),
    costs=st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=4), min_size=1, max_size=20),
)
def test_a_small_request_after_a_large_refused_one_still_gets_the_money(
    balance: int, costs: list[list[int]]
) -> None:
    """No sum over the batch: each request is judged by what those before it really took."""
    known = facts(balances={ACCOUNT: (balance, "active")})
    left = balance
    for request in costs:
        outcome = judge(item(*(draft(price=price) for price in request)), known)
        fits = sum(request) <= left
        assert code(outcome) == ("taken" if fits else "insufficient_balance")
        left -= sum(request) if fits else 0
        assert known.balances[ACCOUNT][0] == left >= 0


class TestIdempotency:
    KEY = (ACCOUNT, "POST /x", "k")

    def once(self, digest: str = "d") -> Item:
        def render(taken: Taken) -> tuple[int, str]:
            return 201, f"balance {taken.balance}"

        return item(idempotency=Idempotency(scope="POST /x", key="k", digest=digest, render=render))

    def test_the_first_is_remembered_with_its_answer(self) -> None:
        known = facts()
        assert code(judge(self.once(), known)) == "taken"
        assert known.answered[self.KEY] == Answered(*self.KEY, "d", 201, "balance 93", NOW)

    def test_a_second_of_the_same_transaction_gets_the_answer_of_the_first(self) -> None:
        known = facts()
        judge(self.once(), known)
        again = judge(self.once(), known)
        assert isinstance(again, Taken)
        assert again.replay == known.answered[self.KEY]
        assert again.births == ()
        assert known.balances[ACCOUNT] == (93, "active")

    def test_another_body_is_a_conflict(self) -> None:
        known = facts()
        judge(self.once(), known)
        assert code(judge(self.once("other"), known)) == "idempotency_mismatch"

    def test_another_account_has_keys_of_its_own(self) -> None:
        known = facts(balances={ACCOUNT: (100, "active"), 9: (100, "active")}, owners={DID: (9, 2)})
        known.owners = {DID: (ACCOUNT, PRINCIPAL)}
        judge(self.once(), known)
        other = replace(self.once("other"), account=9, drafts=(draft(sender=""),))
        assert code(judge(other, known)) == "taken"

    def test_what_is_refused_is_not_remembered(self) -> None:
        known = facts(balances={ACCOUNT: (1, "active")})
        assert code(judge(self.once(), known)) == "insufficient_balance"
        assert known.answered == {}


def test_what_is_pretended_is_judged_and_nothing_of_it_is_booked() -> None:
    before = facts()
    wanted = Idempotency(scope="s", key="k", digest="d", render=lambda taken: (200, ""))
    assert judge(item(pretend=True, idempotency=wanted), before) == Taken()
    assert (before.balances, before.answered) == (facts().balances, {})
    assert code(judge(item(draft(recipient=OUT), pretend=True), before)) == "recipient_opted_out"
