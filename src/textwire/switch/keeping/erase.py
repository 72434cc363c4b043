"""erase: an account forgets a number, step by step; a wish not to be texted is all that stays, as a digest."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from textwire.clock import Clock
from textwire.domain.ids import MAX_INT, Ids
from textwire.domain.message import FINAL, Message, State, move
from textwire.domain.refusal import Refusal
from textwire.store import (
    auto_answers,
    erasures,
    exchanges,
    messages,
    numbers,
    opt_outs,
    rejections,
    removal,
    workflows,
)
from textwire.store.audit import Chain, Deed
from textwire.store.committer import Unit
from textwire.store.erasures import PHASES, Erasure
from textwire.store.opt_outs import OptOut, Veil
from textwire.store.store import Store
from textwire.switch import following
from textwire.switch.book import Book
from textwire.switch.claim import close
from textwire.switch.filing import Filing

MOST: Final = 200  # messages of one step
MOST_ANSWERS: Final = 500  # of one step
MOST_BATCHES: Final = 5  # of one step, each of up to 10,000 recipients
AT_ONCE: Final = 100  # steps before the caller is answered; the rest is done behind them
ERASURES: Final = 20  # that are carried on at a time
BREATH: Final = 5_000_000  # µs to wait for what is with a carrier at this moment
REASON: Final = "erased"

# How a message ends that is not over: as the table of states has it.
_ENDS: Final[dict[State, State]] = {
    "scheduled": "canceled", "queued": "canceled", "sent": "expired", "ambiguous": "failed", "quarantined": "failed",
}  # fmt: skip


class Wish(msgspec.Struct, frozen=True):
    """An account wants to forget a number; `suppress`: and never to text it again, whatever it said."""

    account: int
    number: str
    suppress: bool
    by: str
    at: int


class Step(msgspec.Struct, frozen=True):
    """Carry an erasure on, at `now` (µs, message clock)."""

    erasure: int
    now: int


class Erasures:
    """The verbs, and the chore that carries on what could not be finished at once."""

    def __init__(
        self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int], veil: Veil, filing: Filing,
        carriers: Sequence[str], chain: Chain,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._filing = store, clock, filing
        self._unclean = False  # the engine's log may still have what was erased
        eraser = _Eraser(ids, real_now, veil, carriers, chain)
        self._write = Book({Wish: eraser.begin, Step: eraser.step})

    async def erase(self, account: int, number: str, *, suppress: bool = False, by: str = "") -> Erasure:
        """Forgets a number (E.164), mostly before this returns. Refusal own_number for one that the account has."""
        wish = Wish(account, number, suppress, by, self._clock.now())
        begun: Erasure = await self._store.write(self._write, wish)
        await self._filing.catch_up()
        return await self._carry_on(begun.id, AT_ONCE)

    async def held(self, account: int, number: str, *, before: int, limit: int) -> list[int]:
        """The messages of an account with a number, newest first."""
        await self._filing.catch_up()
        return await erasures.held(self._store.engine, account, number, before, limit)

    async def chore(self) -> bool:
        """Carries on what is due; whether there is more to do."""
        more = False
        if self._unclean:
            await self._clean()
        for key in await erasures.due(self._store.engine, self._clock.now(), ERASURES):
            await self._filing.catch_up()
            found = await self._carry_on(key, AT_ONCE)
            more = more or (found.state == "running" and found.due_at <= self._clock.now())
        return more

    async def _carry_on(self, key: int, most: int) -> Erasure:
        for _ in range(most):
            found: Erasure = await self._store.write(self._write, Step(key, self._clock.now()))
            if found.state == "done":
                await self._clean()
                break
            if found.due_at > self._clock.now():
                break
        return found

    async def _clean(self) -> None:
        self._unclean = not await self._store.engine.forget()


class _Eraser:
    """What steps do, inside their transaction."""

    def __init__(
        self, ids: Ids, real_now: Callable[[], int], veil: Veil, carriers: Sequence[str], chain: Chain
    ) -> None:
        self._ids, self._real_now, self._veil, self._carriers = ids, real_now, veil, carriers
        self._chain = chain
        self._phases = {
            "messages": self._messages, "answers": self._answers, "batches": self._batches,
            "workflows": self._workflows, "rest": self._rest,
        }  # fmt: skip

    async def begin(self, unit: Unit, wish: Wish) -> Erasure:
        owner, _ = (await numbers.owners(unit, [wish.number])).get(wish.number, (0, 0))
        if owner == wish.account:
            raise Refusal("own_number", field="number")
        if wish.suppress:
            await opt_outs.add(unit, wish.account, [OptOut(wish.number, "erasure", wish.at)])
        begun = Erasure(
            id=self._ids.take(self._real_now()), account=wish.account, number=wish.number,
            digest=self._veil(wish.account, wish.number), state="running", phase=PHASES[0], cursor="", messages=0,
            canceled=0, requested_by=wish.by, due_at=wish.at, created_at=wish.at, finished_at=0,
        )  # fmt: skip
        await erasures.insert(unit, begun)
        # Not of whom: the audit is not forgotten.
        told = msgspec.json.encode({"suppress": wish.suppress}).decode()
        deed = Deed(wish.account, self._real_now(), wish.by, "number.erased", str(begun.id), told)
        await self._chain.append(unit, [deed])
        return begun

    async def step(self, unit: Unit, step: Step) -> Erasure:
        found = await erasures.locked(unit, step.erasure)
        if found is None:
            raise Refusal("not_found")
        if found.state == "done" or found.due_at > step.now:
            return found  # another node was faster
        after = await self._phases[found.phase](unit, found, step.now)
        await erasures.save(unit, after)
        return after

    async def _messages(self, unit: Unit, e: Erasure, now: int) -> Erasure:
        """The cursor is the identifier before which to go on, and how many had to be left since the newest."""
        before, left = (int(part) for part in (e.cursor or f"{e.id} 0").split())
        found = await messages.locked(unit, await erasures.filed(unit, e.account, e.number, before, MOST))
        ending = [_end(m, now) for m in found.values() if m.state in _ENDS]
        await close(unit, ending, now, self._ids, self._real_now())
        over = [m for m in found.values() if m.state in FINAL] + ending
        await removal.remove(unit, [(m.id, m.total) for m in over])
        left += len(found) - len(over)
        counted = replace(e, messages=e.messages + len(over), canceled=e.canceled + len(ending))
        if len(found) == MOST:
            return replace(counted, cursor=f"{min(found)} {left}")
        if left:
            return replace(counted, cursor="", due_at=now + BREATH)
        return _next(counted)

    async def _answers(self, unit: Unit, e: Erasure, now: int) -> Erasure:
        scope, key = msgspec.json.decode(e.cursor, type=tuple[str, str]) if e.cursor else ("", "")
        rows = await erasures.answers(unit, e.account, (scope, key), MOST_ANSWERS)
        digits = e.number[1:]
        await erasures.forget_answers(unit, e.account, [row[:2] for row in rows if digits in row[2]])
        if len(rows) < MOST_ANSWERS:
            return _next(e)
        return replace(e, cursor=msgspec.json.encode(rows[-1][:2]).decode())

    async def _batches(self, unit: Unit, e: Erasure, now: int) -> Erasure:
        ids = await erasures.batches(unit, e.account, int(e.cursor or 0), MOST_BATCHES)
        await erasures.forget_items(unit, ids, e.number)
        return replace(e, cursor=str(ids[-1])) if len(ids) == MOST_BATCHES else _next(e)

    async def _workflows(self, unit: Unit, e: Erasure, now: int) -> Erasure:
        """Nothing follows any more that was for the number."""
        found = await workflows.of_account(unit, e.account, int(e.cursor or 0), MOST_ANSWERS)
        left = [(w, following.without(w, e.number)) for w in found]
        changed = [(w.id, w.message, kept) for w, kept in left if kept != w.steps]
        await workflows.move(unit, [one for one in changed if one[2]])
        await workflows.delete(unit, [key for key, _, kept in changed if not kept])
        return replace(e, cursor=str(found[-1].id)) if len(found) == MOST_ANSWERS else _next(e)

    async def _rest(self, unit: Unit, e: Erasure, now: int) -> Erasure:
        events = await erasures.opt_events(unit, e.account, int(e.cursor or 0), MOST_ANSWERS)
        await erasures.blank_events(unit, [number for number, data in events if e.number[1:] in data])
        if len(events) == MOST_ANSWERS:
            return replace(e, cursor=str(events[-1][0]))
        await erasures.forget_parts(unit, self._carriers, e.account, e.number)
        await erasures.forget_codes(unit, e.account, e.number)
        await erasures.forget_conversations(unit, e.account, e.number)
        await auto_answers.forget(unit, [(e.account, e.number)])
        await rejections.erase(unit, e.account, e.number[1:])
        await exchanges.forget(unit, e.account, e.number)
        if (said := await opt_outs.known(unit, e.account, e.number)) is not None:
            await opt_outs.suppress(unit, e.account, e.digest, said.source, said.at)
            await opt_outs.forget(unit, e.account, e.number)
        return replace(e, number="", state="done", cursor="", finished_at=now, due_at=MAX_INT)


def _end(message: Message, now: int) -> Message:
    state = move(message.state, _ENDS[message.state])
    return replace(message, state=state, reason=REASON, sequence=message.sequence + 1, updated_at=now)


def _next(e: Erasure) -> Erasure:
    return replace(e, phase=PHASES[PHASES.index(e.phase) + 1], cursor="")
