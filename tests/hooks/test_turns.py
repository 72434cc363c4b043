"""Turns: bounds, fairness, and what slow endpoints may take."""

import itertools
import random
from collections import Counter, deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.domain.event import Event
from textwire.hooks import turns
from textwire.hooks.turns import FRESH, PER_ENDPOINT, PER_NODE, PROVEN, SHARE, SLOW, Post, Turn, Turns, origin
from textwire.store.hooks import Hook

FAST, LONG = 0.01, 15.0  # seconds


def post(key: int, url: str = "https://a.test/x", hook: int = 1, account: int = 1) -> Post:
    made = Hook(hook, account, 1, f"h{hook}", "api", 0, url, 1, "", "", "", "active", 0, 0)
    return Post(key, 0, Event(key, 1, "message.sent", 0, 1, "", 0), None, made, 0)


def fill(waiting: Turns, count: int, url: str, hook: int = 1, start: int = 0) -> None:
    for n in range(count):
        assert waiting.push(post(start + n, url, hook), 0)


def all_turns(waiting: Turns) -> list[Turn]:
    """Every turn that there is without giving one back."""
    return list(iter(waiting.next, None))


def prove(waiting: Turns, url: str, seconds: float = FAST) -> None:
    """Lets an endpoint answer once."""
    assert waiting.push(post(10**9, url), 0)
    [turn] = all_turns(waiting)
    waiting.done(turn, seconds)


def test_an_unknown_endpoint_gets_one_call_and_ten_once_it_has_answered() -> None:
    waiting = Turns()
    fill(waiting, 30, "https://a.test/x")
    [first] = all_turns(waiting)
    waiting.done(first, FAST)
    assert len(all_turns(waiting)) == PER_ENDPOINT


def test_paths_and_hooks_of_one_host_share_its_calls() -> None:
    waiting = Turns()
    prove(waiting, "https://a.test/x")
    fill(waiting, 8, "https://a.test/y", hook=2)
    fill(waiting, 8, "https://a.test:443/z", hook=3)
    assert len(all_turns(waiting)) == PER_ENDPOINT


def test_hooks_of_one_endpoint_take_turns() -> None:
    waiting = Turns()
    prove(waiting, "https://a.test/x")
    fill(waiting, 20, "https://a.test/x", hook=2)
    fill(waiting, 2, "https://a.test/y", hook=3, start=100)
    assert [t.post.hook.id for t in all_turns(waiting)][:5] == [2, 3, 2, 3, 2]


def test_deliveries_of_one_hook_keep_their_order() -> None:
    waiting = Turns()
    prove(waiting, "https://a.test/x")
    fill(waiting, 10, "https://a.test/x")
    assert [t.post.id for t in all_turns(waiting)] == list(range(10))


def test_endpoints_take_turns_however_much_waits_for_one_of_them() -> None:
    waiting = Turns()
    for host in "ab":
        prove(waiting, f"https://{host}.test/")
    fill(waiting, 1000, "https://a.test/")
    fill(waiting, 3, "https://b.test/", hook=2)
    assert [t.post.hook.id for t in all_turns(waiting)][:6] == [1, 2, 1, 2, 1, 2]


def test_accounts_take_turns_however_many_endpoints_one_of_them_has() -> None:
    waiting = Turns()
    for n in range(100):
        prove(waiting, f"https://a{n}.test/")
    prove(waiting, "https://b.test/")
    for n in range(100):
        fill(waiting, 5, f"https://a{n}.test/", hook=n)
    for n in range(4):
        assert waiting.push(post(1000 + n, "https://b.test/", hook=500, account=2), 0)
    order = [t.post.hook.account for t in all_turns(waiting)]
    assert order[:8] == [1, 2] * 4
    assert len(order) == PER_NODE


