"""The own API's door: every resource of this room, under one table of paths."""

from collections.abc import Awaitable, Callable

from textwire.access.access import Access
from textwire.switch.desk import Desk
from textwire.web.routes import Door

from .account import Account
from .entrance import Entrance
from .health import Health
from .hooks import Hooks
from .messages import Messages
from .numbers import Numbers
from .papers.papers import Papers
from .problem import refuse
from .simnet.clock import Ticking
from .simnet.handsets import Phones
from .simnet.network import Sky
from .simnet.phones import Handling

PREFIXES = ("/api", "/healthz", "/readyz")


def door(
    desk: Desk,
    access: Access,
    phones: Phones,
    *,
    keep_clock: Callable[[], Awaitable[None]],
    judge_url: Callable[[str], None],
    lag: Callable[[], float],
    entrance: Entrance | None = None,
) -> Door:
    """The door.

    `keep_clock` stores the message clock's state; `judge_url` raises Refusal("blocked_address") for a webhook
    that we never call; `lag` is by how many seconds the loop ran late when it was last looked at.
    `entrance` makes the routes, and knows of each what it says of itself, should somebody want to hear that.
    """
    entrance = entrance or Entrance(access, desk.simulated)
    resources = (
        Messages(desk),
        Numbers(desk),
        Hooks(desk, judge_url),
        Account(desk),
        Handling(phones),
        Sky(phones),
        Ticking(desk, keep_clock),
        Health(desk, lag),
        Papers(entrance.operations),
    )
    routes = tuple(route for resource in resources for route in resource.routes(entrance))
    return Door(name="api", prefixes=PREFIXES, routes=routes, refuse=refuse)
