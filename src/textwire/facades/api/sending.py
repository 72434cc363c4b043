"""POST /api/messages: the form of a message to send, and its answer. The hottest path of the house."""

from typing import Annotated, Final, Literal

import msgspec

from textwire.domain.account import Caller
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.switch import retry
from textwire.switch.accept import message_of
from textwire.switch.desk import Desk
from textwire.switch.draft import SendRequest
from textwire.switch.judge import Idempotency, Taken
from textwire.web.decode import decode
from textwire.web.request import Request
from textwire.web.response import JSON, Response

from . import reading, views
from .reading import Moment, Span
from .repeating import Once, key_of

PATH: Final = "/api/messages"
MOST_RECIPIENTS: Final = 1000
BODY_LIMIT: Final = 1_048_576  # bytes: 1,000 recipients and 255 segments, escaped as JSON allows
CREATED: Final = 201


def said(description: str) -> msgspec.Meta:
    """What a field is for; it costs nothing when a body is read."""
    return msgspec.Meta(description=description)


class Form(
    msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True,
    rename={"sender": "from", "klass": "class"},
):  # fmt: skip
    """What a caller may say; null means the same as leaving a field out."""

    to: Annotated[str | list[str], said("A number, or a list of up to 1,000: one bad one refuses them all.")]
    text: Annotated[str, said("Up to 255 segments.")]
    sender: Annotated[
        str | None,
        said("A number that the account owns or has proved, a sender name, or `default`, as without it."),
    ] = None
    send_at: Annotated[
        Moment | None, said("When to send it: RFC 3339 or seconds since 1970, up to 366 days ahead.")
    ] = None
    validity: Annotated[
        Span | None, said("How long it may try: 1 second to 168 hours, 72 hours if you say nothing.")
    ] = None
    ref: Annotated[str, msgspec.Meta(max_length=255, description="Your own name for it.")] | None = None
    klass: (
        Annotated[
            str,
            msgspec.Meta(
                pattern="^[a-z0-9_-]{1,32}\\Z", description="What kind of message it is, say `otp`."
            ),
        ]
        | None
    ) = None
    on_ambiguous: Annotated[
        Literal["resend", "hold", "fail"] | None,
        said("What to do when nobody knows whether the network has it; `resend` if you say nothing."),
    ] = None
    flash: Annotated[bool | None, said("Show it at once and do not keep it.")] = None


class Sending:
    """The handler."""

    def __init__(self, desk: Desk) -> None:
        self._accept = desk.accept

    async def send(self, request: Request, caller: Caller) -> Response:
        """201 with the message, or with a batch for a list."""
        body = await reading.body(request)
        form = decode(body, Form)
        key = key_of(request)
        if key is None:
            accepted = await self._accept(wanted(form, caller, None))
            return Response(CREATED, _word(form, accepted.messages), JSON)
        once = Once(key, f"POST {PATH}", body, CREATED, lambda taken: _word(form, _born(taken)))
        accepted = await self._accept(wanted(form, caller, once.idempotency))
        return once.response(accepted.replay)


def wanted(form: Form, caller: Caller, idempotency: Idempotency | None) -> SendRequest:
    """What the verb takes. Raises Refusal for times that cannot be read and for too many recipients."""
    to = form.to
    if not isinstance(to, str) and len(to) > MOST_RECIPIENTS:
        raise Refusal("too_many_recipients", f"Name at most {MOST_RECIPIENTS} recipients.", "recipient")
    return SendRequest(
        account=caller.account,
        principal=caller.principal,
        rights="owned",
        sender=form.sender,
        recipients=(to,) if isinstance(to, str) else tuple(to),
        text=form.text,
        send_at=0 if form.send_at is None else reading.instant(form.send_at, "send_at"),
        validity=retry.VALIDITY if form.validity is None else reading.span(form.validity, "validity"),
        correlator=form.ref or "",
        klass=form.klass or "",
        on_ambiguous=form.on_ambiguous,
        flash=form.flash is True,
        idempotency=idempotency,
    )


def _born(taken: Taken) -> tuple[Message | Refusal, ...]:
    return tuple(b if isinstance(b, Refusal) else message_of(b) for b in taken.births)


_encode: Final = msgspec.json.Encoder().encode


def _word(form: Form, messages: tuple[Message | Refusal, ...]) -> bytes:
    """The answer's body. A request of ours is taken whole or not at all, so there is no refusal among them."""
    born = [views.message(m) for m in messages if isinstance(m, Message)]
    if isinstance(form.to, str):
        return _encode(born[0])
    return _encode(views.Batch(born[0].id, born))
