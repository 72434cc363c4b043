"""The own API's door: every resource of this room, under one table of paths."""

from collections.abc import Awaitable, Callable, Collection

from textwire.access.access import Access
from textwire.live.live import Live
from textwire.switch.desk import Desk
from textwire.web.routes import Door

from .consent.lists import Lists
from .consent.opt_outs import OptOuts
from .consent.settings import Settings
from .consent.subjects import Subjects
from .entrance import Entrance
from .hooks.deliveries import Deliveries
from .hooks.hooks import Hooks
from .live.sockets import Listening
from .messages.batches import Batches
from .messages.conversations import Conversations
from .messages.messages import Messages
from .messages.preview import Texts
from .numbers.numbers import Numbers
from .numbers.senders import Senders
from .operation.health import Health
from .operation.metrics import Metrics
from .papers.papers import Papers
from .people.account import Account
from .people.accounts import Accounts
from .people.audit import Audit
from .people.keys import Keys
from .people.projects import Projects
from .people.tokens import Tokens
from .people.users import Users
from .people.vonage import Vonage
from .problem import refuse
from .simnet.clock import Ticking
from .simnet.handsets import Phones
from .simnet.network import Sky
from .simnet.phones import Handling

PREFIXES = ("/api", "/healthz", "/readyz", "/metrics")


def door(
    desk: Desk,
    access: Access,
    phones: Phones,
    *,
    keep_clock: Callable[[], Awaitable[None]],
    judge_url: Callable[[str], None],
    lag: Callable[[], float],
    live: Live,
    scrape: Callable[[], Awaitable[bytes]],
    origins: Collection[str] = (),
    entrance: Entrance | None = None,
) -> Door:
    """The door.

    `keep_clock` stores the message clock's state; `judge_url` raises Refusal("blocked_address") for a webhook
    that we never call; `lag` is by how many seconds the loop ran late when it was last looked at.
    `scrape` makes the metrics; `origins` are pages elsewhere that may open live sockets.
    `entrance` makes the routes, and knows of each what it says of itself, should somebody want to hear that.
    """
    entrance = entrance or Entrance(access, desk.simulated)
    listening = Listening(desk, access, live, origins)
    resources = (
        Messages(desk),
        Batches(desk),
        Texts(desk),
        Conversations(desk),
        Numbers(desk, judge_url),
        Senders(desk),
        Hooks(desk, judge_url),
        Deliveries(desk),
        OptOuts(desk),
        Lists(desk),
        Settings(desk),
        Subjects(desk),
        Account(desk, judge_url),
        Users(desk, access),
        Projects(desk),
        Keys(desk),
        Tokens(desk),
        Vonage(desk),
        Audit(desk),
        Accounts(desk),
        Handling(phones),
        Sky(phones),
        Ticking(desk, keep_clock),
        listening,
        Health(desk, lag),
        Metrics(scrape),
        Papers(entrance.operations),
    )
    routes = tuple(route for resource in resources for route in resource.routes(entrance))
    return Door(name="api", prefixes=PREFIXES, routes=routes, sockets=listening.sockets(), refuse=refuse)