def test_an_endpoint_of_two_accounts_goes_on_the_turn_of_whose_delivery_is_next() -> None:
    waiting = Turns()
    for url in ("https://shared.test/", "https://a.test/"):
        prove(waiting, url)
    for n in range(4):
        assert waiting.push(post(n, "https://shared.test/", hook=1, account=1), 0)
        assert waiting.push(post(10 + n, "https://shared.test/", hook=2, account=2), 0)
        assert waiting.push(post(20 + n, "https://a.test/", hook=3, account=1), 0)
    order = [(t.post.hook.id, t.post.id) for t in all_turns(waiting)]
    assert len(order) == 12
    for hook in (1, 2, 3):
        ours = [key for one, key in order if one == hook]
        assert ours == sorted(ours)
    assert {one for one, _ in order[:4]} == {1, 2, 3}


@pytest.mark.parametrize("seed", range(10))
def test_a_thousand_dead_endpoints_never_keep_a_live_one_waiting_for_more_than_a_few_turns(seed: int) -> None:
    """Half of them are black holes, half answer 500 at once. The live one is proven, as by its first delivery."""
    chance = random.Random(seed)
    waiting, keys = Turns(), itertools.count()
    prove(waiting, "https://live.test/")
    for n in range(1000):
        fill_dead(waiting, n, next(keys), chance)
    holding: list[Turn] = []  # what black holes hold
    for _ in range(200):
        answered = all_turns(waiting)
        while answered:  # those that refuse do so before anything else happens
            holding += [turn for turn in answered if is_black_hole(turn)]
            for turn in answered:
                if not is_black_hole(turn):
                    waiting.done(turn, FAST)
            answered = all_turns(waiting)
        assert len(holding) <= PER_NODE - 40  # the rest is left to those that answer
        for _ in range(20):
            fill_dead(waiting, chance.randrange(1000), next(keys), chance)
            if chance.random() < 0.2:
                waiting.done(holding.pop(chance.randrange(len(holding))), LONG)
        live = post(next(keys), "https://live.test/")
        assert waiting.push(live, 0)
        before = 0
        while (turn := waiting.next()) is not None and turn.post.id != live.id:
            before += 1
            holding.append(turn) if is_black_hole(turn) else waiting.done(turn, FAST)
        assert turn is not None, "the live one got no turn"
        assert before <= (ACCOUNTS + 1) * len(SHARE)  # the other accounts may be before it, in each kind
        waiting.done(turn, FAST)


ACCOUNTS = 8  # that the dead endpoints belong to


def fill_dead(waiting: Turns, n: int, key: int, chance: random.Random) -> None:
    account = chance.randint(2, ACCOUNTS + 1)
    waiting.push(post(key, f"https://dead{n}.test/", hook=n + 10, account=account), 0)


def is_black_hole(turn: Turn) -> bool:
    return turn.post.hook.id % 2 == 0


def test_the_node_is_bounded() -> None:
    waiting = Turns()
    for n in range(40):
        prove(waiting, f"https://h{n}.test/")
    for n in range(40):
        fill(waiting, 10, f"https://h{n}.test/", hook=n)
    taken = all_turns(waiting)
    assert len(taken) == PER_NODE
    waiting.done(taken[0], FAST)
    assert len(all_turns(waiting)) == 1


@pytest.mark.parametrize("kind", [FRESH, SLOW])
def test_endpoints_that_are_slow_or_unknown_leave_room_for_proven_ones(kind: int) -> None:
    waiting = Turns()
    if kind == SLOW:
        for n in range(300):
            prove(waiting, f"https://dead{n}.test/", LONG)
    prove(waiting, "https://live.test/")
    for n in range(300):
        fill(waiting, 10, f"https://dead{n}.test/", hook=n)
    assert Counter(turn.kind for turn in all_turns(waiting)) == {kind: SHARE[kind]}
    fill(waiting, 5, "https://live.test/", hook=1000)
    assert [turn.post.hook.id for turn in all_turns(waiting)] == [1000] * 5
    assert SHARE[FRESH] + SHARE[SLOW] < PER_NODE


