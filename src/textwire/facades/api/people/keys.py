"""/api/keys: what software calls this API with, each with its own scopes, and revoked within a second."""

from typing import Final

import msgspec

from textwire.access import minting
from textwire.domain.account import Caller
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.reading import Moment
from textwire.facades.api.repeating import create
from textwire.store.people import Person
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Route

from . import forms
from .forms import DefaultNumber, Name, Scopes
from .listing import Listing

PATH: Final = "/api/keys"
ONE: Final = PATH + "/{id}"


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key with the scopes that it shall have; without `expires_at` it is good until it is removed."""

    name: Name
    scopes: Scopes
    expires_at: Moment | None = None
    default_number: DefaultNumber | None = None


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret. `last_used_at` is right to a minute or two."""

    id: str
    name: str
    scopes: list[str]
    default_number: str | None
    expires_at: str | None
    last_used_at: str | None
    created_at: str


class KeyMade(KeyView, frozen=True, kw_only=True):
    """A new key. `key` is shown this once."""

    key: str


class Keys:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._now = desk, desk.real_now
        self._reading = Listing(desk, "key", _view)

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/keys."""
        read = self._reading
        return (
            entrance.route("GET", PATH, read.list, about=About(
                summary="List the keys of your account", query=pages.Paging, answer=pages.Page[KeyView],
            )),
            entrance.route("POST", PATH, self._create, about=About(
                summary="Make a key; the answer shows it once", form=NewKey, answer=KeyMade, status=201, once=True,
                codes=("too_many_people", "invalid_address"), example={"name": "Shop", "scopes": ["send"]},
            )),
            entrance.route("GET", ONE, read.one, about=About(
                summary="See one key, without its secret", answer=KeyView, codes=("not_found",),
            )),
            entrance.route("DELETE", ONE, read.remove, about=About(
                summary="Revoke a key", status=204, codes=("not_found",),
            )),
        )  # fmt: skip

    async def _create(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, NewKey)
        wanted = forms.number(form.default_number)
        minted = minting.key(frozenset(form.scopes), forms.until(form.expires_at, self._now()))
        return await create(
            self._desk, request, caller,
            lambda keep: self._desk.people.add(
                caller, "key", form.name, (minted.kept,), number=wanted or "", keep=keep
            ),
            lambda person: KeyMade(**msgspec.structs.asdict(_view(person)), key=minted.secret), secret=True,
        )  # fmt: skip


def _view(person: Person) -> KeyView:
    owner, proof = person.principal, person.proof("key")
    return KeyView(
        id=owner.public_id, name=owner.name, scopes=sorted(person.scopes), default_number=person.number or None,
        expires_at=views.stamp(proof.expires_at) if proof and proof.expires_at else None,
        last_used_at=views.stamp(proof.used_at) if proof and proof.used_at else None,
        created_at=views.stamp(person.created_at),
    )  # fmt: skip
