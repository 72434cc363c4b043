"""Doors and routes: who answers what, in which words."""

import asyncio
import json
from typing import Any

import msgspec
import pytest
import structlog

from tests.web.calls import Answer, call, scope_of
from textwire.web.failures import MAX_FRAMES
from textwire.web.problem import Problem, Refused
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.router import Router
from textwire.web.routes import Door, Route, WebSocketRoute


class Unavailable(Exception):
    """Stands for an exception of a lower room."""


class Body(msgspec.Struct, forbid_unknown_fields=True):
    to: list[str]


async def about(request: Request) -> Response:
    return json_response({"method": request.method, "params": request.params, "route": request.pattern})


async def read(request: Request) -> Response:
    return json_response(await request.json(Body))


async def query(request: Request) -> Response:
    return json_response(request.query)


async def never_over(request: Request, socket: Any) -> None:
    raise AssertionError


def failing(error: BaseException) -> Any:
    async def handler(request: Request) -> Response:
        raise error

    return handler


def in_words(request: Request, problem: Problem) -> Response:
    return json_response({"words": problem.code, "field": problem.field}, problem.status, problem.headers)


async def only_for_the_known(request: Request, problem: Problem) -> Response:
    return Response(401 if request.header(b"authorization") is None else problem.status)


async def preflight(request: Request) -> Response:
    return Response(204)


OWN = Door(
    name="own",
    prefixes=("/api", "/healthz"),
    routes=(
        Route("GET", "/healthz", about),
        Route("GET", "/api/messages", about),
        Route("POST", "/api/messages", read, 20),
        Route("GET", "/api/messages/{id}", about),
        Route("DELETE", "/api/messages/{id}", about),
        Route("PUT", "/api/late/{id}", read, 20),
        Route("GET", "/api/query", query),
        Route("GET", "/api/fails", failing(RuntimeError("secret text"))),
        Route("GET", "/api/refuses", failing(Refused(Problem(status=402, code="no_money")))),
        Route("GET", "/api/down", failing(Unavailable())),
        Route("GET", "/api/stops", failing(asyncio.CancelledError())),
        Route("GET", "/api/headers", lambda request: answer(Response(headers=(("Location", "a\r\nb"),)))),
    ),
    sockets=(WebSocketRoute("/api/live", never_over),),
)
VENDOR = Door(
    name="vendor",
    prefixes=("/cpaas",),
    routes=(Route("POST", "/cpaas/sms/{user}/outbound/{sender}/requests", about),),
    refuse=in_words,
    options=preflight,
    headers=(("Access-Control-Allow-Origin", "*"),),
)
SHARED = Door(
    name="shared",
    prefixes=("/v2",),
    routes=(Route("GET", "/v2/{user:w\\d+}/sms", about),),
    fallback=only_for_the_known,
)
NARROW = Door(
    name="narrow", prefixes=("/v2/reports",), routes=(Route("GET", "/v2/reports", about),), refuse=in_words
)

APP = Router(
    [OWN, VENDOR, SHARED, NARROW],
    {Unavailable: lambda error: Problem(status=503, code="unavailable", headers=(("Retry-After", "2"),))},
)


async def answer(response: Response) -> Response:
    return response


def code(answer: Answer) -> str:
    return str(json.loads(answer.body)["code"])


@pytest.mark.parametrize(
    ("method", "target", "route", "params"),
    [
        ("GET", b"/api/messages", "/api/messages", {}),
        ("GET", b"/api/messages/", "/api/messages", {}),
        ("GET", b"/%61pi/messages?x=1", "/api/messages", {}),
        ("HEAD", b"/api/messages", "/api/messages", {}),
        ("HEAD", b"/api/messages/7", "/api/messages/{id}", {"id": "7"}),
        ("GET", b"/api/messages/a%2Fb%20c+d/", "/api/messages/{id}", {"id": "a/b c+d"}),
        ("DELETE", b"/api/messages/7", "/api/messages/{id}", {"id": "7"}),
        ("GET", b"/healthz", "/healthz", {}),
        (
            "POST",
            b"/cpaas/sms/u-1/outbound/+16139998877/requests",
            "/cpaas/sms/{user}/outbound/{sender}/requests",
            {"user": "u-1", "sender": "+16139998877"},
        ),
        (
            "POST",
            b"/cpaas/sms/u-1/outbound/tel:%2B1613@x/requests",
            "/cpaas/sms/{user}/outbound/{sender}/requests",
            {"user": "u-1", "sender": "tel:+1613@x"},
        ),
        ("GET", b"/v2/w7/sms", "/v2/{user:w\\d+}/sms", {"user": "w7"}),
        ("GET", b"/v2/reports", "/v2/reports", {}),
    ],
)
async def test_a_request_reaches_its_route(
    method: str, target: bytes, route: str, params: dict[str, str]
) -> None:
    got = await call(APP, method, target)
    assert got.status == 200
    assert json.loads(got.body) == {"method": method, "params": params, "route": route}


