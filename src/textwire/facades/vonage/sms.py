"""Sending: `/sms/json` and `/sms/xml`, and the short codes of the USA, which no account here has."""

from collections.abc import Awaitable, Callable
from typing import Final

from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.store import numbers
from textwire.store.engines.engine import Fatal, Unavailable
from textwire.switch.callbacks import RECEIPTS, STATUSES
from textwire.switch.desk import Desk
from textwire.switch.draft import SendRequest
from textwire.web.decode import BadBody
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Handler, Route

from . import answers, parameters, submission
from .account.countries import is_assigned
from .addresses import bare
from .answers import Element
from .gate import Gate, Proved
from .parameters import Parameters
from .statuses import Failed, failed, invalid, pretended, throttled
from .submission import Submission
from .taking import Taking
from .wire import NETWORK

SUSPENDED: Final = "suspended"
TOO_MANY: Final = 429
LONGEST_NOTED: Final = 32  # characters of an address of a refused request
UNTOLD: Final = frozenset(("internal", "signature"))  # no fault of the request, and one that was taken before

Work = Callable[[Request, Parameters], Awaitable[list[Element]]]


class Sending:
    """The handlers."""

    def __init__(self, desk: Desk, gate: Gate, taking: Taking) -> None:
        self._desk, self._gate, self._taking = desk, gate, taking

    def routes(self) -> tuple[Route, ...]:
        """A GET sends as a POST does, and so does a HEAD, which goes where a GET goes."""
        send, campaign = _answered(self._send), _answered(self._campaign)
        return tuple(
            Route(method, pattern, handler)
            for method in ("GET", "POST")
            for pattern, handler in (
                ("/sms/{form:json|xml}", send),
                ("/sc/us/{campaign:2fa|alert|marketing}/{form:json|xml}", campaign),
            )
        )

    async def _send(self, request: Request, given: Parameters) -> list[Element]:
        proved = await self._gate.proved(request, given)
        try:
            return await self._taken(proved, given)
        except Failed as failure:
            if failure.why not in UNTOLD:
                self._note(proved, given, failure)
            raise

    def _note(self, proved: Proved, given: Parameters, failure: Failed) -> None:
        """What was refused can be looked up for some days: /search/rejections."""
        sender, to = (bare(given.get(name, ""))[:LONGEST_NOTED] for name in ("from", "to"))
        self._desk.rejections.note(proved.caller.account, sender, to, failure.status, failure.text)

    async def _taken(self, proved: Proved, given: Parameters) -> list[Element]:
        wanted = submission.read(given, self._desk.real_now() // 1_000_000)
        await self._expect(proved, wanted)
        if not is_assigned(wanted.to):
            raise Failed("unroutable", to=wanted.to)
        status = self._pretended(proved)
        if wait := self._taking.wait(proved):
            raise throttled(wait, to=wanted.to, network=NETWORK)
        try:
            accepted = await self._desk.accept(_request(proved, wanted, pretend=bool(status)))
        except Refusal as refusal:
            raise await self._reworded(refusal, proved.caller.account, wanted) from None
        if accepted.replay is not None:
            raise Failed("signature")
        if status:
            raise pretended(status, wanted.to, NETWORK)
        [message] = [one for one in accepted.messages if isinstance(one, Message)]
        return answers.taken(message, accepted.balance, wanted.account_ref)

    def _pretended(self, proved: Proved) -> str:
        """The status that the account wants to see; once a real carrier is armed, none."""
        return proved.settings.simulated_status if self._desk.simulated() else ""

    async def _campaign(self, request: Request, given: Parameters) -> list[Element]:
        await self._gate.proved(request, given)
        raise Failed("campaign")

    async def _expect(self, proved: Proved, wanted: Submission) -> None:
        """A place of the message's own must be one that we call, and the account be told of receipts at all."""
        if wanted.telling is None or not wanted.telling.url:
            return
        try:
            self._taking.judge(wanted.telling.url)
        except Refusal:
            raise Failed("callback") from None
        await self._taking.expect(proved, STATUSES if proved.settings.intermediate_receipts else RECEIPTS)

    async def _reworded(self, refusal: Refusal, account: int, wanted: Submission) -> Failed:
        if refusal.code == "sender_forbidden":
            own = await numbers.one(self._desk.store.engine, account, wanted.sender)
            if own is not None and own.state == SUSPENDED:
                return Failed("deactivated", to=wanted.to, network=NETWORK)
        return failed(refusal, to=wanted.to, network=NETWORK)


def _request(proved: Proved, wanted: Submission, *, pretend: bool) -> SendRequest:
    caller, content = proved.caller, wanted.content
    return SendRequest(
        account=caller.account, principal=caller.principal, rights="owned", sender=wanted.sender,
        recipients=(f"+{wanted.to}",), text=content.text, validity=wanted.ttl, correlator=wanted.client_ref,
        flash=wanted.flash, plus=False, idempotency=proved.once, unicode=content.unicode, octets=content.octets,
        telling=wanted.telling, pretend=pretend,
    )  # fmt: skip


def _answered(work: Work) -> Handler:
    """200 for every outcome, refusals too; 429 only for who floods us with wrong credentials."""

    async def handle(request: Request) -> Response:
        form = request.params["form"]
        try:
            return answers.answer(form, await work(request, await parameters.read(request)))
        except Failed as failure:
            return answers.answer(form, answers.refused(failure))
        except BadBody as error:
            return answers.answer(form, answers.refused(invalid(error.field or "request")))
        except Refusal as refusal:
            if refusal.after:
                wait = throttled(refusal.after * 1000)
                return answers.answer(form, answers.refused(wait), TOO_MANY, refusal.after)
            return answers.answer(form, answers.refused(failed(refusal)))
        except (Unavailable, Fatal):
            return answers.answer(form, answers.refused(Failed("internal")))

    return handle
