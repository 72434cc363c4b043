"""Runs in the vendor's environment: makes the calls of the SDK that it reads from standard input.

The first line is the configuration of `cpaassdk.Client`; each further one is {"call": "conversation.subscribe",
"with": …}, or {"later": seconds}, after which the SDK's clock says so. One line of JSON comes back for each: what the SDK
returned, or {"raised": …}.
"""

import datetime
import json
import sys

import cpaassdk.api
from cpaassdk import Client


class Clock(datetime.datetime):
    """What the SDK reads the time from."""

    ahead = 0

    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=cls.ahead)


cpaassdk.api.datetime = Clock


def main() -> None:
    client = Client(json.loads(sys.stdin.readline()))
    print(json.dumps({"user_id": client.conversation.api.user_id}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "later" in asked:
            Clock.ahead += asked["later"]
            print("null", flush=True)
            continue
        target = client
        for name in asked["call"].split("."):
            target = getattr(target, name)
        try:
            answer = target(asked["with"]) if "with" in asked else target()
        except Exception as error:
            answer = {"raised": type(error).__name__, "words": str(error)}
        print(json.dumps(answer), flush=True)


main()
