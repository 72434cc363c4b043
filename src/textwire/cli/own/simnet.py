"""`textwire clock` and `textwire network`: the time and the weather of the simulated network."""

from typing import Any, Final

import click

from textwire.cli.calls import Call, Take, group

CLOCK: Final = "/api/simnet/clock"
NETWORK: Final = "/api/simnet/network"


def span(typed: str) -> dict[str, int]:
    """ "20" or "20-200" in milliseconds as the API has it."""
    low, dash, high = typed.partition("-")
    try:
        least = int(low)
        return {"min_ms": least, "max_ms": int(high) if dash else least}
    except ValueError:
        raise click.BadParameter(f"{typed!r} is neither MS nor MS-MS, such as 20-200") from None


def losses(typed: list[str]) -> list[dict[str, Any]]:
    """ "receipt=0.01" each, as the API has it."""
    found = []
    for one in typed:
        what, _, probability = one.partition("=")
        try:
            found.append({"what": what, "probability": float(probability)})
        except ValueError:
            raise click.BadParameter(f"{one!r} is not WHAT=PROBABILITY, such as receipt=0.01") from None
    return found


clock = group(
    "clock",
    "See and move the time that messages live by.",
    [
        Call(name="show", help="Show what time it is for messages, and what time it is.", method="GET", path=CLOCK),
        Call(name="advance", help="Step the clock forward: schedules fire, validity ends, retries happen.",
             method="POST", path=CLOCK, takes=(Take(name="SPAN", key="advance"),)),
        Call(name="freeze", help="Stop the clock.", method="POST", path=CLOCK, fixed={"freeze": True}),
        Call(name="thaw", help="Let the clock go on.", method="POST", path=CLOCK, fixed={"freeze": False}),
    ],
)  # fmt: skip

network = group(
    "network",
    "See and set the weather of the simulated network.",
    [
        Call(name="show", help="Show the weather.", method="GET", path=NETWORK),
        Call(
            name="set", help="Set the weather; what is left out is as in a new network.", method="PUT", path=NETWORK,
            takes=(
                Take(name="--latency", key="latency", metavar="MS[-MS]", turn=span, help="Until it answers a submission."),
                Take(name="--delivery", key="delivery", metavar="MS[-MS]", turn=span, help="Until a text is on the handset."),
                Take(name="--receipt-delay", key="receipt_delay", metavar="MS[-MS]", turn=span, help="Until a receipt is back."),
                Take(name="--loss", key="loss", many=True, metavar="WHAT=P", turn=losses,
                     help="How likely a response or a receipt is lost: receipt=0.01."),
                Take(name="--throttle", key="throttle.per_second", kind=int, metavar="N", help="How many texts a second are let through."),
                Take(name="--put-off", key="throttle.probability", kind=float, metavar="P", help="How likely a text is put off."),
                Take(name="--seed", key="seed", kind=int, metavar="N", help="Of all chance."),
            ),
        ),
        Call(name="reset", help="Forget all handsets and the weather.", method="POST", path="/api/simnet/reset",
             done="the network is new; what was under way ends undelivered", ask="Forget all handsets?"),
    ],
)  # fmt: skip
