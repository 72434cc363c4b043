"""Vonage's door: its paths, and how it refuses what no resource answers."""

from collections.abc import Callable
from typing import Final

import msgspec

from textwire.access.access import Access
from textwire.switch.desk import Desk
from textwire.web.problem import NOT_FOUND, Problem
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Door

from . import answers
from .gate import Gate
from .sms import Sending
from .statuses import Failed

PREFIXES: Final = ("/sms", "/sc")
FAILED: Final = 500


class _Refusal(msgspec.Struct, frozen=True, rename="kebab"):
    """How the vendor's older paths refuse."""

    error_code: str
    error_code_label: str


def door(desk: Desk, access: Access, judge_url: Callable[[str], None]) -> Door:
    """What `app` mounts. `judge_url` raises Refusal("blocked_address") for a webhook that we never call."""
    return Door(
        name="vonage",
        prefixes=PREFIXES,
        routes=Sending(desk, Gate(access, desk), judge_url).routes(),
        refuse=refuse,
        fallback=_unmatched,
    )


def refuse(request: Request, problem: Problem) -> Response:
    """The answer to a problem of the rooms below; a failure of ours is a status like any other."""
    form = request.params.get("form")
    if problem.status == FAILED and form:
        return answers.answer(form, answers.refused(Failed("internal")))
    said = _Refusal(str(problem.status), problem.title.lower() or problem.code)
    return json_response(said, problem.status, problem.headers)


async def _unmatched(request: Request, problem: Problem) -> Response:
    """The platform knows no wrong method: it is as if there were nothing at the path."""
    return refuse(request, NOT_FOUND if problem.status == 405 else problem)
