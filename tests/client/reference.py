"""Makes docs/reference/python.md from the SDK's docstrings: python -m tests.client.reference."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from textwire_client import Client, errors, looking, testing, values
from textwire_client.async_live import AsyncLive
from textwire_client.calls import Resource, listing
from textwire_client.live import Live
from textwire_client.notification import Notification
from textwire_client.pages import AsyncPages, Pages
from textwire_client.resources.talks import Draft, Talk

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "python.md"
START = """# Reference of the Python SDK

This page is made from the docstrings: `python -m tests.client.reference`. [The howto](../howto/python.md) has the whole picture, [the own API](../api.md) what
each field means. Calls are written as `Client` has them; with `AsyncClient` they are awaited, and lists are gone through with `async for`.

Units: a `timeout`, `wait` or `patience` is in seconds; a duration (`validity`, `by`) a `timedelta` or text such as `"90s"`, `"5m"`, `"24h"`; a time a
`datetime` with its zone; money a `Decimal` (in arguments text) in EUR; a number E.164 (`+447700900123`) or as the account's `country` completes it.

Errors: each call may raise `Unauthorized`, `Forbidden` (the key lacks the scope), `TooMany`, `ServerFailed`, `ConnectionFailed` and `TimedOut`; one with arguments
`InvalidRequest`; one that names something by its id or number `NotFound`; one with an `idempotency_key` `Conflict`, if the key was used for another request.
What else a call raises stands with it. A refused call has changed nothing.
"""
# What calls give that has calls of its own.
HELD: dict[str, tuple[type, ...]] = {
    "Lists": (Pages, AsyncPages),
    "Live": (Live, AsyncLive),
    "Conversations that one holds": (Talk, Draft),
}
TESTING = (testing.Sms, testing.Phone, testing.MessageClock, testing.ReceivedWebhooks, testing.Textwire)
INSIDE = re.compile(r"(?:Request|Plan)\[(.+)\]")


class _Bare:
    """Is shown as it was written, without quotes."""

    def __init__(self, written: str) -> None:
        self._written = written

    def __repr__(self) -> str:
        return self._written


def resources(held: object, name: str) -> Iterator[tuple[str, object]]:
    """What hangs on a client, with the words that lead to it."""
    for attribute, value in vars(held).items():
        if not attribute.startswith("_") and isinstance(value, Resource | Notification):
            yield f"{name}.{attribute}", value
            yield from resources(value, f"{name}.{attribute}")


def signature(function: Any) -> str:
    """What it takes and gives, as a caller sees it: a description is of a call that gives what is in its brackets."""
    found = inspect.signature(described := getattr(function, "_describe", function))
    shown = [
        one.replace(annotation=_written(one.annotation), default=_default(one.default))
        for one in found.parameters.values()
        if one.name not in {"self", "cls"}
    ]
    gives = str(found.return_annotation).strip("'")
    if described is not function and (inside := INSIDE.fullmatch(gives)):
        gives = inside[1]
    if isinstance(function, listing):
        gives = gives.replace("Page[", "Pages[", 1)
    taken = found.replace(parameters=shown, return_annotation=inspect.Signature.empty)
    return f"{taken} → {gives.replace('[D]', '')}"


def _written(annotation: Any) -> Any:
    return annotation if annotation is inspect.Parameter.empty else _Bare(str(annotation).strip("'"))


def _default(value: Any) -> Any:
    if value is inspect.Parameter.empty:
        return value
    return _Bare("…" if callable(value) or value is msgspec.UNSET else repr(value))


def entries(kind: type, name: str) -> Iterator[str]:
    """Each public method and property, with what it says of itself."""
    for attribute in dict.fromkeys(member for one in kind.__mro__ for member in vars(one)):
        found = inspect.getattr_static(kind, attribute)
        if attribute.startswith("_"):
            continue
        if isinstance(found, property):
            yield entry(f"{name}.{attribute} → {gives(found)}", found)
        elif isinstance(found, classmethod):
            yield entry(f"{name}.{attribute}{signature(found.__func__)}", found)
        elif callable(getattr(found, "_describe", found)):
            yield entry(f"{name}.{attribute}{signature(found)}", found)


def gives(found: property) -> str:
    """What a property is."""
    assert found.fget is not None
    return str(inspect.signature(found.fget).return_annotation)


def entry(what: str, documented: object) -> str:
    """`what` and its docstring; AssertionError if it has none."""
    said = inspect.getdoc(documented)
    assert said, f"{what} says nothing of itself"
    return f"**`{what}`**\n\n{said}\n"


def fields(kind: type) -> str:
    """A value in one paragraph: what it is, its fields, and what it tells besides."""
    said = " ".join((inspect.getdoc(kind) or "").split())
    assert said, f"{kind.__name__} says nothing of itself"
    named = [f"`{field.name}: {_type(kind, field.name)}`" for field in msgspec.structs.fields(kind)]
    for attribute, found in inspect.getmembers_static(kind, lambda one: isinstance(one, property)):
        named.append(f"`{attribute} → {gives(found)}` ({inspect.getdoc(found)})")
    return f"**{kind.__name__}** {said} {', '.join(' '.join(one.split()) for one in named)}\n"


def _type(kind: type, field: str) -> str:
    return next(str(known[field]) for one in kind.__mro__ if field in (known := inspect.get_annotations(one)))


def lines() -> Iterator[str]:
    """The page, piece by piece."""
    yield START
    yield "## Client\n"
    yield made("Client", Client)
    yield from entries(Client, "client")
    with Client("http://127.0.0.1:1", "none") as client:
        for name, resource in resources(client, "client"):
            yield f"## {name}\n"
            yield from about(type(resource), name)
    for title, kinds in HELD.items():
        yield f"## {title}\n"
        for kind in kinds:
            yield from part(kind)
    yield "## Phones in tests\n"
    for function in (testing.sms, testing.textwire):
        opened = signature(inspect.unwrap(function)).replace("→ Iterator", "→ AbstractContextManager")
        yield entry(f"testing.{function.__name__}{opened}", function)
    for kind in TESTING:
        yield from part(kind)
    yield from plain("Values", (getattr(values, name) for name in values.__all__ if name != "Value"), fields)
    yield from plain("Exceptions", exceptions(), exception)


def made(name: str, kind: type) -> str:
    """How it is made, and what it is."""
    return entry(f"{name}{signature(kind.__init__).partition(' →')[0]}", kind)  # type: ignore[misc]


def about(kind: type, name: str) -> Iterator[str]:
    """What a class says of itself, unless that is its name alone, and its calls."""
    said = inspect.getdoc(kind) or ""
    assert said, f"{kind.__name__} says nothing of itself"
    if said.strip("`") != name:
        yield f"{said}\n"
    yield from entries(kind, name)


def part(kind: type) -> Iterator[str]:
    """A class under its own name."""
    yield f"### {kind.__name__}\n"
    yield from about(kind, kind.__name__)


def plain(title: str, kinds: Iterable[type], tell: Callable[[type], str]) -> Iterator[str]:
    yield f"## {title}\n"
    yield from (tell(kind) for kind in kinds)


def exceptions() -> Iterator[type]:
    """All of them, the root first."""
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    yield from (*found, looking.NoDefaultNumber)


def exception(kind: type) -> str:
    """What it means, and what it is besides."""
    return f"- **{kind.__name__}** ({kind.__bases__[0].__name__}): {' '.join((inspect.getdoc(kind) or '').split())}"


def page() -> str:
    """The page as it should be."""
    return "\n".join(lines()) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
