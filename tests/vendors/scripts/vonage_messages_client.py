"""Runs in the vendor's environment: sends by the Messages API of Vonage's Python SDK 4, and verifies webhooks with its verifier.

The first line is {"auth": …, "host": …}. Calls are `send` with the fields of an Sms and, as `failover`, a list of such; and `verify`
with a token and a secret. Answers are as those of vonage_client.py.
"""

import json
import sys
from typing import Any

from vonage import Auth, HttpClientOptions, Vonage
from vonage_jwt import verify_signature
from vonage_messages import Sms


def main() -> None:
    said = json.loads(sys.stdin.readline())
    options = HttpClientOptions(rest_host=said["host"], api_host=said["host"])
    client = Vonage(Auth(**said["auth"]), options)

    def send(failover: "list[dict[str, Any]] | None" = None, **fields: Any) -> dict[str, Any]:
        following = [] if failover is None else [[Sms(**one) for one in failover]]
        answer: dict[str, Any] = client.messages.send(Sms(**fields), *following).model_dump()
        return answer

    calls = {"send": send, "verify": verify_signature}
    print(json.dumps({"returned": type(client).__name__}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"returned": calls[asked["call"]](*asked["with"], **asked["named"])}
        except Exception as error:
            status = getattr(getattr(error, "response", None), "status_code", None)
            answer = {"raised": type(error).__name__, "status": status, "said": str(error)}
        print(json.dumps(answer), flush=True)


main()
