"""Gives deliveries their turn: fairly among endpoints, and so that slow ones leave room for the others.

An endpoint is a scheme, host and port; its hooks take turns among themselves, the endpoints of an account among
themselves, and the accounts with each other. What an endpoint may hold depends on how it answered last: while it is unknown, one call, so that many dead ones cannot fill the node at their first
event; and all that are unknown, or slow, have a share of the node beyond which they wait for each other.
"""

from collections import deque
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from textwire.domain.event import Event
from textwire.domain.message import Message
from textwire.store.hooks import Hook

PER_NODE = 200  # calls under way
PER_ENDPOINT = 10
MOST_WAITING = 10_000  # deliveries in memory
MOST_UNPROVEN = 9_000  # beyond it, only proven endpoints find room there
MOST_ENDPOINTS = 20_000  # remembered; more than can have something waiting
SLOW_SECONDS = 1.0  # a call that took longer makes its endpoint slow, until one is faster

FRESH, PROVEN, SLOW = 0, 1, 2
SHARE = {FRESH: 80, PROVEN: PER_NODE, SLOW: 80}


class Post(msgspec.Struct, frozen=True):
    """One delivery on its way; `attempts` are those that have been made, `base` of them before it was replayed.

    The hook's secret is open.
    """

    id: int
    attempts: int
    event: Event
    message: Message | None
    hook: Hook
    since: int  # µs, message clock: when it was planned or last tried
    base: int = 0
    part: int = 0  # the segment that is told of, 0: the event as a whole


class Lane:
    """What waits for one hook of an endpoint."""

    __slots__ = ("account", "hook", "posts")

    def __init__(self, hook: int, account: int) -> None:
        self.hook, self.account = hook, account
        self.posts: deque[Post] = deque()


