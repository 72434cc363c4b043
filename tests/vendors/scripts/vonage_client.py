"""Runs in the vendor's environment: makes the calls of the SDK that it reads from standard input.

The first line is {"auth": …, "host": …}, as `vonage.Auth` and its options take them; each further one is
{"send": {…}} with the fields of an SmsMessage, or {"verify": {…}} with the fields of a webhook. One line of JSON comes back for
each: what the SDK returned, or {"raised": …}.
"""

import json
import sys

from vonage import Auth, HttpClientOptions, Vonage
from vonage_sms import SmsMessage


def main() -> None:
    said = json.loads(sys.stdin.readline())
    auth = Auth(**said["auth"])
    client = Vonage(auth, HttpClientOptions(rest_host=said["host"], api_host=said["host"]))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if "verify" in asked:
                answer = auth.check_signature(asked["verify"])
            else:
                answer = client.sms.send(SmsMessage(**asked["send"])).model_dump()
        except Exception as error:
            answer = {"raised": type(error).__name__, "words": str(error)}
        print(json.dumps(answer), flush=True)


main()
