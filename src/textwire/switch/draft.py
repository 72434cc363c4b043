"""From what a facade asks for to drafts: addresses, times, segments and price, without a store."""

from collections.abc import Sequence

import msgspec

from textwire.domain.account import DEFAULTS, Settings
from textwire.domain.address import BadAddress, parse_recipient, parse_sender
from textwire.domain.ids import COUNTER_BITS, COUNTERS, NODE_BITS, Ids
from textwire.domain.message import Draft, OnAmbiguous, Rights, State, Telling
from textwire.domain.refusal import Refusal
from textwire.text.encoding import UCS2
from textwire.text.segments import TooLong, cut, cut_as

from . import retry
from .consent.heed import SHORT
from .judge import Idempotency
from .prices import Prices
from .quiet.nights import REASON, Nights
from .routing import Routing

MOST_SEGMENTS = 255
DEFAULT_SENDER = "default"
OCTETS = "octets"  # the encoding of what is no text: each segment is the hex of its user data


class SendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a facade asks for. Fields of a Refusal are named as here, for the facade to translate.

    `on_ambiguous` None: as the account has set it. `sender` None or "default": the principal's default number. `send_at` 0: now (µs, message clock); `validity`
    in µs from the time to send. `whole`: one bad recipient refuses all of them. `plus`: an international number
    has to be written with a + (or a scheme), so that bare digits are a national form. `unicode`: UCS-2, though the
    text may not need it. `octets`: what each segment holds, header included, as hex; `text` is then all of it.
    `pretend`: refuse what would be refused, and let nothing happen of the rest.
    `failover`: what goes out, one after the other, when the message before it has failed; one recipient each.
    """

    account: int
    principal: int
    rights: Rights
    sender: str | None
    recipients: tuple[str, ...]
    text: str
    send_at: int = 0
    validity: int = retry.VALIDITY
    correlator: str = ""
    klass: str = ""
    on_ambiguous: OnAmbiguous | None = None
    flash: bool = False
    whole: bool = True
    plus: bool = True
    idempotency: Idempotency | None = None
    unicode: bool = False
    octets: tuple[str, ...] = ()
    telling: Telling | None = None
    pretend: bool = False
    failover: tuple["SendRequest", ...] = ()


class Drafter:
    """Makes drafts of requests. Raises Refusal and has then changed nothing."""

    def __init__(
        self, ids: Ids, routing: Routing, prices: Prices, country: str, nights: Nights | None = None
    ) -> None:
        self._ids, self._routing, self._prices, self._country = ids, routing, prices, country
        self._nights = nights or Nights()

    def drafts(
        self, request: SendRequest, now: int, real_now: int, settings: Settings = DEFAULTS
    ) -> tuple[Draft, ...]:
        """One draft per recipient, each born with its intent if a slot of its carrier was free.

        Whoever calls gives the slots of those back that are not written. `settings` are the account's.
        """
        country = settings.country or self._country
        sender = self._sender(request, country)
        recipients = self._recipients(request, country)
        send_at = _send_at(request.send_at, now)
        low, high = retry.VALIDITY_RANGE
        if not low <= request.validity <= high:
            raise Refusal("validity_out_of_range", f"The validity must be {low} to {high} µs.", "validity")
        encoding, parts = _pieces(request)
        first = self._ids.take(real_now, len(parts))
        batch = first if len(recipients) > 1 else 0
        return tuple(
            self._draft(
                request, first if n == 0 else self._ids.take(real_now, len(parts)), sender, recipient,
                encoding, parts, send_at, now, batch, request.on_ambiguous or settings.on_ambiguous,
            )
            for n, recipient in enumerate(recipients)
        )  # fmt: skip

    def answer(self, first: int, sender: str, recipient: str, text: str, now: int) -> Draft:
        """A queued draft of our own, free of charge, for a verb that answers inside its transaction.

        `first` is its identifier, drawn for SHORT segments at most.
        """
        encoding, parts = _cut(text)
        assert len(parts) <= SHORT, "our own answers are short"
        return Draft(
            id=first, sender=sender, recipient=recipient, text=text, encoding=encoding, parts=parts,
            reference=_reference(first, parts), price=0, birth="queued", carrier=self._routing.pick(recipient),
            send_at=0, due_at=now, valid_until=now + retry.VALIDITY, rights="system",
        )  # fmt: skip

    def _draft(
        self, request: SendRequest, first: int, sender: str, recipient: str, encoding: str,
        parts: tuple[str, ...], send_at: int, now: int, batch: int, on_ambiguous: OnAmbiguous,
    ) -> Draft:  # fmt: skip
        carrier, reason = self._routing.pick(recipient), ""
        if self._nights.of and (
            until := self._nights.until(request.account, request.klass, recipient, send_at or now)
        ):
            send_at, reason = until, REASON
        birth, due_at = self._birth(carrier, send_at, now)
        return Draft(
            id=first, sender=sender, recipient=recipient, text=request.text, encoding=encoding, parts=parts,
            reference=_reference(first, parts), price=self._prices.of(recipient), birth=birth, carrier=carrier,
            send_at=send_at, due_at=due_at, valid_until=(send_at or now) + request.validity,
            correlator=request.correlator, batch=batch, klass=request.klass, on_ambiguous=on_ambiguous,
            flash=int(request.flash), rights=request.rights, reason=reason, telling=request.telling,
        )  # fmt: skip

    def _birth(self, carrier: str, send_at: int, now: int) -> tuple[State, int]:
        if send_at:
            return "scheduled", send_at
        if self._routing.windows[carrier].reserve():
            return "submitting", now + retry.FLIGHT
        return "queued", now

    def _sender(self, request: SendRequest, country: str) -> str:
        if request.sender is None or request.sender in ("", DEFAULT_SENDER):
            return ""
        try:
            return parse_sender(request.sender, country, plus=request.plus).value
        except BadAddress as error:
            raise Refusal("invalid_address", str(error), "sender") from None

    def _recipients(self, request: SendRequest, country: str) -> list[str]:
        if not request.recipients:
            raise Refusal("missing_field", "At least one recipient is needed.", "recipient")
        return [self._recipient(raw, n, request, country) for n, raw in enumerate(request.recipients)]

    def _recipient(self, raw: str, n: int, request: SendRequest, country: str) -> str:
        try:
            return parse_recipient(raw, country, plus=request.plus).value
        except BadAddress as error:
            field = "recipient" if len(request.recipients) == 1 else f"recipient[{n}]"
            raise Refusal("invalid_address", str(error), field) from None


def _send_at(wanted: int, now: int) -> int:
    """The time to send, 0 for now; refuses the past and the far future."""
    if wanted == 0 or now - retry.PAST <= wanted <= now:
        return 0
    if not now < wanted <= now + retry.FURTHEST:
        raise Refusal(
            "send_at_out_of_range", "The time to send must lie within the next 366 days.", "send_at"
        )
    return wanted


def _pieces(request: SendRequest) -> tuple[str, tuple[str, ...]]:
    if request.octets:
        return OCTETS, request.octets
    return _cut(request.text, request.unicode)


def _cut(text: str, unicode: bool = False) -> tuple[str, tuple[str, ...]]:
    if not text:
        raise Refusal("text_empty", field="text")
    try:
        if unicode:
            pieces = cut_as(text, UCS2, MOST_SEGMENTS)
        else:
            pieces = cut(text, reference=0, max_segments=MOST_SEGMENTS)
    except TooLong:
        raise Refusal(
            "text_too_long", f"The text needs more than {MOST_SEGMENTS} segments.", "text"
        ) from None
    return str(pieces.encoding), pieces.parts


def _reference(message: int, parts: Sequence[str]) -> int:
    """The concatenation reference (8 bits, 3GPP TS 23.040 §9.2.3.24.1); 0 for a single segment.

    From the millisecond and the counter of the identifier: long texts close together differ, or a handset would
    mix their parts.
    """
    if len(parts) == 1:
        return 0
    return ((message >> NODE_BITS + COUNTER_BITS) + message % COUNTERS) & 0xFF
