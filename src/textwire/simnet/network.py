"""The simulated phone network: it takes segments, moves time forward, and says what came of them."""

from collections.abc import Callable

from textwire.simnet import exchange
from textwire.simnet.delivery import MAX_TEXT, Delivery
from textwire.simnet.exchange import LOST, Answer, Busy, Effect, Refused, Submission, Taken, Texted, Unusable
from textwire.simnet.handset import PhoneView, Shown
from textwire.simnet.manners import MILLISECOND, PLAIN, SECOND, Manner, PhoneState, manner_of
from textwire.simnet.phones import Phones
from textwire.simnet.sky import Sky
from textwire.simnet.weather import Weather, check

MAX_PENDING = 1_000_000
"""So many things may be under way before submissions are put off; each one taken brings at most two more."""

SLICE = 2_000
"""So many things happen in one `advance`, so that a leap of the clock does not stall the loop."""

MAX_OCTETS = 140
"""User data of one segment: 3GPP TS 23.040 §9.2.3.16."""

BUSY_US = SECOND
"""When to try again after the network put a submission off."""

RECEIPT_LEAD_US = 50 * MILLISECOND
"""How long before its submission's answer a hasty receipt is there."""


class Network:
    """A pure model: time comes in with every call (microseconds UTC), effects come out of `advance`.

    The same seed and the same calls bring the same results. `on_message` is called with a handset's number for
    each message it shows, inside the call that made it so; it must not call back.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        on_message: Callable[[str], None] | None = None,
        max_pending: int = MAX_PENDING,
    ) -> None:
        self._birth = check(Weather(seed=seed))
        self._phones = Phones(on_message)
        self._delivery = Delivery(Sky(self._birth), self._phones)
        self._timeline = self._delivery.timeline
        self._max_pending = max_pending

    # The customer's side

    def submit(self, submission: Submission, now: int) -> Answer:
        """Hand over one segment."""
        sky = self._delivery.sky
        respond_at = now + sky.latency()
        manner = _manner(submission)
        refusal = self._refusal(submission, manner, now, respond_at)
        if sky.loses_response():
            if refusal is None and sky.coin():
                self._delivery.launch(_ref(submission), submission, manner, respond_at)
            return LOST
        if refusal is not None:
            return refusal
        ref = _ref(submission)
        arrives_at = self._delivery.launch(ref, submission, manner, respond_at)
        return Taken(ref, arrives_at + RECEIPT_LEAD_US if manner.receipt_first else respond_at)

    def adopt(self, ref: str, submission: Submission, now: int) -> bool:
        """Carry on with a segment that was taken before a restart; False when too much is under way.

        The handset (or the owner) gets it again, and an answering handset answers again: see `Texted.ref`.
        """
        if self._crowded():
            return False
        self._delivery.launch(ref, submission, _manner(submission), now)
        return True

    def due(self) -> int | None:
        """When `advance` has something to do next."""
        return self._timeline.due()

    def advance(self, now: int, limit: int = SLICE) -> list[Effect]:
        """Let what is due happen, and say what of it is felt outside, in order of time.

        At most `limit` things happen; while `due()` is not later than `now` there are more.
        """
        return self._delivery.advance(now, limit)

    def redirect(self, texted: Texted, now: int) -> None:
        """A `Texted` whose recipient nobody owns after all goes to that number's handset."""
        text = "".join(segment.text or segment.header + segment.data for segment in texted.segments)
        self._delivery.carry(texted.sender, texted.recipient, text, now, origin="answer")

    # The people's side

    def text(self, number: str, to: str, text: str, now: int, owned: bool) -> Shown:
        """The person with handset `number` texts `to`, which an account owns or another handset has.

        Unusable when the text is empty or too long, the handset cannot send, or too much is under way.
        """
        if not 1 <= len(text) <= MAX_TEXT:
            raise Unusable("text", f"must have 1 to {MAX_TEXT} characters")
        self._must_send(number, "text")
        return self._delivery.write(number, to, text, now, owned=owned)

    def octets(self, number: str, to: str, header: str, data: str, now: int, owned: bool) -> Shown:
        """The same with what is no text: user data header and data as hex, 140 octets together at most.

        Unusable too when the header's first octet is not the length of its rest.
        """
        try:
            head, body = bytes.fromhex(header), bytes.fromhex(data)
        except ValueError:
            raise Unusable("data", "data and udh must be hex digits, two for each octet") from None
        if head and head[0] != len(head) - 1:
            raise Unusable("udh", "must begin with the number of octets that follow")
        if not body or len(head) + len(body) > MAX_OCTETS:
            raise Unusable("data", f"must have 1 to {MAX_OCTETS} octets, together with the udh")
        self._must_send(number, "data")
        return self._delivery.write_octets(number, to, head.hex(), body.hex(), now, owned=owned)

    def phone(self, number: str) -> PhoneView:
        """What one sees on a handset."""
        return self._phones.view(number)

    def messages(self, number: str, after: int = 0) -> tuple[Shown, ...]:
        """What a handset shows with ids above `after`, oldest first."""
        return self._phones.messages(number, after)

    def set_phone(self, number: str, *, state: PhoneState, now: int, answer: str | None = None) -> PhoneView:
        """Set a handset by hand, which goes before its number's manner. What was held for it sets out again.

        `answer` is the template of an answering one (None: an echo). Unusable names the field at fault.
        """
        self._phones.configure(number, state, answer)
        if state != "off":
            self._delivery.release(number, now)
        return self._phones.view(number)

    # The operator's side

    @property
    def weather(self) -> Weather:
        """As set."""
        return self._delivery.sky.weather

    def set_weather(self, weather: Weather) -> None:
        """Change the weather and take up new dice from its seed. Unusable names the field at fault."""
        self._delivery.sky = Sky(check(weather))

    @property
    def pending(self) -> int:
        """How many things are still to happen."""
        return len(self._timeline)

    def reset(self, now: int) -> None:
        """Forget handsets, settings and weather.

        So that nothing hangs, what is on its way to a handset ends undelivered, and what has left one still comes.
        """
        self._phones.clear()
        self._delivery.sky = Sky(self._birth)
        self._delivery.strand(now)

    # Inside

    def _crowded(self) -> bool:
        return len(self._timeline) >= self._max_pending

    def _must_send(self, number: str, field: str) -> None:
        if self._phones.state_of(number) in ("off", "gone"):
            raise Unusable("state", "this handset cannot send: it is off or unknown to the network")
        if self._crowded():
            raise Unusable(field, "the network has too much under way")

    def _refusal(self, submission: Submission, manner: Manner, now: int, respond_at: int) -> Answer | None:
        if self._crowded():
            return Busy(after_us=BUSY_US, respond_at=respond_at, code=exchange.NETWORK_FULL)
        after_us = self._delivery.sky.busy_for(now)
        if not after_us and submission.attempt <= manner.busy_attempts:
            after_us = BUSY_US
        if after_us:
            return Busy(after_us=after_us, respond_at=respond_at, code=exchange.THROTTLED)
        return Refused(manner.refused, respond_at) if manner.refused else None


def _ref(submission: Submission) -> str:
    # From the segment and the attempt, not from a counter: it must not come again after a restart.
    return f"sim-{submission.key:x}-{submission.attempt}"


def _manner(submission: Submission) -> Manner:
    # A number's ending means something only while nobody owns the number.
    return PLAIN if submission.owned else manner_of(submission.recipient)
