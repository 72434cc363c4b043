"""/conversions/sms: what came of a message, as whoever sent it tells."""

# "Conversion API" (OpenAPI conversion 1.0.1): 402 where it is not enabled, 420 and 423 for parameters that cannot be;
# here 423 is for a message that the account has not sent.

from datetime import UTC, datetime
from typing import Final

from textwire.domain.refusal import Refusal
from textwire.switch.conversions import Told
from textwire.switch.desk import Desk
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .api import Api
from .parameters import Parameters, boolean
from .problems import Failing, Wrong
from .rest import Call
from .wire import part_of

NOT_ENABLED: Final = (
    402, "#forbidden", "Conversion has not been enabled for your account", "The account's setting `conversions` is off",
)  # fmt: skip
INVALID: Final = (
    "#3", "Invalid parameters. The value of one or more parameters is invalid.", "Check your parameters and try again.",
)  # fmt: skip
OK: Final = "OK"
LONGEST_SECONDS: Final = 11  # digits


class Conversions:
    """The handler."""

    def __init__(self, desk: Desk) -> None:
        self._conversions, self._clock = desk.conversions, desk.clock

    def routes(self, api: Api) -> tuple[Route, ...]:
        """The one path; there are no calls that the other could be about."""
        return (api.loose("POST", "/conversions/sms", self._tell),)

    async def _tell(self, call: Call) -> Response:
        if not call.settings.conversions:
            raise Failing(*NOT_ENABLED)
        given = call.given
        part, delivered = part_of(given.get("message-id", "")), boolean(given.get("delivered", ""))
        if not part:
            raise _invalid("message-id")
        if delivered is None:
            raise _invalid("delivered")
        told = Told(account=call.caller.account, part=part, delivered=delivered, at=self._at(given))
        try:
            await self._conversions.tell(told)
        except Refusal as refusal:
            if refusal.code == "not_found":
                raise Failing(423, *INVALID, Wrong("message-id", "There is no such message")) from None
            raise
        return _ok(call)

    def _at(self, given: Parameters) -> int:
        """When it was (µs); without that, now. In a signed request it may be the signature's, in seconds."""
        if not (written := given.get("timestamp")):
            return self._clock.now()
        if written.isascii() and written.isdigit() and len(written) <= LONGEST_SECONDS:
            return int(written) * 1_000_000
        try:
            at = datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            raise _invalid("timestamp") from None
        if at.year < 1970:  # a slip; and RFC 3339 wants four digits of a year
            raise _invalid("timestamp")
        return int(at.timestamp()) * 1_000_000


def _ok(call: Call) -> Response:
    """The bare word, as the platform has it; as JSON for who asks for that: npm's `nexmo` cannot read the other."""
    if "application/json" in (call.request.header(b"accept") or ""):
        return json_response(OK)
    return Response(200, OK.encode(), "text/plain;charset=UTF-8")


def _invalid(name: str) -> Failing:
    return Failing(420, *INVALID, Wrong(name, "is missing or invalid"))
