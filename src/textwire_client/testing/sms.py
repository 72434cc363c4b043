"""What a test holds in its hands: an account and numbers of its own, handsets, the clock, webhooks, credentials."""

from __future__ import annotations

import contextlib
import functools
import itertools
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from textwire_client.errors import Conflict, InvalidRequest, NotFound
from textwire_client.values import Clock, NewAccount, NewUser, PhoneMessage

from . import credentials
from .phone import Phone
from .server import Textwire, textwire
from .webhooks import EVENTS, ReceivedWebhooks, endpoint

if TYPE_CHECKING:
    from textwire_client.blocking import Blocking
    from textwire_client.resources.simnet import Simnet

BALANCE = "1000"
MOST_TRIES = 20
CODES = "Textwire"  # who sends the server's own texts, the codes that prove a number


class ClockIsShared(RuntimeError):
    """The server is not ours: others would feel it if its clock were stepped."""


class MessageClock:
    """The clock that messages live by: `sms.clock.advance("24h")`."""

    def __init__(self, server: Textwire) -> None:
        self._server = server

    @property
    def now(self) -> datetime:
        """What time it is for messages."""
        return self._server.client.simnet.clock.get().now

    def advance(self, by: str | timedelta) -> Clock:
        """Step forward: schedules fire, validity ends, retries happen."""
        return self._stepped().clock.advance(by)

    def freeze(self) -> Clock:
        """Stand still."""
        return self._stepped().clock.freeze()

    def thaw(self) -> Clock:
        """Go on."""
        return self._stepped().clock.thaw()

    def _stepped(self) -> Simnet[Blocking]:
        """After this nobody else gets the server."""
        if not self._server.ours:
            raise ClockIsShared("this server was not started for the test: mark it @pytest.mark.own_textwire")
        self._server.stepped = True
        return self._server.client.simnet


class Sms:
    """An account of its own. `client` uses its `key`, and sends from `number` where nothing else is said."""

    def __init__(self, server: Textwire, account: NewAccount) -> None:
        self.textwire, self.account, self.key = server, account, account.key
        self.url = server.url
        self.client = server.client_of(account.key)
        self.clock = MessageClock(server)
        self.numbers: list[str] = []
        self.changed: set[str] = set()
        self._since = account.created_at
        self._senders: set[tuple[str, str]] = set()
        self._own: set[str] = set()  # phones that no other test knows of
        self._webhooks: ReceivedWebhooks | None = None

    @property
    def number(self) -> str:
        """The number that it sends from."""
        return self.numbers[0]

    @property
    def environment(self) -> dict[str, str]:
        """What a program under test may be given: TEXTWIRE_URL and TEXTWIRE_KEY."""
        return {"TEXTWIRE_URL": self.url, "TEXTWIRE_KEY": self.key}

    @property
    def received_webhooks(self) -> ReceivedWebhooks:
        """What the account's webhooks were told since the beginning of the test."""
        if self._webhooks is None:
            raise RuntimeError(
                "this server does not call webhooks on our loopback: start it here, or allow that"
            )
        return self._webhooks

    def phone(self, number: str | None = None) -> Phone:
        """The handset with this number, or one that nobody has used."""
        if number is None:
            number = f"+4478{secrets.randbelow(10**4):04}{1000 + secrets.randbelow(9000)}"
            self._own.add(number)
        return Phone(self, number)

    def buy(self, country: str = "GB") -> str:
        """One more number of the account's own."""
        for _ in range(MOST_TRIES):
            pattern = f"{secrets.randbelow(10**6):06}"  # far from what other tests had, whose late messages go there
            for offer in itertools.islice(
                self.client.numbers.search(country, pattern=pattern, match="ends"), 3
            ):
                with contextlib.suppress(Conflict, NotFound):  # somebody else was faster
                    self.numbers.append(self.client.numbers.buy(offer.number).number)
                    return self.numbers[-1]
        raise RuntimeError(f"no number to buy in {country}")

    def kandy(self) -> dict[str, str]:
        """Credentials for Kandy's SDKs: a user and a project, whose default number is the account's."""
        return credentials.kandy(self)

    def vonage(self) -> dict[str, str]:
        """Credentials for Vonage's SDKs: the account's api_key with its secrets, and where TLS is spoken."""
        return credentials.vonage(self)

    def vonage_application(self) -> dict[str, str]:
        """The same with an application of its own and the private key that signs its tokens."""
        return credentials.vonage_application(self)

    def sipgate(self) -> dict[str, str]:
        """Credentials for sipgate's clients: a user with password and personal access token, and its extension."""
        return credentials.sipgate(self)

    @functools.cached_property
    def person(self) -> NewUser:
        """A user of the account, whose default number is the account's; made when first asked for."""
        return self.client.users.create(f"{self.account.name}@example.test", default_number=self.number)

    def concerns(self, message: PhoneMessage) -> bool:
        """Whether a message on a handset is one of this account's, and of this test."""
        other = message.from_ if message.direction == "in" else message.to
        if message.at < self._since:
            return False
        if other == CODES or self._own & {message.from_, message.to}:
            return True
        if other in self.numbers or (other, message.to) in self._senders:
            return True
        return message.direction == "in" and self._sent(message, other)

    def _sent(self, message: PhoneMessage, sender: str) -> bool:
        """Whether the account has sent to this handset under this name or number, which is none that we know of."""
        if self.client.messages.list(direction="out", from_=sender, to=message.to, limit=1).first() is None:
            return False
        self._senders.add((sender, message.to))
        return True

    def _begin(self, country: str) -> None:
        number = self.buy(country)
        self.client.numbers.assign(number, self.client.account.get().caller.principal, default=True)
        url, received = endpoint().open()
        with contextlib.suppress(InvalidRequest):  # a server elsewhere does not call our loopback
            received.trust(self.client.hooks.create(url, EVENTS).secret)
            self._webhooks = received
        self._endpoint = url

    def _end(self) -> None:
        phones = self.textwire.client.simnet.phones
        for number in self.changed:
            phones.change(number, state="on")
        for number in self.numbers:
            with contextlib.suppress(NotFound):
                self.client.numbers.release(number)
        endpoint().end(self._endpoint)


@contextlib.contextmanager
def opened(server: Textwire, *, country: str = "GB", balance: str = BALANCE) -> Iterator[Sms]:
    """An account on this server for the length of a `with`."""
    account = server.client.accounts.create(f"t{secrets.token_hex(7)}", balance=balance)
    made = Sms(server, account)
    try:
        made._begin(country)
        yield made
    finally:
        try:
            made._end()
        finally:
            made.client.close()


@contextlib.contextmanager
def sms(url: str | None = None, key: str | None = None, **wishes: Any) -> Iterator[Sms]:
    """A server, and an account on it, for the length of a `with`: see `textwire` for the arguments."""
    with textwire(url, key) as server, server.sms(**wishes) as made:
        yield made
