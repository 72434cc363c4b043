"""Sends a text at a time of your choice through sipgate's API: python send_later_sipgate.py TO TEXT 2030-01-31T09:00:00+01:00

Takes SIPGATE_TOKEN_ID and SIPGATE_TOKEN, SIPGATE_SMS_ID (s0) and SIPGATE_URL, where the API is.
"""

import base64
import json
import os
import sys
import urllib.request
from datetime import datetime
from urllib.error import HTTPError

API = os.environ.get("SIPGATE_URL", "https://api.sipgate.com/v2")


def main(to: str, text: str, at: str) -> int:
    login = f"{os.environ['SIPGATE_TOKEN_ID']}:{os.environ['SIPGATE_TOKEN']}"
    data = {
        "smsId": os.environ.get("SIPGATE_SMS_ID", "s0"), "recipient": to, "message": text,
        "sendAt": int(datetime.fromisoformat(at).timestamp()),
    }  # fmt: skip
    headers = {
        "Authorization": "Basic " + base64.b64encode(login.encode()).decode(),
        "Content-Type": "application/json",
    }
    request = urllib.request.Request(f"{API}/sessions/sms", json.dumps(data).encode(), headers)  # noqa: S310
    try:
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    except HTTPError as refused:  # 402: no money; 403: not your extension; the rest says what is wrong
        print(refused.code, refused.read().decode(), file=sys.stderr)
        return 1
    print("it will be sent")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
