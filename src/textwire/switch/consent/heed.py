"""The part of the write of arrivals that heeds wishes: opt-outs, their events, and one answer each."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec

from textwire.domain.compliance import NO_KEYWORDS, Keywords
from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.message import Draft
from textwire.store import auto_answers, opt_outs, rulings
from textwire.store.committer import Unit
from textwire.store.messages import Birth, Inbound
from textwire.store.opt_outs import OptOut, Pair, Veil

from .spelling import spelled
from .wishes import Heard, answer, wish

MOST_ANSWERS: Final = 5
"""What a person is answered by us in a day: who texts more is a machine that answers ours."""
DAY: Final = 86_400_000_000  # µs
SHORT: Final = 4  # segments that an answer of our own may have

Draw = Callable[[int, str, str, str, int], Draft]
"""(identifier, sender, recipient, text, now) → the draft of an answer."""

_decode = msgspec.json.Decoder(Keywords).decode


class Writes(Protocol):
    """What writes births."""

    async def write(self, unit: Unit, births: Sequence[Birth]) -> None: ...


class Heed:
    """Does what people ask for, in the transaction that keeps their texts."""

    def __init__(self, ids: Ids, real_now: Callable[[], int], admit: Writes, draw: Draw, veil: Veil) -> None:
        self._ids, self._real_now, self._admit, self._draw, self._veil = ids, real_now, admit, draw, veil

    async def heed(self, unit: Unit, inbound: Sequence[Inbound]) -> None:
        """Names and short codes have no wishes: nobody is answered who cannot be texted. Nor has what is no text."""
        texts = [m for m in inbound if m.sender[0] == "+" and not m.encoding]
        wishes = await self._wishes(unit, [m for m in texts if spelled(m.text)])
        if not wishes:
            return
        pairs = list({(m.account, m.sender) for m, _, _ in wishes})
        out = await opt_outs.opted_out(unit, pairs, self._veil)
        counts = await auto_answers.counted(unit, pairs)
        answers: list[Birth] = []
        for message, heard, own in wishes:
            pair = (message.account, message.sender)
            if heard.wish != "help" and not await self._turn(unit, message, heard, out):
                continue  # it is so already, and was confirmed when it came to be so
            if self._may_answer(counts, pair, message.at):
                answers.append(self._answer(message, answer(heard, own)))
        await auto_answers.count(unit, [(*pair, *counts[pair]) for pair in pairs if pair in counts])
        await self._admit.write(unit, answers)

    async def _wishes(self, unit: Unit, inbound: Sequence[Inbound]) -> list[tuple[Inbound, Heard, Keywords]]:
        if not inbound:
            return []
        settled = await rulings.of(unit, "keywords", {m.account for m in inbound})
        own = {account: _decode(value) for account, value in settled.items()}
        asked = [(m, own.get(m.account, NO_KEYWORDS)) for m in inbound]
        return [(m, heard, k) for m, k in asked if (heard := wish(m.text, m.sender, k)) is not None]

    async def _turn(self, unit: Unit, message: Inbound, heard: Heard, out: set[Pair]) -> bool:
        """Opts a person out or in; whether that has changed anything. `out` moves with it."""
        pair, stop = (message.account, message.sender), heard.wish == "stop"
        if (pair in out) == stop:
            return False
        if stop:
            await opt_outs.add(unit, message.account, [OptOut(message.sender, "keyword", message.at)])
            out.add(pair)
        else:
            await opt_outs.remove(unit, [pair], self._veil)
            out.discard(pair)
        unit.events.append(turned(message.account, message.sender, stop, message.at, via=message.recipient))
        return True

    def _may_answer(self, counts: dict[Pair, tuple[int, int]], pair: Pair, now: int) -> bool:
        since, answers = counts.get(pair, (now, 0))
        if since < now - DAY:
            since, answers = now, 0
        counts[pair] = (since, min(answers + 1, MOST_ANSWERS))
        return answers < MOST_ANSWERS

    def _answer(self, message: Inbound, text: str) -> Birth:
        first = self._ids.take(self._real_now(), SHORT)
        draft = self._draw(first, message.recipient, message.sender, text, message.at)
        return Birth(message.account, message.principal, message.recipient, draft, message.at)


def turned(account: int, number: str, out: bool, at: int, **more: str) -> Event:
    """The event of an opt-out or of its end."""
    data = msgspec.json.encode({"number": number, **more}).decode()
    return Event(0, account, "optout.added" if out else "optout.removed", 0, 1, "", at, data)