@pytest.mark.parametrize(
    ("method", "target", "status", "problem"),
    [
        ("GET", b"/", 404, "not_found"),
        ("GET", b"/nowhere", 404, "not_found"),
        ("GET", b"/apix", 404, "not_found"),
        ("GET", b"/api", 404, "not_found"),
        ("GET", b"//api/messages", 404, "not_found"),
        ("GET", b"/api/messages//", 404, "not_found"),
        ("GET", b"/api/messages/7/8", 404, "not_found"),
        ("GET", b"/api/../api/messages", 404, "not_found"),
        ("GET", b"/api/messages/%ff", 400, "bad_path"),
        ("GET", b"/api/messages/%00", 400, "bad_path"),
        ("GET", b"/%ff", 400, "bad_path"),
        ("PUT", b"/api/messages", 405, "method_not_allowed"),
        ("OPTIONS", b"/api/messages", 405, "method_not_allowed"),
        ("get", b"/api/messages", 405, "method_not_allowed"),
        ("HEAD", b"/api/late/1", 405, "method_not_allowed"),
        ("GET", b"/api/live", 426, "upgrade_required"),
        ("POST", b"/api/live", 405, "method_not_allowed"),
    ],
)
async def test_what_no_route_matches_is_a_problem(
    method: str, target: bytes, status: int, problem: str
) -> None:
    got = await call(APP, method, target)
    assert (got.status, code(got)) == (status, problem)
    assert got.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("target", "allow"),
    [
        (b"/api/messages", "GET, HEAD, POST"),
        (b"/api/messages/7", "DELETE, GET, HEAD"),
        (b"/api/late/7", "PUT"),
        (b"/api/live", "GET"),
        (b"/cpaas/sms/u/outbound/s/requests", "OPTIONS, POST"),
    ],
)
async def test_a_405_names_the_methods_there_are(target: bytes, allow: str) -> None:
    assert (await call(APP, "PATCH", target)).headers["allow"] == allow


async def test_a_door_words_its_own_refusals() -> None:
    got = await call(APP, "GET", b"/cpaas/nothing")
    assert (got.status, json.loads(got.body)) == (404, {"words": "not_found", "field": ""})
    got = await call(APP, "GET", b"/cpaas/sms//outbound/%ff/requests")
    assert (got.status, json.loads(got.body)["words"]) == (400, "bad_path")


async def test_empty_segments_reach_the_door_that_owns_the_prefix() -> None:
    got = await call(APP, "POST", b"/cpaas/sms//outbound/+1/requests")
    assert json.loads(got.body)["words"] == "not_found"


async def test_a_door_may_answer_every_options_request() -> None:
    for target in (b"/cpaas/sms/u/outbound/s/requests", b"/cpaas/unknown//x", b"/cpaas"):
        assert (await call(APP, "OPTIONS", target)).status == 204


async def test_a_doors_headers_are_on_answers_and_refusals_alike() -> None:
    for method, target in [
        ("POST", b"/cpaas/sms/u/outbound/s/requests"),
        ("GET", b"/cpaas/nothing"),
        ("OPTIONS", b"/cpaas"),
    ]:
        assert (await call(APP, method, target)).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in (await call(APP, "GET", b"/api/messages")).headers


async def test_of_two_doors_the_longer_prefix_owns_the_path() -> None:
    assert json.loads((await call(APP, "GET", b"/v2/reports/x")).body)["words"] == "not_found"
    assert (await call(APP, "GET", b"/v2/reportsx")).status == 401


async def test_a_fallback_may_look_before_it_refuses() -> None:
    known = {"Authorization": "Basic eDp5"}
    assert (await call(APP, "GET", b"/v2/x/sms")).status == 401
    assert (await call(APP, "GET", b"/v2/x/sms", known)).status == 404
    assert (await call(APP, "PUT", b"/v2/w1/sms", known)).status == 405


async def test_a_bad_body_or_query_is_a_400_with_its_field() -> None:
    got = await call(APP, "POST", b"/api/messages", body=[b'{"to":["a",1]}'])
    assert got.status == 400
    assert json.loads(got.body)["errors"][0]["field"] == "to[1]"
    got = await call(APP, "GET", b"/api/query?from=%ff")
    assert json.loads(got.body)["errors"][0]["field"] == "from"


async def test_the_routes_own_limit_bounds_its_body() -> None:
    for method, target in [("POST", b"/api/messages"), ("PUT", b"/api/late/1")]:
        assert (await call(APP, method, target, body=[b'{"to":["aaaaaaaa"]}'])).status == 200
        got = await call(APP, method, target, body=[b'{"to":["aaaaaaaa', b'aaaaaaaa"]}'])
        assert (got.status, code(got)) == (413, "too_large")


