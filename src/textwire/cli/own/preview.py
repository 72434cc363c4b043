"""`textwire preview`: what a text will be on its way, what makes it dear, and what would make it cheaper."""

from collections.abc import Iterator
from typing import Any, Final

from textwire.cli.calls import Call, Take
from textwire.cli.calls import command as made
from textwire.cli.plain import line, plain

ENCODINGS: Final = {"gsm7": "GSM 03.38", "ucs2": "UCS-2"}


def told(found: dict[str, Any]) -> Iterator[str]:
    """The sum in the first line, then what each part and each character costs."""
    segments, price = found["segments"], found["price"]
    cost = f", {price} EUR" if price else ""
    count = f"{len(segments)} segment{'' if len(segments) == 1 else 's'}"
    encoding = ENCODINGS.get(found["encoding"], found["encoding"])
    yield line(
        f"{found['characters']} characters, {encoding}, {count}{cost}; room for {found['room']} more units"
    )
    for part in segments:
        yield "  " + line(f"{part['n']}: {part['characters']} characters, {part['units']} units")
    for culprit in found["characters_forcing_ucs2"]:
        instead = f", {culprit['instead']!r} instead" if culprit["instead"] else ""
        saves = culprit["cost"]["segments"]
        yield "  " + line(f"{culprit['code']} {culprit['name']} forces UCS-2 ({saves} segments{instead})")
    if found["suggestion"] is not None:
        yield f"  cheaper: {plain(found['suggestion']['text'], '           ')}"
        yield "  " + line(
            f"which takes {found['suggestion']['segments']} and saves {found['suggestion']['saves']['segments']}"
        )


command = made(
    Call(
        name="preview", help="Show what a text will be, and what makes it dear.",
        method="POST", path="/api/text/preview",
        takes=(
            Take(name="TEXT", key="text"),
            Take(name="--to", key="to", metavar="NUMBER", help="For the price."),
            Take(name="--encoding", key="encoding", metavar="auto|gsm7|ucs2", help="What it would be in this one."),
        ),
        show=told,
    )
)  # fmt: skip
