"""Poison in bodies, paths and queries of every operation is refused, with its field where it has one; nothing breaks.

The operations come from the table of routes, good bodies from the OpenAPI document: a new call is poisoned at once.
"""

import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.postgres import fresh_database
from textwire.facades.api.about import Operation
from textwire.facades.api.papers.calls import EXAMPLES, path_of

from .foreign import path_to
from .house import House, Reply, opened
from .test_gates import forms, named, still

# Bodies that are no JSON object, or not only one.
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "half": b'{"a":',
    "null": b"null",
    "an array": b"[]",
    "a text": b'"{}"',
    "a number": b"9" * 5000,
    "two": b"{}{}",
    "half a pair": b'{"a":"\\ud800"}',
    "half a pair for a name": b'{"\\udfff":1}',
    "NUL": b'{"a":"\\u0000"}',
    "NUL behind": b'{"a":1}\0',
    "not UTF-8": b'{"a":"\xff"}',
    "an overlong slash": b'{"a":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "a mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"a":1}'.encode("utf-16-le"),
    "UTF-32": '{"a":1}'.encode("utf-32"),
    "NaN": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "1e400": b'{"a":1e400}',
    "5,000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "an arrays' depth": b"[" * 100_000,
    "an object's depth": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a field nobody knows": b'{"balance":"1000000"}',
    "the same field twice, unknown": b'{"balance":1,"balance":2}',
    "a name of 60,000": b'{"' + b"a" * 60_000 + b'":1}',
    "__proto__": b'{"__proto__":{"admin":true}}',
    "quotes": b"{'a':1}",
    "a comment": b'{"a":1} // yes',
}

# Values in the place of one that is good: never taken by any field.
VALUES: dict[str, bytes] = {
    "half a pair": b'"\\ud800"',
    "a turned pair": b'"\\udc00\\ud800"',
    "NUL": b'"a\\u0000b"',
    "not UTF-8": b'"\xff"',
    "NaN": b"NaN",
    "minus infinity": b"-Infinity",
    "1e400": b"1e400",
    "5,000 digits": b"1" * 5000,
    "minus 5,000 digits": b"-" + b"1" * 5000,
    "an object of nobody": b'{"what":{"is":"this"}}',
    "lists in lists": b"[[[[1]]]]",
    "depth": b"[" * 20_000 + b"]" * 20_000,
}
# Values that some field might take, but that never break anything.
ODD: dict[str, bytes] = {
    "a million characters": b'"' + b"x" * 1_000_000 + b'"',
    "60,000 characters": b'"' + b"x" * 60_000 + b'"',
    "right to left": '"‮abc⁦"'.encode(),
    "zero width": '"​‍﻿"'.encode(),
    "emoji of many parts": '"👩‍👩‍👧‍👦"'.encode(),
    "Arabic digits": '"+٤٤٧٧٠٠٩٠٠١٢٣"'.encode(),
    "raised digits": '"+44²²²²²²²"'.encode(),
    "a number and a line end": b'"+447700900123\\n"',
    "a wide plus": '"＋447700900123"'.encode(),
    "a control character": b'"\\u0007\\u001b[31m"',
    "line ends": b'"a\\r\\nSet-Cookie: b"',
    "percent": b'"%00%s%n%%"',
    "SQL": b'"\'; drop table message; --"',
    "markup": b'"<script>alert(1)</script>"',
    "a path": b'"../../../../etc/passwd"',
    "empty": b'""',
    "blank": b'" "',
    "true": b"true",
    "null": b"null",
    "zero": b"0",
    "minus zero": b"-0.0",
    "minus one": b"-1",
    "2 to the 63": b"9223372036854775808",
    "2 to the 64": b"18446744073709551616",
    "1e308": b"1e308",
    "the smallest": b"5e-324",
    "an empty list": b"[]",
    "a list of nulls": b"[null]",
    "an empty object": b"{}",
}
# What no path or parameter means.
ODD_WORDS: dict[str, str] = {
    "NUL": "%00",
    "not UTF-8": "%FF",
    "a surrogate": "%ED%A0%80",
    "5,000 digits": "9" * 5000,
    "raised digits": "%C2%B2",
    "Arabic digits": "%D9%A1%D9%A2%D9%A3",
    "a line end": "1%0A",
    "a header": "1%0D%0AX: y",
    "dots": "..",
    "dots that hide": "%2E%2E%2Fetc",
    "null": "null",
    "minus one": "-1",
    "2 to the 63": "9223372036854775808",
    "2 to the 63 less 1": "9223372036854775807",
    "NaN": "nan",
    "infinity": "inf",
    "1e400": "1e400",
    "SQL": "%27%20or%201%3D1%20--",
    "wildcards": "%25_%25",
    "quotes": "%22%27%60",
    "right to left": "%E2%80%AE",
    "blank": "%20",
    "10,000 characters": "x" * 10_000,
}
# Parameters that some list does not do without.
NEEDED: dict[str, str] = {"country": "CA"}
NO_WORDS: frozenset[str] = frozenset({"NUL", "not UTF-8", "a surrogate"})  # not even text


@pytest.fixture(params=["sqlite", "postgres"])
async def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A house on either engine."""
    with contextlib.ExitStack() as stack:
        database = str(tmp_path / "api.db")
        if request.param == "postgres":
            database = stack.enter_context(fresh_database(request.getfixturevalue("postgres_server")))
        async with opened(database) as running:
            yield running


async def document(house: House) -> Any:
    return msgspec.json.decode((await house.ask("GET", "/api/openapi.json")).body)


def example(found: Any, operation: Operation) -> Any:
    """A body that the operation would take."""
    told = found["paths"][path_of(operation.pattern)][operation.method.lower()]
    return told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the values of a body are."""
    items = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from leaves(value, (*path, key))


