"""Runs in the vendor's environment: calls of the SDK `vonage` 4, one per line, answered with one line each.

The first line is the configuration; a call names a method (`numbers.buy_number`) and its argument.
"""

import json
import sys
from typing import Any

from pydantic import BaseModel
from vonage import Auth, HttpClientOptions, Vonage


def plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return plain(value.model_dump(exclude_none=True))
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def call(client: Vonage, wanted: dict[str, Any]) -> dict[str, Any]:
    room, _, method = wanted["call"].partition(".")
    try:
        given = wanted.get("with")
        arguments, named = ([], given) if wanted.get("named") else ([] if given is None else [given], {})
        return {"returned": plain(getattr(getattr(client, room), method)(*arguments, **named))}
    except Exception as error:  # whatever the SDK makes of an answer is what is asked for
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None)
        return {"raised": type(error).__name__, "status": status, "said": str(error)}


def main() -> None:
    config = json.loads(sys.stdin.readline())
    auth = Auth(api_key=config["api_key"], api_secret=config["api_secret"])
    client = Vonage(auth, HttpClientOptions(rest_host=config["host"], api_host=config["host"]))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(call(client, json.loads(line))) + "\n")
        sys.stdout.flush()


main()
