"""All handsets: which exist, how they are set, and how many the network remembers."""

from collections import OrderedDict
from collections.abc import Callable
from typing import get_args

import msgspec

from textwire.simnet.exchange import Concat, Unusable
from textwire.simnet.handset import Direction, Handset, PhoneView, Shown
from textwire.simnet.manners import PhoneState, manner_of

MAX_PHONES = 10_000
"""So many handsets are remembered; the least recently used is forgotten, and back to its birth when it returns."""

MAX_SETTINGS = 10_000
"""So many settings made by hand are remembered, apart from the handsets, so that traffic does not undo them."""

MAX_KEPT = 200_000
"""So many messages and parts are remembered over all handsets."""

MAX_TEMPLATE = 1000
"""Characters in an answer's template."""

ECHO = "echo: {text}"


class _Setting(msgspec.Struct, frozen=True):
    state: PhoneState
    answer: str | None


class Phones:
    """The handsets of the network, born as soon as one is texted or used.

    `on_message` is called with the number whenever its handset shows one more message.
    """

    def __init__(self, on_message: Callable[[str], None] | None = None) -> None:
        self.on_message = on_message
        self._phones: OrderedDict[str, Handset] = OrderedDict()
        self._settings: OrderedDict[str, _Setting] = OrderedDict()
        self._kept = 0
        self._last_id = 0

    def state_of(self, number: str) -> PhoneState:
        """As set by hand, otherwise as the number's manner has it."""
        setting = self._settings.get(number)
        return manner_of(number).state if setting is None else setting.state

    def configure(self, number: str, state: PhoneState, answer: str | None) -> None:
        """Set a handset by hand. Unusable when that makes no sense; `answer` None means an echo."""
        if state not in get_args(PhoneState):
            raise Unusable("state", f"must be one of {', '.join(get_args(PhoneState))}")
        if answer is not None and state != "answering":
            raise Unusable("answer", "only an answering handset has an answer")
        if answer is not None and not 1 <= len(answer) <= MAX_TEMPLATE:
            raise Unusable("answer", f"must have 1 to {MAX_TEMPLATE} characters")
        self._settings[number] = _Setting(state, answer)
        self._settings.move_to_end(number)
        if len(self._settings) > MAX_SETTINGS:
            self._settings.popitem(last=False)

    def answer_to(self, number: str, text: str) -> str:
        """What an answering handset replies to a text."""
        return (self._template(number) or ECHO).replace("{text}", text)

    def show(self, number: str, direction: Direction, other: str, text: str, at: int) -> Shown:
        """Put a whole message on a handset's screen."""
        handset = self._touch(number)
        return self._show(handset, number, direction, other, text, at)

    def receive(self, number: str, other: str, text: str, concat: Concat | None, at: int) -> str | None:
        """Hand a segment to a handset: the text it now shows, None while parts are missing."""
        handset = self._touch(number)
        whole: str | None = text
        if concat is not None:
            before = handset.size
            whole = handset.assemble(other, text, concat)
            self._kept += handset.size - before
        if whole is None:
            self._trim()
        else:
            self._show(handset, number, "in", other, whole, at)
        return whole

    def view(self, number: str) -> PhoneView:
        """A handset as one sees it now; looking at it does not bring it into being."""
        state = self.state_of(number)
        answer = (self._template(number) or ECHO) if state == "answering" else None
        return PhoneView(number=number, state=state, answer=answer, messages=self.messages(number))

    def messages(self, number: str, after: int = 0) -> tuple[Shown, ...]:
        """Those with a higher id, oldest first."""
        handset = self._phones.get(number)
        if handset is None:
            return ()
        self._phones.move_to_end(number)
        return tuple(message for message in handset.messages if message.id > after)

    def clear(self) -> None:
        """Forget every handset and setting; ids go on, so that nobody's place in a list is lost."""
        self._phones.clear()
        self._settings.clear()
        self._kept = 0

    def _template(self, number: str) -> str | None:
        setting = self._settings.get(number)
        return None if setting is None else setting.answer

    def _touch(self, number: str) -> Handset:
        handset = self._phones.get(number)
        if handset is None:
            handset = self._phones[number] = Handset()
        else:
            self._phones.move_to_end(number)
        return handset

    def _show(
        self, handset: Handset, number: str, direction: Direction, other: str, text: str, at: int
    ) -> Shown:
        # Ids follow the clock so that a reader's place stays right when the program restarts without memory.
        self._last_id = max(self._last_id + 1, at)
        shown = Shown(id=self._last_id, direction=direction, other=other, text=text, at=at)
        before = len(handset.messages)
        handset.show(shown)
        self._kept += len(handset.messages) - before
        self._trim()
        if self.on_message is not None:
            self.on_message(number)
        return shown

    def _trim(self) -> None:
        while len(self._phones) > MAX_PHONES or self._kept > MAX_KEPT:
            _, handset = self._phones.popitem(last=False)
            self._kept -= handset.size