def somewhere(operation: Operation) -> str:
    """A path that leads to the operation, perhaps with something that there is not."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: EXAMPLES.get(found[1], EXAMPLES["id"]), operation.pattern)


def with_value(body: Any, path: tuple[Any, ...], value: bytes) -> bytes:
    """The body's JSON with a raw value at a place."""
    copy = json.loads(json.dumps(body))
    inside = copy
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = "\x01here\x01"
    return json.dumps(copy).encode().replace(b'"\\u0001here\\u0001"', value)


def written(path: tuple[Any, ...]) -> str:
    """A place as problems name it."""
    said = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return said.removeprefix(".")


def refused(reply: Reply, what: str) -> list[str]:
    """The fields at fault of a refusal; whatever is no refusal fails the test."""
    status, code, fields = reply.problem
    assert 400 <= status < 500, (what, reply)
    assert code not in ("not_found", "unauthorized", "scope_missing"), (what, reply)
    assert reply.json["errors"] == [{"field": field, "detail": reply.json["detail"]} for field in fields]
    return fields


async def poisoned(house: House, operation: Operation, raw: bytes, path: str) -> Reply:
    return await house.alice.ask(operation.method, path, raw=raw, content_type="application/json")


async def test_a_body_that_is_no_object_of_the_form_is_refused_by_every_call(anywhere: House) -> None:
    house = anywhere
    operations = forms(house)
    assert len(operations) >= 7
    paths = [await path_to(one, house.alice) for one in operations]
    before = await stored(house)
    for operation, path in zip(operations, paths, strict=True):
        for name, raw in BODIES.items():
            reply = await poisoned(house, operation, raw, path)
            refused(reply, f"{named(operation)} with {name}")
    assert await stored(house) == before
    assert house.kept_clocks == 0


async def test_a_value_that_no_field_takes_is_refused_with_its_field(anywhere: House) -> None:
    house, seen = anywhere, 0
    found = await document(house)
    for operation in forms(house):
        body, path = example(found, operation), await path_to(operation, house.alice)
        for leaf in leaves(body or {}):
            for name, value in VALUES.items():
                what = f"{named(operation)} with {name} as {written(leaf)}"
                fields = refused(await poisoned(house, operation, with_value(body, leaf, value), path), what)
                assert name == "depth" or fields, what
                for field in fields:
                    assert field.startswith(written(leaf[:1])), (what, field)
                seen += 1
    assert seen > 200


async def test_an_odd_value_never_breaks_a_call(house: House) -> None:
    found = await document(house)
    for operation in forms(house):
        body = example(found, operation)
        for leaf in leaves(body or {}):
            path = await path_to(operation, house.alice)
            for name, value in ODD.items():
                raw = with_value(body, leaf, value)
                reply = await poisoned(house, operation, raw, path)
                assert reply.status < 500, (named(operation), name, written(leaf), reply)
                if reply.status >= 400:
                    assert reply.problem[1] != "internal_error"


@pytest.mark.parametrize("name", ODD_WORDS)
async def test_an_odd_word_in_a_path_is_missing_or_refused(house: House, name: str) -> None:
    for operation in house.operations:
        if operation.method != "GET" or "{" not in operation.pattern:
            continue
        head, _, tail = operation.pattern.partition("{")
        reply = await house.alice.ask("GET", head + ODD_WORDS[name] + tail.partition("}")[2])
        assert reply.status < 500, (named(operation), reply)
        if name in NO_WORDS:
            assert reply.problem[:2] == (400, "bad_path")


@pytest.mark.parametrize("name", ODD_WORDS)
async def test_an_odd_word_in_a_query_is_read_or_refused_with_its_parameter(house: House, name: str) -> None:
    for operation in house.operations:
        if operation.about is None or operation.about.query is None or operation.method != "GET":
            continue
        path = somewhere(operation)
        fields = msgspec.structs.fields(operation.about.query)
        for field in fields:
            what = f"{named(operation)} with {field.encode_name}={name}"
            needed = [f"{one.name}={NEEDED[one.name]}" for one in fields if one.required and one is not field]
            query = "&".join([f"{field.encode_name}={ODD_WORDS[name]}", *needed])
            reply = await house.alice.ask("GET", f"{path}?{query}")
            assert reply.status < 500, (what, reply)
            if name in NO_WORDS:
                assert reply.problem == (400, "invalid_field", [field.encode_name]), what
            elif reply.status == 400:
                assert reply.problem[2] == [field.encode_name], (what, reply)


async def test_a_name_that_no_query_knows_is_refused_by_every_list(house: House) -> None:
    for operation in house.operations:
        if operation.about is None or operation.about.query is None or operation.method != "GET":
            continue
        reply = await house.alice.ask("GET", f"{somewhere(operation)}?nobody=1")
        assert reply.problem == (400, "unknown_field", ["nobody"]), named(operation)


async def stored(house: House) -> Any:
    """What there is, to see that a refusal changes nothing."""
    if "sqlite" in type(house.engine).__module__:
        return await still(house)
    return [await house.alice.get(path) for path in ("/api/messages", "/api/numbers", "/api/hooks")]
