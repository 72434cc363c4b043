"""once: any creating verb under its caller's key: what it made is kept with its answer, and given again for 24 hours.

A verb's method takes `keep: Keep | None = None` and writes with `once.write(store, verb, item, keep)` in the place
of `store.write(verb, item)`. Nothing else of the verb changes: under a key that was answered before, `Replayed`
is raised out of that method, or Refusal("idempotency_mismatch") when the request is another one.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from textwire.domain.refusal import Refusal
from textwire.store import idempotency
from textwire.store.committer import Unit, Verb
from textwire.store.engines.engine import Engine
from textwire.store.idempotency import Answered, Key
from textwire.store.store import Store


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """A caller's key, and how the answer is worded that is kept: `word` makes status and text of the outcome.

    It is called inside the transaction (in the writer's thread), and again if the transaction is.
    """

    account: int
    scope: str
    key: str
    digest: str
    at: int
    word: Callable[[Any], tuple[int, str]]

    @property
    def name(self) -> Key:
        """Under what the answer is kept."""
        return self.account, self.scope, self.key


class Replayed(Exception):
    """Nothing was made, because it was before: `answered` is what the first request was told."""

    def __init__(self, answered: Answered) -> None:
        super().__init__(answered.scope)
        self.answered = answered


class _Kept(msgspec.Struct, frozen=True):
    verb: Verb[Any, Any]
    item: Any
    keep: Keep


async def write(store: Store, verb: Verb[Any, Any], item: Any, keep: Keep | None = None) -> Any:
    """One item through `verb`, under a key if there is one. Raises what `Store.write` does, and Replayed."""
    if keep is None:
        return await store.write(verb, item)
    return await store.write(_ONCE, _Kept(verb, item, keep))


async def earlier(engine: Engine, keep: Keep) -> None:
    """Raises Replayed, or the Refusal, when the key was answered already; whatever else has changed since then."""
    found = await idempotency.answered(engine, keep.name, keep.at)
    if found is not None:
        raise _told(keep, found)


class Once:
    """The write: it runs each item through its own verb, in one go with the other new items of that verb."""

    async def run(self, unit: Unit, items: list[_Kept]) -> list[Any]:
        known = await idempotency.find(unit, [one.keep.name for one in items], items[0].keep.at)
        before = set(known)
        outcomes: list[Any] = [None] * len(items)
        waiting = list(range(len(items)))
        while waiting:
            # Of two with one key the second waits: it is answered as the first, unless that was refused.
            turn = list({items[n].keep.name: n for n in reversed(waiting)}.values())
            for n in turn:
                if (found := known.get(items[n].keep.name)) is not None:
                    outcomes[n] = _told(items[n].keep, found)
            new = sorted(n for n in turn if outcomes[n] is None)
            for verb, places in _by_verb(items, new):
                made = await verb.run(unit, [items[n].item for n in places])
                for n, outcome in zip(places, made, strict=True):
                    outcomes[n] = outcome
                    if not isinstance(outcome, Exception):
                        known[items[n].keep.name] = _answer(items[n].keep, outcome)
            done = set(turn)
            waiting = [n for n in waiting if n not in done]
        await idempotency.insert(unit, [answer for name, answer in known.items() if name not in before])
        return outcomes


def _by_verb(items: list[_Kept], places: list[int]) -> Iterator[tuple[Verb[Any, Any], list[int]]]:
    groups: dict[int, list[int]] = {}
    for n in places:
        groups.setdefault(id(items[n].verb), []).append(n)
    for group in groups.values():
        yield items[group[0]].verb, group


def _answer(keep: Keep, outcome: Any) -> Answered:
    status, text = keep.word(outcome)
    return Answered(*keep.name, keep.digest, status, text, keep.at)


def _told(keep: Keep, found: Answered) -> Exception:
    return Replayed(found) if found.digest == keep.digest else Refusal("idempotency_mismatch")


_ONCE = Once()