class Endpoint:
    """What waits for one origin and how many calls to it are under way."""

    __slots__ = ("account", "active", "kind", "lanes", "queued", "ring", "waiting")

    def __init__(self) -> None:
        self.account = 0  # on whose turn it goes next, while it is queued
        self.active = 0
        self.waiting = 0
        self.kind = FRESH
        self.queued = False  # stands in the ring of its kind
        self.lanes: dict[int, Lane] = {}
        self.ring: deque[Lane] = deque()

    @property
    def limit(self) -> int:
        return 1 if self.kind == FRESH else PER_ENDPOINT

    def allowance(self, in_memory: int) -> int:
        """How many deliveries may wait here: so many that the others find room, the proven ones always."""
        bound = MOST_WAITING if self.kind == PROVEN else MOST_UNPROVEN
        return max(1, (bound - in_memory) // 4) if in_memory < bound else 0

    def push(self, post: Post) -> None:
        lane = self.lanes.get(post.hook.id)
        if lane is None:
            lane = self.lanes[post.hook.id] = Lane(post.hook.id, post.hook.account)
            self.ring.append(lane)
        lane.posts.append(post)
        self.waiting += 1

    def pop(self) -> Post:
        lane = self.ring.popleft()
        post = lane.posts.popleft()
        if lane.posts:
            self.ring.append(lane)
        else:
            del self.lanes[lane.hook]
        self.waiting -= 1
        return post


class Ring:
    """The endpoints of one kind that may be called next."""

    __slots__ = ("_accounts", "_order")

    def __init__(self) -> None:
        self._accounts: dict[int, deque[Endpoint]] = {}
        self._order: deque[int] = deque()

    def __bool__(self) -> bool:
        return bool(self._order)

    def append(self, endpoint: Endpoint) -> None:
        """Behind the others of the account whose delivery is next there."""
        account = endpoint.account = endpoint.ring[0].account
        theirs = self._accounts.get(account)
        if theirs is None:
            self._accounts[account] = deque((endpoint,))
            self._order.append(account)
        else:
            theirs.append(endpoint)

    def popleft(self) -> Endpoint:
        """The next endpoint of the account whose turn it is."""
        account = self._order.popleft()
        theirs = self._accounts[account]
        endpoint = theirs.popleft()
        if theirs:
            self._order.append(account)
        else:
            del self._accounts[account]
        return endpoint

    def remove(self, endpoint: Endpoint) -> None:
        theirs = self._accounts[endpoint.account]
        theirs.remove(endpoint)
        if not theirs:
            del self._accounts[endpoint.account]
            self._order.remove(endpoint.account)


class Turn(msgspec.Struct, frozen=True):
    """A call that may be made now; whoever has it gives it back to `done`."""

    post: Post
    endpoint: Endpoint
    kind: int


class Turns:
    """The endpoints of this process. Not for threads."""

    def __init__(self) -> None:
        self._endpoints: dict[str, Endpoint] = {}
        self._rings: dict[int, Ring] = {kind: Ring() for kind in SHARE}
        self._under_way = dict.fromkeys(SHARE, 0)
        self._order = deque(SHARE)
        self._waiting = 0

    def push(self, post: Post, in_memory: int) -> bool:
        """Lets a delivery wait for its turn, if there is room for it; `in_memory` counts all that are held.

        The fuller the memory, the fewer an endpoint may have in it: none can take all of it.
        """
        endpoint = self._endpoint(post.hook.url)
        if endpoint.waiting >= endpoint.allowance(in_memory):
            return False
        endpoint.push(post)
        self._waiting += 1
        self._queue(endpoint)
        return True

    def next(self) -> Turn | None:
        """The next call, or None as long as nothing waits or everything has to."""
        if not self._waiting or sum(self._under_way.values()) >= PER_NODE:
            return None
        for _ in SHARE:
            kind = self._order[0]
            self._order.rotate(-1)
            if self._rings[kind] and self._under_way[kind] < SHARE[kind]:
                return self._begin(kind)
        return None

    def _begin(self, kind: int) -> Turn:
        endpoint = self._rings[kind].popleft()
        endpoint.queued = False
        post = endpoint.pop()
        endpoint.active += 1
        self._waiting -= 1
        self._under_way[kind] += 1
        self._queue(endpoint)
        return Turn(post, endpoint, kind)

    def done(self, turn: Turn, seconds: float) -> None:
        """The call has ended after so many seconds, however it went."""
        endpoint = turn.endpoint
        endpoint.active -= 1
        self._under_way[turn.kind] -= 1
        kind = SLOW if seconds > SLOW_SECONDS else PROVEN
        if endpoint.queued and kind != endpoint.kind:
            self._rings[endpoint.kind].remove(endpoint)
            endpoint.queued = False
        endpoint.kind = kind
        self._queue(endpoint)

    def crowded(self, in_memory: int) -> frozenset[int]:
        """The hooks whose endpoints take no more at present."""
        if not self._waiting:
            return frozenset()
        full = (e for e in self._endpoints.values() if e.waiting >= e.allowance(in_memory))
        return frozenset(hook for endpoint in full for hook in endpoint.lanes)

    def _queue(self, endpoint: Endpoint) -> None:
        if endpoint.waiting and not endpoint.queued and endpoint.active < endpoint.limit:
            endpoint.queued = True
            self._rings[endpoint.kind].append(endpoint)

    def _endpoint(self, url: str) -> Endpoint:
        key = origin(url)
        endpoint = self._endpoints.get(key)
        if endpoint is None:
            if len(self._endpoints) >= MOST_ENDPOINTS:
                self._endpoints = {k: e for k, e in self._endpoints.items() if e.waiting or e.active}
            endpoint = self._endpoints[key] = Endpoint()
        return endpoint


@lru_cache(4096)
def origin(url: str) -> str:
    """Scheme, host and port of a URL, spelled in one way; of something else, itself."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        return f"{parts.scheme}://{parts.hostname}:{port}"
    except (ValueError, KeyError):
        return url
