"""/api/users: the persons of an account, each with one e-mail address and one password for every API."""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from textwire.access import minting, secrets
from textwire.access.access import Access
from textwire.domain.account import Account, Caller, NewCredential, email_of, password_lookup
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.repeating import create
from textwire.store import accounts
from textwire.store.people import Person
from textwire.switch.desk import Desk
from textwire.switch.once import Keep
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import forms
from .forms import DefaultNumber, Email, Name, Password, Scopes
from .listing import Listing

PATH: Final = "/api/users"
ONE: Final = PATH + "/{id}"


class NewUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person. Without a password one is made, and shown in the answer."""

    email: Email
    name: Name | None = None
    password: Password | None = None
    scopes: Scopes | None = None
    default_number: DefaultNumber | None = None


class UserForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to change; what is left out stays."""

    email: Email | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    default_number: DefaultNumber | UnsetType | None = UNSET


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    """A person; `kandy_client_id` is what its software names beside e-mail and password at Kandy's API."""

    id: str
    email: str
    name: str
    scopes: list[str]
    default_number: str | None
    kandy_client_id: str | None
    created_at: str


class UserMade(UserView, frozen=True, kw_only=True):
    """A new person. `password` is shown this once, and only if it was made here."""

    password: str | None


class Users:
    """The handlers."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk, self._access = desk, access
        self._reading = Listing(desk, "user", _view)

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/users."""
        read = self._reading
        return (
            entrance.route("GET", PATH, read.list, about=About(
                summary="List the users of your account", query=pages.Paging, answer=pages.Page[UserView],
            )),
            entrance.route("POST", PATH, self._create, about=About(
                summary="Add a user", form=NewUser, answer=UserMade, status=201, once=True,
                codes=("email_taken", "too_many_people", "queue_full", "invalid_address"),
                example={"email": "ada@example.com", "name": "Ada"},
            )),
            entrance.route("GET", ONE, read.one, about=About(
                summary="See one user", answer=UserView, codes=("not_found",),
            )),
            entrance.route("PATCH", ONE, self._change, about=About(
                summary="Change a user: address, name, password, scopes, default number", form=UserForm,
                answer=UserView, codes=("not_found", "email_taken", "queue_full", "invalid_address"),
                example={"name": "Ada Lovelace"},
            )),
            entrance.route("DELETE", ONE, read.remove, about=About(
                summary="Remove a user: it can log in nowhere any more", status=204, codes=("not_found",),
            )),
        )  # fmt: skip

    async def _create(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, NewUser)
        email, wanted = email_of(form.email), forms.number(form.default_number)
        made = "" if form.password else secrets.token(24)
        public = minting.kandy_public((await _account(self._desk, caller)).name)

        async def make(keep: Keep | None) -> Person:
            proof = NewCredential(
                "password", password_lookup(email), await self._access.hashed(form.password or made),
                " ".join(sorted(forms.scopes(form.scopes, caller))),
            )  # fmt: skip
            return await self._desk.people.add(
                caller, "user", form.name or email, (proof, public.kept), email=email, number=wanted or "",
                keep=keep,
            )  # fmt: skip

        return await create(
            self._desk, request, caller, make, lambda person: _shown(person, made), secret=True
        )

    async def _change(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, UserForm)
        changes = forms.unless_unset(
            name=form.name,
            email=form.email if form.email is UNSET else email_of(form.email),
            scopes=form.scopes if form.scopes is UNSET else frozenset(form.scopes),
            password=form.password,
            number=forms.number(form.default_number),
        )
        if form.password is not UNSET:
            changes["password"] = await self._access.hashed(form.password)
        return json_response(
            _view(await self._desk.people.change(caller, "user", request.params["id"], **changes))
        )


async def _account(desk: Desk, caller: Caller) -> Account:
    account = await accounts.account(desk.store.engine, caller.account)
    if account is None:
        raise Refusal("not_found")
    return account


def _view(person: Person) -> UserView:
    owner, public = person.principal, person.proof("kandy_public")
    return UserView(
        id=owner.public_id, email=owner.email, name=owner.name, scopes=sorted(person.scopes),
        default_number=person.number or None,
        kandy_client_id=minting.identifier_of(public.lookup) if public else None,
        created_at=views.stamp(person.created_at),
    )  # fmt: skip


def _shown(person: Person, password: str) -> UserMade:
    return UserMade(**msgspec.structs.asdict(_view(person)), password=password or None)
