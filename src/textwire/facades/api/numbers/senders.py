"""/api/senders: numbers that the account does not own here, but has proved to hold."""

from typing import Final

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Page, Paging
from textwire.facades.api.repeating import create
from textwire.switch.desk import Desk
from textwire.switch.proving import Proof
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .forms import CodeForm, SenderForm, SenderView, of_proof

PATH: Final = "/api/senders"
ONE: Final = PATH + "/{number}"


class Senders:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._senders = desk, desk.senders

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/senders."""
        return (
            entrance.route("GET", PATH, self._list, about=About(
                summary="List the numbers that are proved, and those that wait for their code", query=Paging,
                answer=Page[SenderView],
            )),
            entrance.route("POST", PATH, self._start, about=About(
                summary="Prove that a number is yours: a code is texted to it", form=SenderForm, answer=SenderView,
                status=201, once=True, codes=("invalid_address", "number_taken", "sender_verified", "too_many_senders",
                                              "too_many_codes", "insufficient_balance", "account_suspended"),
            )),
            entrance.route("POST", ONE + "/verify", self._verify, about=About(
                summary="Give the code; then the number may be sent from", form=CodeForm, answer=SenderView,
                codes=("not_found", "code_wrong", "number_taken"), example={"code": "314159"},
            )),
            entrance.route("DELETE", ONE, self._remove, about=About(
                summary="Send from a number no more, or wait for its code no longer", status=204,
                codes=("not_found",),
            )),
        )  # fmt: skip

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        found = sorted(await self._senders.list(caller.account), key=_place)
        return pages.page(found, wanted, _place, of_proof)

    async def _start(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, SenderForm)
        number = reading.number(form.number, "number")
        if not number.startswith("+"):
            raise Refusal("invalid_address", "A short code cannot be proved.", "number")
        return await create(
            self._desk, request, caller,
            lambda keep: self._senders.start(caller.account, caller.principal, number, keep), of_proof,
        )  # fmt: skip

    async def _verify(self, request: Request, caller: Caller) -> Response:
        number, form = request.params["number"], await reading.form(request, CodeForm)
        code = form.code.strip()
        return json_response(
            of_proof(await self._senders.finish(caller.account, caller.principal, number, code))
        )

    async def _remove(self, request: Request, caller: Caller) -> Response:
        await self._senders.remove(caller.account, request.params["number"])
        return Response(204)


def _place(proof: Proof) -> pages.Place:
    return -proof.at, f"{proof.number} {proof.state}"
