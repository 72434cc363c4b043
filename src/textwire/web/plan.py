"""Where a method and a path lead: the doors' tables compiled once, looked up per request."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from textwire.web.problem import BAD_PATH, NO_UPGRADE, NOT_FOUND, Problem, wrong_method
from textwire.web.request import BODY_LIMIT, NO_PARAMS, Request
from textwire.web.response import Line, Response, encoded
from textwire.web.routes import Door, Handler, Route, SocketHandler, WebSocketRoute
from textwire.web.trie import Trie, split_path, split_pattern


class _Leaf:
    """What one pattern offers."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.methods: dict[str, Route] = {}
        self.socket: WebSocketRoute | None = None


class Table:
    """One door, compiled."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.lines: tuple[Line, ...] = tuple(encoded(door.headers))
        self.trie: Trie[_Leaf] = Trie()
        for route in door.routes:
            leaf = self._leaf(route.pattern)
            if route.method in leaf.methods:
                raise ValueError(f"two routes for {route.method} {route.pattern}")
            leaf.methods[route.method] = route
        for socket in door.sockets:
            self._leaf(socket.pattern).socket = socket

    def _leaf(self, pattern: str) -> _Leaf:
        return self.trie.put(split_pattern(pattern), _Leaf(pattern))


class Hit(msgspec.Struct, frozen=True):
    """Where a request goes: to a handler, to a socket's handler, or to the door with a problem."""

    table: Table
    pattern: str = ""
    params: Mapping[str, str] = NO_PARAMS
    handler: Handler | None = None
    body_limit: int = BODY_LIMIT
    socket: SocketHandler | None = None
    problem: Problem = NOT_FOUND

    async def call(self, request: Request) -> Response:
        """The handler's answer, or the door's to the problem."""
        if self.handler is not None:
            return await self.handler(request)
        door = self.table.door
        if door.fallback is not None:
            return await door.fallback(request, self.problem)
        return door.refuse(request, self.problem)


# Owns whatever no door does.
_NOBODY: Final = Door(name="nobody", prefixes=())


class Plan:
    """Literal paths are one dictionary look-up; all others walk a trie of segments."""

    def __init__(self, doors: Iterable[Door]) -> None:
        self._owners: Trie[Table] = Trie()
        self._nobody = Table(_NOBODY)
        self._literal: dict[bytes, dict[str, Hit]] = {}
        tables = [Table(door) for door in doors]
        for table in tables:
            for prefix in table.door.prefixes:
                if self._owners.put(split_pattern(prefix), table) is not table:
                    raise ValueError(f"two doors own {prefix}")
        for table in tables:
            self._check_and_learn(table)

    def find(self, method: str, raw_path: bytes) -> Hit:
        """Where an HTTP request goes. HEAD goes where GET does (RFC 9110 §9.3.2)."""
        known = self._literal.get(raw_path)
        if known is not None:
            hit = known.get(method)
            if hit is not None:
                return hit
        return self._search(method, raw_path)

    def find_socket(self, raw_path: bytes) -> Hit:
        """Where a WebSocket handshake goes."""
        table, found, problem = self._leaf(raw_path)
        if found is None or found[0].socket is None:
            return Hit(table, problem=problem)
        leaf, params = found
        return Hit(table, leaf.pattern, params, socket=found[0].socket.handler)

    def _search(self, method: str, raw_path: bytes) -> Hit:
        table, found, problem = self._leaf(raw_path)
        if method == "OPTIONS" and table.door.options is not None:
            return Hit(table, handler=table.door.options)
        if found is None:
            return Hit(table, problem=problem)
        leaf, params = found
        route = leaf.methods.get(method) or (leaf.methods.get("GET") if method == "HEAD" else None)
        if route is not None:
            return Hit(table, leaf.pattern, params, route.handler, route.body_limit)
        return Hit(table, leaf.pattern, params, problem=_why_not(table.door, leaf, method))

    def _leaf(self, raw_path: bytes) -> tuple[Table, tuple[_Leaf, dict[str, str]] | None, Problem]:
        try:
            segments = split_path(raw_path)
        except ValueError:
            rough = raw_path.decode("latin-1").split("/")[1:]
            return self._owners.longest(rough) or self._nobody, None, BAD_PATH
        table = self._owners.longest(segments) or self._nobody
        return table, table.trie.find(segments), NOT_FOUND

    def _check_and_learn(self, table: Table) -> None:
        """Refuse a route that its own door would never be asked for; keep literal ones at hand."""
        door = table.door
        for pattern in [
            *(route.pattern for route in door.routes),
            *(socket.pattern for socket in door.sockets),
        ]:
            if self._owners.longest(split_pattern(pattern)) is not table:
                raise ValueError(f"{pattern} is not under a prefix of the door {door.name}")
        for route in door.routes:
            if "{" not in route.pattern:
                self._learn(table, route)

    def _learn(self, table: Table, route: Route) -> None:
        hit = Hit(table, route.pattern, NO_PARAMS, route.handler, route.body_limit)
        path = route.pattern.encode()
        for raw_path in {path, path if path == b"/" else path + b"/"}:
            self._literal.setdefault(raw_path, {})[route.method] = hit


def _why_not(door: Door, leaf: _Leaf, method: str) -> Problem:
    allowed = set(leaf.methods)
    if "GET" in allowed:
        allowed.add("HEAD")
    elif method == "GET" and leaf.socket is not None:
        return NO_UPGRADE
    if leaf.socket is not None:
        allowed.add("GET")
    if door.options is not None:
        allowed.add("OPTIONS")
    return wrong_method(sorted(allowed))
