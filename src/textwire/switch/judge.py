"""The pure judgement of accept: given what the writer's transaction has read, what becomes of each request.

It runs item by item over one set of facts, because an earlier item of the same transaction may have spent the
balance or used the key of a later one (decisions 14).
"""

from collections.abc import Callable, Sequence

import msgspec

from textwire.domain.ids import MAX_INT
from textwire.domain.message import EXTENSION_NAME, Draft
from textwire.domain.refusal import Refusal
from textwire.store.exchanges import Exchange, Pair
from textwire.store.idempotency import Answered
from textwire.store.messages import Birth

from . import loops
from .loops import Stop


class Idempotency(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's key for a request; `render` words the answer inside the transaction, so that it can be kept."""

    scope: str
    key: str
    digest: str
    render: Callable[["Taken"], tuple[int, str]]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One request on its way into the writer's transaction.

    `whole`: if one recipient is refused, all are. `names`: sender names may be used without proof. `pretend`: it is
    judged, and nothing of it happens.
    `failover`: what may follow, judged as if it were sent, but not charged for; `steps` is what is kept of it.
    """

    account: int
    principal: int
    drafts: tuple[Draft, ...]
    at: int
    whole: bool = True
    names: bool = False
    failover: tuple[Draft, ...] = ()
    steps: str = ""
    idempotency: Idempotency | None = None
    pretend: bool = False


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request: one birth or refusal per draft, the balance after it, or an earlier answer."""

    births: tuple[Birth | Refusal, ...] = ()
    balance: int = 0
    replay: Answered | None = None


class Facts(msgspec.Struct, kw_only=True):
    """What the transaction has read; `balances`, `answered`, `room` and `exchanges` move as items are judged.

    `room`: principal on trial → how many more messages may be kept for it. `exchanges`: pairs that text both ways, of
    which each may say `most` in a minute; `stopped`: those of which somebody was refused for that.
    """

    balances: dict[int, tuple[int, str]]
    answered: dict[tuple[int, str, str], Answered]
    opted_out: set[tuple[int, str]]
    defaults: dict[int, str]
    assigned: dict[tuple[int, str], int]
    owners: dict[str, tuple[int, int]]
    verified: set[tuple[int, str]]
    room: dict[int, int] = msgspec.field(default_factory=dict)
    exchanges: dict[Pair, Exchange] = msgspec.field(default_factory=dict)
    most: int = loops.MOST
    stopped: dict[Pair, Stop] = msgspec.field(default_factory=dict)


def judge(item: Item, facts: Facts) -> Taken | Refusal:
    """Decides one request and books it in `facts`; a Refusal means that nothing of it happens."""
    if (earlier := _replay(item, facts)) is not None:
        return earlier
    balance, state = facts.balances.get(item.account, (0, "missing"))
    if state != "active":
        return Refusal("account_suspended")
    for n, draft in enumerate(item.failover):
        if (later := _forbidden(item, draft, draft.sender, facts)) is not None:
            later.field = f"failover[{n}].{later.field}"
            return later
    births: list[Birth | Refusal] = []
    room = facts.room.get(item.principal, MAX_INT)
    for n, draft in enumerate(item.drafts):
        verdict = _judge_draft(item, draft, balance, facts) if room else Refusal("trial_full")
        if isinstance(verdict, Refusal):
            if item.whole:
                verdict.field = f"recipient[{n}]" if verdict.field == "recipient" else verdict.field
                loops.count(facts.exchanges, births, by=-1)
                return verdict
        else:
            balance -= draft.cost
            room -= 1
            loops.count(facts.exchanges, [verdict])
        births.append(verdict)
    if item.pretend:
        loops.count(facts.exchanges, births, by=-1)
        return Taken()
    facts.balances[item.account] = (balance, state)
    if item.principal in facts.room:
        facts.room[item.principal] = room
    taken = Taken(births=tuple(births), balance=balance)
    _remember(item, taken, facts)
    return taken


def _replay(item: Item, facts: Facts) -> Taken | Refusal | None:
    if item.idempotency is None:
        return None
    earlier = facts.answered.get((item.account, item.idempotency.scope, item.idempotency.key))
    if earlier is None:
        return None
    if earlier.digest != item.idempotency.digest:
        return Refusal("idempotency_mismatch")
    return Taken(replay=earlier)


def _remember(item: Item, taken: Taken, facts: Facts) -> None:
    if (wanted := item.idempotency) is not None:
        status, answer = wanted.render(taken)
        key = (item.account, wanted.scope, wanted.key)
        facts.answered[key] = Answered(*key, wanted.digest, status, answer, item.at)


def _judge_draft(item: Item, draft: Draft, balance: int, facts: Facts) -> Birth | Refusal:
    sender = draft.sender or facts.defaults.get(item.principal, "")
    if not sender:
        return Refusal("no_default_number", field="sender")
    if draft.rights != "system":
        if (no := _forbidden(item, draft, sender, facts)) is not None:
            return no
        if facts.exchanges and (loop := _loop(item, (item.account, sender, draft.recipient), facts)):
            return loop
    if draft.cost > balance:
        return Refusal("insufficient_balance")
    return Birth(item.account, item.principal, sender, draft, item.at)


def _loop(item: Item, pair: Pair, facts: Facts) -> Refusal | None:
    refusal = loops.refusal(facts.exchanges.get(pair), item.at, facts.most)
    if refusal is not None:
        facts.stopped[pair] = Stop(item.at, refusal.after)
    return refusal


def _forbidden(item: Item, draft: Draft, sender: str, facts: Facts) -> Refusal | None:
    """Why the sender may not text the recipient, whatever it costs and however often they do."""
    # A default number is an assigned one: nothing is left to ask.
    if draft.sender and not may_send(item.account, item.principal, sender, draft.rights, item.names, facts):
        return Refusal("sender_forbidden", field="sender")
    if (item.account, draft.recipient) in facts.opted_out:
        return Refusal("recipient_opted_out", field="recipient")
    return None


def may_send(account: int, principal: int, sender: str, rights: str, names: bool, facts: Facts) -> bool:
    """Whether a principal may use a sender, by the rule of the door it came through (decisions 2)."""
    if rights == "system":
        return True
    if rights == "assigned":
        return (principal, sender) in facts.assigned
    if (account, sender) in facts.verified:
        return True
    if sender[0] == "+" or sender.isdigit():
        return facts.owners.get(sender, (0, 0))[0] == account
    return sender == EXTENSION_NAME if rights == "extension" else names


def wanted_refs(items: Sequence[Item]) -> list[tuple[int, str, str]]:
    """The idempotency keys of a batch."""
    return [(i.account, k.scope, k.key) for i in items for k in (i.idempotency,) if k is not None]
