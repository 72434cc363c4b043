"""The parameters of a request, wherever a client put them: query, form or JSON, all of them merged."""

# protocols 0.1, rules 1, 2, 8 and 10: some clients put everything in the query of a POST, others send a form that is
# labelled as JSON.

from typing import Final

import msgspec

from textwire.web.decode import BadBody, decode
from textwire.web.forms import MAX_FIELDS, decode_form
from textwire.web.request import Request

Parameters = dict[str, str]
JSON: Final = ("application/json", "")  # and a form may still be in it
_WORDS: Final = {"true": True, "1": True, "false": False, "0": False}


async def read(request: Request) -> Parameters:
    """Every parameter that has a value; what stands in the body goes before what stands in the query.

    Raises BadBody for what is neither JSON nor a form, Refused and Gone as `Request.body` does.
    """
    return filled(await every(request))


async def every(request: Request) -> Parameters:
    """The same with those that have none: an empty one takes something away."""
    return {**request.query, **_body(await request.body(), request.media_type)}


def filled(given: Parameters) -> Parameters:
    """Those that have a value."""
    return {name: value for name, value in given.items() if value}


def boolean(written: str) -> bool | None:
    """What a word means, however its case; None: it is no boolean."""
    return _WORDS.get(written.lower())


def _body(body: bytes, media_type: str) -> Parameters:
    if not body:
        return {}
    if media_type not in JSON or not body.lstrip().startswith(b"{"):
        return decode_form(body)
    found = decode(body, dict[str, object])
    if len(found) > MAX_FIELDS:
        raise BadBody(f"There are more than {MAX_FIELDS} fields")
    return {name: _text(name, value) for name, value in found.items() if value is not None}


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode()
    raise BadBody("The field must be text, a number or a boolean", name)
