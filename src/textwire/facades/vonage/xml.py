"""Answers as XML: a name per element, and of a list one element per item, named in the singular."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

XML: Final = "application/xml;charset=UTF-8"
_UNWRITABLE: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


def document(root: str, value: Any, item: str = "") -> bytes:
    """A value made of mappings, lists, texts and numbers; what is in lists is called `item`.

    Names come from our structs alone.
    """
    return ('<?xml version="1.0" encoding="UTF-8"?>' + "".join(_element(root, value, item))).encode()


def written(text: str) -> str:
    """A text as it may stand in a document: without what XML cannot hold."""
    return escape(_UNWRITABLE.sub("", text))


def _element(name: str, value: Any, item: str) -> Iterator[str]:
    yield f"<{name}>"
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _element(key, inner, item)
    elif isinstance(value, list):
        for inner in value:
            yield from _element(item or name.removesuffix("s"), inner, item)
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield written(text)
    yield f"</{name}>"
