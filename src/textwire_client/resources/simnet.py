"""The simulated network, for the operator: handsets, weather and the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from textwire_client.calls import Resource, call, listing
from textwire_client.pages import Page
from textwire_client.request import Request, form, path
from textwire_client.values import Clock, Handset, PhoneMessage, Weather

D = TypeVar("D")
SIMNET = "simnet"


class Phones(Resource[D]):
    """`client.simnet.phones`"""

    @call
    def get(self, number: str) -> Request[Handset]:
        """The state of a handset, and what it shows."""
        return Request(method="GET", path=path(SIMNET, "phones", number), answer=Handset)

    @call
    def change(self, number: str, *, state: str | None = None, answer: str | None = None) -> Request[Handset]:
        """`on`, `off`, `full`, `gone` or `answering`; `answer` is what it replies, `{text}` being what it was sent."""
        body = form(state=state, answer=answer)
        return Request(
            method="PATCH", path=path(SIMNET, "phones", number), answer=Handset, body=body, repeatable=True
        )

    @call
    def text(
        self,
        number: str,
        to: str,
        text: str | None = None,
        *,
        data: str | None = None,
        udh: str | None = None,
    ) -> Request[PhoneMessage]:
        """The person with this handset texts; `data` (hex, with a header `udh`) in place of `text` is binary."""
        body = form(to=to, text=text, data=data, udh=udh)
        return Request(
            method="POST", path=path(SIMNET, "phones", number, "messages"), answer=PhoneMessage, body=body
        )

    @listing
    def messages(
        self, number: str, *, after: str | None = None, limit: int | None = None
    ) -> Request[Page[PhoneMessage]]:
        """What a handset shows, newest first; `after` an id, only what is later."""
        query = {"after": after, "limit": limit}
        where = path(SIMNET, "phones", number, "messages")
        return Request(method="GET", path=where, answer=Page[PhoneMessage], query=query)

    @call
    def wait(self, number: str, seconds: float, *, after: str | None = None) -> Request[Page[PhoneMessage]]:
        """What a handset shows after `after`, as soon as there is something: at most so many seconds, up to 30."""
        query = {"after": after, "wait": seconds, "limit": 100}
        where = path(SIMNET, "phones", number, "messages")
        return Request(method="GET", path=where, answer=Page[PhoneMessage], query=query, patience=seconds)


class MessageClock(Resource[D]):
    """`client.simnet.clock`"""

    @call
    def get(self) -> Request[Clock]:
        """What time it is for messages."""
        return Request(method="GET", path=path(SIMNET, "clock"), answer=Clock)

    @call
    def advance(self, by: str | timedelta) -> Request[Clock]:
        """Step forward: schedules fire, validity ends, retries happen. Never repeated, as it would step twice."""
        return Request(method="POST", path=path(SIMNET, "clock"), answer=Clock, body=form(advance=by))

    @call
    def freeze(self) -> Request[Clock]:
        """Stand still."""
        return Request(
            method="POST", path=path(SIMNET, "clock"), answer=Clock, body={"freeze": True}, repeatable=True
        )

    @call
    def thaw(self) -> Request[Clock]:
        """Go on."""
        return Request(
            method="POST", path=path(SIMNET, "clock"), answer=Clock, body={"freeze": False}, repeatable=True
        )


class Network(Resource[D]):
    """`client.simnet.network`"""

    @call
    def get(self) -> Request[Weather]:
        """The weather."""
        return Request(method="GET", path=path(SIMNET, "network"), answer=Weather)

    @call
    def set(self, weather: Weather) -> Request[Weather]:
        """Set the weather; what is left unset is as in a new network."""
        return Request(method="PUT", path=path(SIMNET, "network"), answer=Weather, body=weather)


class Simnet(Resource[D]):
    """`client.simnet`, for the operator: Forbidden once a real carrier is armed."""

    def __init__(self, driver: D) -> None:
        super().__init__(driver)
        self.phones: Phones[D] = Phones(driver)
        self.clock: MessageClock[D] = MessageClock(driver)
        self.network: Network[D] = Network(driver)

    @call
    def reset(self) -> Request[None]:
        """Forget handsets and weather."""
        return Request(method="POST", path=path(SIMNET, "reset"))
