"""Answers every text through Vonage's API, from its webhook GET /sms: python auto_reply_vonage.py [PORT]

Takes VONAGE_API_KEY, VONAGE_API_SECRET, VONAGE_SIGNATURE_SECRET (calls are signed with it: SHA-256 HMAC) and VONAGE_URL.
A text that is told twice is answered once, as long as this runs; a long one comes, and is answered, part by part.
"""

import hashlib
import hmac
import json
import os
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

API = os.environ.get("VONAGE_URL", "https://rest.nexmo.com")
KEY, SECRET = os.environ["VONAGE_API_KEY"], os.environ["VONAGE_API_SECRET"]
SIGNATURE_SECRET = os.environ["VONAGE_SIGNATURE_SECRET"].encode()
MOST_REMEMBERED = 10_000
answered: dict[str, None] = {}


def ours(fields: dict[str, str]) -> bool:
    """Whether the call is signed: every field but `sig`, by name, with `_` for what could forge another one."""
    kept = sorted((name, value) for name, value in fields.items() if name != "sig")
    signed = "".join(f"&{name}=" + value.replace("&", "_").replace("=", "_") for name, value in kept)
    wanted = hmac.new(SIGNATURE_SECRET, signed.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), fields.get("sig", "").lower().encode())


def answer(fields: dict[str, str]) -> None:
    """One answer to one text. OSError if it cannot be sent now."""
    if fields["messageId"] in answered:
        return
    reply = {
        "api_key": KEY, "api_secret": SECRET, "from": fields["to"], "to": fields["msisdn"],
        "text": f"You said {fields['text']}", "type": fields["type"],
    }  # fmt: skip
    with urllib.request.urlopen(f"{API}/sms/json", urlencode(reply).encode(), timeout=30) as response:  # noqa: S310
        message, *_ = json.load(response)["messages"]  # of a long one an entry per part
    if message["status"] in {"1", "5"}:  # too many at once, out of order
        raise ConnectionError(message["error-text"])
    if message["status"] != "0":  # 7: STOP was a wish
        print(f"not answered: {message['error-text']}", flush=True)
    answered[fields["messageId"]] = None
    if len(answered) > MOST_REMEMBERED:
        del answered[next(iter(answered))]


class Webhook(BaseHTTPRequestHandler):
    timeout = 30

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        fields = dict(parse_qsl(place.query, keep_blank_values=True))
        status = 204 if place.path == "/sms" and ours(fields) else 404
        try:
            if status == 204 and fields.get("type") in {"text", "unicode"}:
                answer(fields)
        except OSError as error:
            print(f"not answered yet: {error}", flush=True)
            status = 503  # Vonage calls again
        self.send_response(status)
        self.end_headers()


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 1880), Webhook)
    print(f"listening on http://127.0.0.1:{server.server_port}/sms", flush=True)
    server.serve_forever()
