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

from . import answers, problems
from .account.money import Money
from .account.pricing import Pricing
from .account.secrets import Secrets
from .account.settings import Settings
from .api import Api
from .applications.applications import Applications
from .applications.version1 import Applications1
from .bearer import Bearers
from .conversions import Conversions
from .gate import Gate
from .messages.messages import Messages
from .numbers.numbers import Numbers
from .rest import Rest
from .search.reports import Reports
from .search.search import Search
from .sms import Sending
from .statuses import Failed
from .taking import Taking

API: Final = (
    "/accounts",
    "/v1/applications",
    "/v2/applications",
    "/v1/messages",
    "/v0.1/messages",
    "/v2/reports",
    "/conversions",
)  # the newer host, which refuses with problem documents
PREFIXES: Final = ("/sms", "/sc", "/account", "/number", "/search", *API)
FAILED: Final = 500


class _Refusal(msgspec.Struct, frozen=True, rename="kebab"):
    """How the vendor's older paths refuse."""

    error_code: str
    error_code_label: str


def door(desk: Desk, access: Access, judge_url: Callable[[str], None]) -> Door:
    """What `app` mounts. `judge_url` raises Refusal("blocked_address") for a webhook that we never call."""
    gate = Gate(access, desk)
    rest, api, taking = Rest(gate), Api(gate), Taking(desk, judge_url)
    secrets, applications = Secrets(desk, access), Applications(desk, judge_url)
    return Door(
        name="vonage",
        prefixes=PREFIXES,
        routes=(
            *Sending(desk, gate, taking).routes(),
            *Messages(desk, gate, Bearers(access, desk), taking).routes(),
            *Numbers(desk, judge_url).routes(rest),
            *Money(desk).routes(rest),
            *Settings(desk, judge_url, secrets).routes(rest),
            *Pricing(desk).routes(rest),
            *secrets.routes(api),
            *applications.routes(api),
            *Applications1(desk, applications).routes(api),
            *Search(desk).routes(rest),
            *Reports(desk).routes(api),
            *Conversions(desk).routes(api),
        ),
        refuse=refuse,
        fallback=_unmatched,
    )


def refuse(request: Request, problem: Problem) -> Response:
    """The answer to a problem of the rooms below; a failure of ours is a status like any other."""
    if request.path.startswith(API):
        return problems.of(problem)
    form = request.params.get("form")
    if problem.status == FAILED and form:
        return answers.answer(form, answers.refused(Failed("internal")))
    said = _Refusal(str(problem.status), problem.title.lower() or problem.code)
    return json_response(said, problem.status, problem.headers)


async def _unmatched(request: Request, problem: Problem) -> Response:
    """The platform knows no wrong method: it is as if there were nothing at the path."""
    return refuse(request, NOT_FOUND if problem.status == 405 else problem)
