"""/api/projects: software of a customer that logs in with a client identifier and a secret of its own."""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from textwire.access import minting
from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.repeating import create
from textwire.store import accounts, people
from textwire.store.people import Person
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import forms
from .forms import DefaultNumber, Name
from .listing import Listing

PATH: Final = "/api/projects"
ONE: Final = PATH + "/{id}"


class NewProject(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A project; its name stands in its client identifier."""

    name: Name
    default_number: DefaultNumber | None = None


class ProjectForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to change; what is left out stays. `new_secret`: the old one is good no longer."""

    name: Name | UnsetType = UNSET
    default_number: DefaultNumber | UnsetType | None = UNSET
    new_secret: bool = False


class ProjectView(msgspec.Struct, frozen=True, kw_only=True):
    """A project; `client_id` is its identifier at Kandy's API."""

    id: str
    name: str
    default_number: str | None
    client_id: str | None
    created_at: str


class ProjectMade(ProjectView, frozen=True, kw_only=True):
    """A project with its secret, which is shown this once; null if it has not changed."""

    client_secret: str | None


class Projects:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._engine = desk, desk.store.engine
        self._reading = Listing(desk, "project", _view)

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/projects."""
        read = self._reading
        return (
            entrance.route("GET", PATH, read.list, about=About(
                summary="List the projects of your account", query=pages.Paging, answer=pages.Page[ProjectView],
            )),
            entrance.route("POST", PATH, self._create, about=About(
                summary="Add a project", form=NewProject, answer=ProjectMade, status=201, once=True,
                codes=("too_many_people", "invalid_address"), example={"name": "Shop"},
            )),
            entrance.route("GET", ONE, read.one, about=About(
                summary="See one project", answer=ProjectView, codes=("not_found",),
            )),
            entrance.route("PATCH", ONE, self._change, about=About(
                summary="Change a project: name, default number, secret", form=ProjectForm, answer=ProjectMade,
                codes=("not_found", "invalid_address"), example={"name": "Shop"},
            )),
            entrance.route("DELETE", ONE, read.remove, about=About(
                summary="Remove a project: it can log in no longer", status=204, codes=("not_found",),
            )),
        )  # fmt: skip

    async def _create(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, NewProject)
        wanted = forms.number(form.default_number)
        account = await accounts.account(self._engine, caller.account)
        if account is None:
            raise Refusal("not_found")
        minted = minting.kandy_project(account.name, form.name)
        return await create(
            self._desk, request, caller,
            lambda keep: self._desk.people.add(
                caller, "project", form.name, (minted.kept,), number=wanted or "", keep=keep
            ),
            lambda person: _shown(person, minted.secret), secret=True,
        )  # fmt: skip

    async def _change(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, ProjectForm)
        minted = await self._minted(caller, request.params["id"]) if form.new_secret else None
        changes = forms.unless_unset(
            name=form.name, number=forms.number(form.default_number), secret=minted.kept if minted else UNSET
        )
        changed = await self._desk.people.change(caller, "project", request.params["id"], **changes)
        return json_response(_shown(changed, minted.secret if minted else ""))

    async def _minted(self, caller: Caller, public_id: str) -> minting.Minted:
        found = await people.one(self._engine, caller.account, "project", public_id)
        proof = found.proof("kandy_project") if found else None
        if proof is None:
            raise Refusal("not_found")
        return minting.kandy_secret(minting.identifier_of(proof.lookup))


def _view(person: Person) -> ProjectView:
    owner, proof = person.principal, person.proof("kandy_project")
    return ProjectView(
        id=owner.public_id, name=owner.name, default_number=person.number or None,
        client_id=minting.identifier_of(proof.lookup) if proof else None,
        created_at=views.stamp(person.created_at),
    )  # fmt: skip


def _shown(person: Person, secret: str) -> ProjectMade:
    return ProjectMade(**msgspec.structs.asdict(_view(person)), client_secret=secret or None)
