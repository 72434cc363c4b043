"""`Client` and `AsyncClient`: the same calls, one that blocks and one that is awaited."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

from .following import Following
from .notification import Notification
from .place import Place
from .plans import Manner
from .resources.batches import Batches
from .resources.conversation import Messaging
from .resources.conversations import Conversations
from .resources.hooks import Deliveries, Hooks
from .resources.messages import Messages
from .resources.numbers import Numbers
from .resources.opt_outs import OptOuts
from .resources.people import Accounts, Keys, OwnAccount, Projects, Users
from .resources.senders import Senders
from .resources.services import Services
from .resources.simnet import Simnet
from .resources.texts import Texts
from .resources.vendors import OwnVonage, Tokens
from .talk.book import Book
from .talk.channel import Channel
from .talk.listeners import Listeners, Listening

if TYPE_CHECKING:
    from ssl import SSLContext

    from .async_live import AsyncLive
    from .awaiting import Awaiting  # noqa: F401 - the bases name it in quotes
    from .blocking import Blocking  # noqa: F401
    from .live import Live

D = TypeVar("D")


class Calls(Listening, Generic[D]):
    """All resources over one driver."""

    def __init__(self, driver: D, webhook_secret: str | Sequence[str], *, awaits: bool) -> None:
        super().__init__(Listeners(awaits=awaits))
        self._driver = driver
        self.messages: Messages[D] = Messages(driver)
        self.batches: Batches[D] = Batches(driver)
        self.text: Texts[D] = Texts(driver)
        self.conversations: Conversations[D] = Conversations(driver)
        self.numbers: Numbers[D] = Numbers(driver)
        self.senders: Senders[D] = Senders(driver)
        self.hooks: Hooks[D] = Hooks(driver)
        self.deliveries: Deliveries[D] = Deliveries(driver)
        self.opt_outs: OptOuts[D] = OptOuts(driver)
        self.account: OwnAccount[D] = OwnAccount(driver)
        self.accounts: Accounts[D] = Accounts(driver)
        self.users: Users[D] = Users(driver)
        self.projects: Projects[D] = Projects(driver)
        self.keys: Keys[D] = Keys(driver)
        self.tokens: Tokens[D] = Tokens(driver)
        self.vonage: OwnVonage[D] = OwnVonage(driver)
        self.simnet: Simnet[D] = Simnet(driver)
        self.notification = Notification(webhook_secret)
        channel = Channel(self._listeners, Book())
        self.services: Services[D] = Services(driver, channel)
        self.conversation: Messaging[D] = Messaging(driver, self.notification, channel)


class Client(Calls["Blocking"]):
    """Textwire for programs that block. Threads may share one; close it, or use it in a `with`.

    Without arguments it takes TEXTWIRE_URL and TEXTWIRE_KEY; ValueError if there are none. A call that is not answered
    for `timeout` seconds raises TimedOut. `tls` is the context for a server whose certificate the
    system does not trust. Calls that nobody knows the outcome of are repeated up to `retries` times where that
    cannot do anything twice; what the server puts off is repeated after the time that it says, up to 30 seconds.
    """

    def __init__(
        self, url: str | None = None, key: str | None = None, *, timeout: float = 30.0, retries: int = 3,
        connections: int = 20, tls: SSLContext | None = None, webhook_secret: str | Sequence[str] = (),
    ) -> None:  # fmt: skip
        from . import blocking  # late, as are all that need sockets: importing the package stays cheap

        place = _place(url, key, timeout, retries, connections, tls)
        super().__init__(blocking.Blocking(place), webhook_secret, awaits=False)

    def live(
        self, *, after: str | None = None, events: Sequence[str] = (), numbers: Sequence[str] = (),
        patience: float = 300.0,
    ) -> Live:  # fmt: skip
        """Events as they happen, from now on or after the event `after`; of these types and numbers alone, if named.

        ConnectionFailed if the server cannot be reached for `patience` seconds.
        """
        from . import live

        return live.Live(self._driver.place, Following(after, events, numbers, patience))

    def close(self) -> None:
        """Close all connections; callbacks are called no more."""
        self._driver.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(Calls["Awaiting"]):
    """Textwire for programs that await: the same calls as `Client`, for one event loop."""

    def __init__(
        self, url: str | None = None, key: str | None = None, *, timeout: float = 30.0, retries: int = 3,
        connections: int = 20, tls: SSLContext | None = None, webhook_secret: str | Sequence[str] = (),
    ) -> None:  # fmt: skip
        from . import awaiting

        place = _place(url, key, timeout, retries, connections, tls)
        super().__init__(awaiting.Awaiting(place), webhook_secret, awaits=True)

    def live(
        self, *, after: str | None = None, events: Sequence[str] = (), numbers: Sequence[str] = (),
        patience: float = 300.0,
    ) -> AsyncLive:  # fmt: skip
        """Events as they happen, from now on or after the event `after`; of these types and numbers alone, if named.

        ConnectionFailed if the server cannot be reached for `patience` seconds.
        """
        from . import async_live

        return async_live.AsyncLive(self._driver.place, Following(after, events, numbers, patience))

    async def close(self) -> None:
        """Close all connections; callbacks are called no more."""
        await self._driver.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _place(
    url: str | None, key: str | None, timeout: float, retries: int, connections: int, tls: SSLContext | None
) -> Place:
    url, key = url or os.environ.get("TEXTWIRE_URL"), key or os.environ.get("TEXTWIRE_KEY")
    if not url or not key:
        raise ValueError("name the server and a key: Client(url, key), or TEXTWIRE_URL and TEXTWIRE_KEY")
    return Place(url.rstrip("/"), key, Manner(retries), timeout, connections, tls=tls)
