"""Opt-outs: who wants no more texts from the account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from textwire_client.calls import Resource, call, listing
from textwire_client.pages import Page
from textwire_client.request import Request, path
from textwire_client.values import OptOut, OptOutsImported

D = TypeVar("D")
JSON_LINES = "application/x-ndjson"


class OptOuts(Resource[D]):
    """`client.opt_outs`"""

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[OptOut]]:
        """All of them, newest first."""
        return Request(method="GET", path=path("opt-outs"), answer=Page[OptOut], query={"limit": limit})

    @call
    def get(self, number: str) -> Request[OptOut]:
        """Since when, and where it came from; NotFound if the number has not opted out."""
        return Request(method="GET", path=path("opt-outs", number), answer=OptOut)

    @call
    def add(self, number: str) -> Request[OptOut]:
        """Write down that its person wants no more texts. Twice is as good as once."""
        return Request(method="PUT", path=path("opt-outs", number), answer=OptOut)

    @call
    def delete(self, number: str) -> Request[None]:
        """Forget it, because its person has asked for that."""
        return Request(method="DELETE", path=path("opt-outs", number))

    @call
    def import_(self, numbers: Iterable[str], *, partial: bool = False) -> Request[OptOutsImported]:
        """A whole list: all of it or nothing, unless `partial` takes the good rows."""
        lines = b"".join(msgspec.json.encode({"number": number}) + b"\n" for number in numbers)
        return Request(method="POST", path=path("opt-outs", "import"), answer=OptOutsImported, content=lines,
                       content_type=JSON_LINES, query={"partial": partial or None}, repeatable=True)  # fmt: skip