async def test_the_routers_time_bounds_a_body() -> None:
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await Router([OWN], body_seconds=0.0)(scope_of("POST", b"/api/messages"), never, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_a_refusal_raised_in_a_handler_is_the_answer() -> None:
    got = await call(APP, "GET", b"/api/refuses")
    assert (got.status, code(got)) == (402, "no_money")


async def test_an_exception_of_a_lower_room_means_what_the_house_says() -> None:
    got = await call(APP, "GET", b"/api/down")
    assert (got.status, got.headers["retry-after"]) == (503, "2")


async def test_a_request_that_a_stop_cancels_is_answered_503() -> None:
    got = await call(APP, "GET", b"/api/stops")
    assert (got.status, code(got)) == (503, "stopping")


async def test_nobody_is_answered_once_the_client_has_left() -> None:
    assert (await call(APP, "POST", b"/api/messages", body=[])).status == 0


async def test_a_failing_handler_is_logged_once_without_what_the_caller_sent() -> None:
    with structlog.testing.capture_logs() as logs:
        got = await call(APP, "GET", b"/api/fails?text=secret+query", {"X": "secret header"})
    assert (got.status, code(got)) == (500, "internal_error")
    assert b"secret" not in got.body
    [entry] = logs
    assert entry["event"] == "web.failed"
    assert (entry["route"], entry["error"], entry["door"]) == ("/api/fails", "RuntimeError", "own")
    assert entry["request"] == got.headers["x-request-id"]
    assert entry["at_lines"][-1].startswith("test_router.py:")
    assert "secret" not in repr(entry)


async def test_only_the_innermost_frames_of_a_failure_are_logged() -> None:
    def deeper(left: int) -> Any:
        return deeper(left - 1) if left else int("secret")

    async def recurse(request: Request) -> Response:
        return Response(deeper(100))

    door = Door(name="d", prefixes=("/d",), routes=(Route("GET", "/d", recurse),))
    with structlog.testing.capture_logs() as logs:
        await call(Router([door]), "GET", b"/d")
    [entry] = logs
    assert len(entry["at_lines"]) == MAX_FRAMES
    assert all(frame.endswith(" deeper") for frame in entry["at_lines"])


async def test_a_header_that_cannot_be_sent_is_a_failure_not_a_broken_answer() -> None:
    with structlog.testing.capture_logs() as logs:
        assert (await call(APP, "GET", b"/api/headers")).status == 500
    assert [entry["error"] for entry in logs] == ["ValueError"]


async def test_a_door_that_cannot_refuse_is_refused_for() -> None:
    def broken(request: Request, problem: Problem) -> Response:
        raise KeyError(problem.code)

    door = Door(name="d", prefixes=("/d",), routes=(Route("GET", "/d", failing(OSError())),), refuse=broken)
    with structlog.testing.capture_logs() as logs:
        assert (await call(Router([door]), "GET", b"/d")).status == 500
        assert (await call(Router([door]), "GET", b"/d/x")).status == 500
    assert [entry["error"] for entry in logs] == ["OSError", "KeyError", "KeyError", "KeyError"]


async def test_strict_transport_is_only_for_tls_and_only_if_wanted() -> None:
    async def answer_over(scheme: str, strict: bool) -> list[bytes]:
        names: list[bytes] = []

        async def send(message: Any) -> None:
            names.extend(name for name, _ in message.get("headers", ()))

        scope = {"type": "http", "method": "GET", "raw_path": b"/healthz", "scheme": scheme, "headers": []}
        await Router([OWN], strict_transport=strict)(scope, None, send)  # type: ignore[arg-type]
        return names

    assert b"strict-transport-security" in await answer_over("https", True)
    assert b"strict-transport-security" not in await answer_over("http", True)
    assert b"strict-transport-security" not in await answer_over("https", False)


async def test_a_lifespan_is_nothing_to_this_application() -> None:
    await APP({"type": "lifespan"}, None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "doors",
    [
        [Door(name="a", prefixes=("/a",)), Door(name="b", prefixes=("/a",))],
        [Door(name="a", prefixes=("/a",), routes=(Route("GET", "/b", about),))],
        [Door(name="a", prefixes=("/a",), sockets=(WebSocketRoute("/b", never_over),))],
        [Door(name="a", prefixes=("/a",), routes=(Route("GET", "/a", about), Route("GET", "/a", about)))],
        [
            Door(name="a", prefixes=("/a",), routes=(Route("GET", "/a/b/c", about),)),
            Door(name="b", prefixes=("/a/b",)),
        ],
    ],
)
def test_tables_that_contradict_themselves_are_refused_at_start(doors: list[Door]) -> None:
    with pytest.raises(ValueError):
        Router(doors)


async def test_a_door_may_own_the_root() -> None:
    root = Door(name="root", prefixes=("/",), routes=(Route("GET", "/", about),), refuse=in_words)
    app = Router([root, OWN])
    assert (await call(app, "GET", b"/")).status == 200
    assert json.loads((await call(app, "GET", b"//")).body)["words"] == "not_found"
    assert json.loads((await call(app, "GET", b"/x")).body)["words"] == "not_found"
    assert code(await call(app, "GET", b"/api/x")) == "not_found"
