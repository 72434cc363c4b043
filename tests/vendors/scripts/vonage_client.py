"""Runs in the vendor's environment: makes calls of one of Vonage's Python SDKs, one per line, answered with one line each.

The first line is {"auth": …, "host": …}: what the SDK's own client takes, and where it shall go. Which SDK it is, is what is
installed: `vonage` 4, `vonage` 3 or `nexmo` 2.
"""

import json
import sys
from typing import Any


def fourth(auth: dict[str, str], host: str) -> Any:
    from vonage import Auth, HttpClientOptions, Vonage

    return Vonage(Auth(**auth), HttpClientOptions(rest_host=host, api_host=host))


def third(auth: dict[str, str], host: str) -> Any:
    from vonage import Client

    client = Client(**auth)
    client.host(host)
    client.api_host(host)
    return client


def second(auth: dict[str, str], host: None) -> Any:
    from nexmo import Client

    return Client(**auth)


def made(said: dict[str, Any]) -> Any:
    for make in (fourth, third, second):
        try:
            return make(said["auth"], said["host"])
        except ImportError:
            continue
    raise SystemExit("none of Vonage's SDKs is installed")


def plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(exclude_none=True))
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def told(error: Exception) -> dict[str, Any]:
    """Whatever the SDK makes of an answer is what is asked for."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return {"raised": type(error).__name__, "status": status, "said": str(error)}


def main() -> None:
    client = made(json.loads(sys.stdin.readline()))
    print(json.dumps({"returned": type(client).__name__}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        target = client
        for name in asked["call"].split("."):
            target = getattr(target, name)
        try:
            answer = {"returned": plain(target(*asked["with"], **asked["named"]))}
        except Exception as error:
            answer = told(error)
        print(json.dumps(answer), flush=True)


main()