def test_a_slow_endpoint_is_proven_again_by_one_fast_answer_even_while_it_queues() -> None:
    waiting = Turns()
    prove(waiting, "https://a.test/", LONG)
    fill(waiting, 3, "https://a.test/")
    first, second = waiting.next(), waiting.next()
    assert first is not None
    assert second is not None
    assert (first.kind, second.kind) == (SLOW, SLOW)
    waiting.done(first, FAST)  # the third still stands in the ring of the slow ones
    third = waiting.next()
    assert third is not None
    assert third.kind == PROVEN
    waiting.done(second, LONG)
    waiting.done(third, FAST)
    assert waiting.next() is None


def test_one_endpoint_never_takes_all_memory_and_the_crowded_ones_are_known() -> None:
    waiting, held = Turns(), 0
    while waiting.push(post(held, "https://a.test/"), held):
        held += 1
    assert held == turns.MOST_UNPROVEN // 5
    assert waiting.crowded(held) == {1}
    assert waiting.push(post(10**6, "https://b.test/", 2), held)
    assert waiting.crowded(0) == frozenset()


def test_however_many_endpoints_clog_the_memory_a_proven_one_finds_room() -> None:
    waiting, held = Turns(), 0
    prove(waiting, "https://live.test/")
    for n in range(15_000):
        while waiting.push(post(held, f"https://dead{n}.test/", n), held):
            held += 1
    assert held == turns.MOST_UNPROVEN
    assert not waiting.push(post(10**6, "https://new.test/", 10**6), held)
    for n in range(100):
        assert waiting.push(post(10**6 + n, "https://live.test/", 10**6), held + n)
    assert not waiting.push(post(10**7, "https://live.test/", 10**6), turns.MOST_WAITING)


def test_endpoints_are_forgotten_when_too_many_are_known_but_not_those_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "MOST_ENDPOINTS", 3)
    waiting = Turns()
    fill(waiting, 2, "https://busy.test/")
    busy = waiting.next()
    assert busy is not None
    for n in range(10):
        assert waiting.push(post(10, f"https://h{n}.test/", n + 2), 0)
        [turn] = all_turns(waiting)
        waiting.done(turn, FAST)
    assert len(waiting._endpoints) <= 4
    waiting.done(busy, FAST)
    assert [turn.post.hook.id for turn in all_turns(waiting)] == [1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.test/x?y", "https://A.test:443"),
        ("http://a.test", "http://a.test:80/z"),
        ("http://[::1]:8080/", "http://[::1]:8080/x"),
    ],
)
def test_an_origin_is_one_however_it_is_spelled(one: str, other: str) -> None:
    assert origin(one) == origin(other)


@pytest.mark.parametrize("url", ["http://a.test:99999/", "ftp://a.test", "", "http://[::1"])
def test_what_is_no_url_is_an_endpoint_of_its_own(url: str) -> None:
    assert origin(url) == url


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("push"), st.integers(0, 15)),
        st.tuples(st.just("next"), st.just(0)),
        st.tuples(st.just("done"), st.sampled_from([0, 1])),
    ),
    max_size=300,
)


@given(STEPS)
def test_bounds_hold_and_every_delivery_gets_its_turn_once(steps: list[tuple[str, int]]) -> None:
    waiting, under_way, pushed, got = Turns(), deque[Turn](), 0, Counter[int]()

    def take() -> None:
        turn = waiting.next()
        if turn is not None:
            got[turn.post.id] += 1
            under_way.append(turn)

    for step, arg in steps:
        if step == "push":
            pushed += waiting.push(post(pushed, f"https://h{arg // 2}.test/", arg), 0)
        elif step == "next":
            take()
        elif under_way:
            waiting.done(under_way.popleft(), LONG if arg else FAST)
        active = Counter(id(turn.endpoint) for turn in under_way)
        assert max(active.values(), default=0) <= PER_ENDPOINT
        assert len(under_way) <= PER_NODE
    for _ in range(2 * pushed + len(under_way)):
        take()
        if under_way:
            waiting.done(under_way.popleft(), FAST)
    assert got == dict.fromkeys(range(pushed), 1)
