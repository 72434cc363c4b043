"""What an operation says of itself, for the OpenAPI document and for readers: its types are those it really uses."""

from typing import Any

import msgspec

from textwire.web.request import BODY_LIMIT


class About(msgspec.Struct, frozen=True, kw_only=True):
    """One operation.

    `form` is the Struct that its body is decoded as, `query` the Struct of its parameters, `answer` the type of
    what it answers with `status` (None: an empty body); `codes` are the refusals that this call has beside those
    that any call may have. `once`: it takes an Idempotency-Key. `media` names an answer that is not JSON, `also` what
    it may come as on request, `takes` what a body may be that is not JSON. `note` says what the summary has no room
    for; `example` is a body that works, where one made of the form's fields would not.
    """

    summary: str
    form: Any = None
    query: Any = None
    answer: Any = None
    status: int = 200
    codes: tuple[str, ...] = ()
    once: bool = False
    media: str = "application/json"
    also: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    note: str = ""
    example: Any = None


class Operation(msgspec.Struct, frozen=True):
    """An operation as it was made: where it is, which scope it wants (None: no key), what it says.

    `simulated`: it is refused once a real carrier is armed. `body_limit` is in bytes.
    """

    method: str
    pattern: str
    scope: str | None
    about: About | None
    simulated: bool = False
    body_limit: int = BODY_LIMIT
