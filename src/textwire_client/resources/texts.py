"""What a text will be on the network."""

from __future__ import annotations

from typing import TypeVar

from textwire_client.calls import Resource, call
from textwire_client.request import Request, form, path
from textwire_client.values import Preview

D = TypeVar("D")


class Texts(Resource[D]):
    """`client.text`"""

    @call
    def preview(self, text: str, *, to: str | None = None, encoding: str | None = None) -> Request[Preview]:
        """Encoding, segments, what forces UCS-2 and what that costs; prices (EUR) need `to`."""
        body = form(text=text, to=to, encoding=encoding)
        return Request(
            method="POST", path=path("text", "preview"), answer=Preview, body=body, repeatable=True
        )
