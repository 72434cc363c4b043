"""How applications are written in JSON: what callers say, and what they read."""

# "Application API" version 2 (OpenAPI application.v2 2.1.0). We act on the webhooks of the capability `messages`; the
# other capabilities are kept as they are given, and given back.

from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from textwire.access import keypairs
from textwire.domain.application import Application, Places
from textwire.facades.vonage.api import validation
from textwire.facades.vonage.problems import Failing, Wrong

PATH: Final = "/v2/applications"
PAYLOAD: Final = "/application#payload-validation"
LISTING: Final = "/application#list-validation"
PAGE, MOST = 10, 100  # applications on a page
MOST_PAGES: Final = 1_000_000
LONGEST_URL: Final = 2048
LONGEST_KEPT: Final = 16_384  # characters of what is kept only to be given back

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Members = dict[str, Any]


class _Keys(msgspec.Struct, frozen=True):
    public_key: str | None = None


class Form(msgspec.Struct, frozen=True):
    """What an application shall be. Members that we do not know are ignored."""

    name: Name
    keys: _Keys | None = None
    capabilities: dict[str, Members | None] | None = None
    privacy: Members | None = None


class Address(msgspec.Struct, frozen=True):
    """Where something is told; always by POST."""

    address: Annotated[str, Meta(max_length=LONGEST_URL)] = ""
    http_method: str = "POST"


class _Webhooks(msgspec.Struct, frozen=True):
    inbound_url: Address | None = None
    status_url: Address | None = None


class _Messages(msgspec.Struct, frozen=True):
    webhooks: _Webhooks | None = None


class _Kept(msgspec.Struct, frozen=True):
    capabilities: dict[str, Members] = {}
    privacy: Members = {}


class _Link(msgspec.Struct, frozen=True):
    href: str


class _Links(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    self: _Link
    first: _Link | None = None
    last: _Link | None = None
    prev: _Link | None = None
    next: _Link | None = None


class _KeysView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    public_key: str = ""
    private_key: str = ""


class View(msgspec.Struct, frozen=True, kw_only=True, rename={"links": "_links"}):
    """An application; its private key is shown once, when we have made it."""

    id: str
    name: str
    keys: _KeysView
    privacy: Members
    capabilities: dict[str, Members]
    links: _Links


class _Embedded(msgspec.Struct, frozen=True):
    applications: list[View]


class Listed(msgspec.Struct, frozen=True, kw_only=True, rename={"links": "_links", "embedded": "_embedded"}):
    """A page."""

    page_size: int
    page: int
    total_items: int
    total_pages: int
    embedded: _Embedded
    links: _Links


def version(kept: Places) -> str:
    """Which version of the Messages API an application wants to be told of texts by; "": it has not said."""
    found = _read.decode(kept.kept).capabilities.get("messages", {}).get("version", "")
    return found if isinstance(found, str) else ""


def page(query: dict[str, str]) -> tuple[int, int]:
    """(page, page_size)."""
    return _whole(query, "page", 1, MOST_PAGES), _whole(query, "page_size", PAGE, MOST)


def key_of(form: Form) -> str:
    """The public key that the caller has brought along; "": none."""
    given = form.keys.public_key if form.keys else None
    if not given:
        return ""
    try:
        return keypairs.public_key(given)
    except ValueError as wrong:
        raise _wrong("keys.public_key", str(wrong)) from None


def places(form: Form) -> Places:
    """Where the application hears of messages, and what else is kept of it."""
    capabilities = {name: given for name, given in (form.capabilities or {}).items() if given is not None}
    webhooks = _webhooks(capabilities)
    if "messages" in capabilities:
        others = {name: value for name, value in capabilities["messages"].items() if name != "webhooks"}
        capabilities["messages"] = others
    kept = msgspec.json.encode(_Kept(capabilities, form.privacy or {})).decode()
    if len(kept) > LONGEST_KEPT:
        raise _wrong("capabilities", f"must not be larger than {LONGEST_KEPT} characters")
    return Places(_url("inbound_url", webhooks.inbound_url), _url("status_url", webhooks.status_url), kept)


def view(one: Application, private_key: str = "") -> View:
    """An application as it is shown."""
    kept = _read.decode(one.places.kept)
    capabilities = dict(kept.capabilities)
    if "messages" in capabilities or one.places.inbound_url or one.places.status_url:
        capabilities["messages"] = {**capabilities.get("messages", {}), "webhooks": _shown(one.places)}
    return View(
        id=one.public_id, name=one.name, keys=_KeysView(public_key=one.public_key, private_key=private_key),
        privacy=kept.privacy or {"improve_ai": False}, capabilities=capabilities,
        links=_Links(self=_Link(f"{PATH}/{one.public_id}")),
    )  # fmt: skip


def listed(found: list[Application], page: int, size: int, total: int) -> Listed:
    """A page of them; there is one at least, and it may be empty."""
    pages = max(1, -(-total // size))

    def link(n: int) -> _Link:
        return _Link(f"{PATH}?page={n}&page_size={size}")

    return Listed(
        page_size=size, page=page, total_items=total, total_pages=pages,
        embedded=_Embedded([view(one) for one in found]),
        links=_Links(
            self=link(page), first=link(1), last=link(pages), prev=link(page - 1) if page > 1 else None,
            next=link(page + 1) if page < pages else None,
        ),
    )  # fmt: skip


_read = msgspec.json.Decoder(_Kept)


def _webhooks(capabilities: dict[str, Members]) -> _Webhooks:
    try:
        found = msgspec.convert(capabilities.get("messages") or {}, _Messages)
    except msgspec.ValidationError as error:
        raise _wrong("capabilities.messages", str(error)) from None
    return found.webhooks or _Webhooks()


def _url(name: str, given: Address | None) -> str:
    if given is None or not given.address:
        return ""
    where = f"capabilities.messages.webhooks.{name}"
    if given.http_method.upper() != "POST":
        raise _wrong(f"{where}.http_method", "must be POST")
    try:
        parts = urlsplit(given.address)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise _wrong(f"{where}.address", "must be a valid URL")
    return given.address


def _shown(places: Places) -> Members:
    both = {"inbound_url": places.inbound_url, "status_url": places.status_url}
    return {name: {"address": url, "http_method": "POST"} for name, url in both.items() if url}


def _whole(query: dict[str, str], name: str, default: int, most: int) -> int:
    written = query.get(name) or str(default)
    if not (written.isascii() and written.isdigit() and len(written) <= 7 and 0 < int(written) <= most):
        raise validation(LISTING, Wrong(name, f"must be between 1 and {most}"))
    return int(written)


def _wrong(name: str, reason: str) -> Failing:
    return validation(PAYLOAD, Wrong(name, reason))
