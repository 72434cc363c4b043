"""The SMS starter app, a page that sends texts and shows what comes and goes: python sms_starter_app.py [PORT]

The texts are those of your default number, or of TEXTWIRE_NUMBER. The page is for this machine alone; so is its
webhook, as the server runs here too. Elsewhere the webhook needs an address that the server reaches.
"""

import base64
import contextlib
import hashlib
import os
import signal
import sys
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from textwire_client import BadAnswer, BadSignature, Client, TextwireError
from textwire_client.values import InboundNotification, OutboundNotification

MOST_TEXTS, MOST_OCTETS = 200, 524_288
WEBHOOK = "/inbound-sms/webhook"
SCRIPT = """
const list = document.querySelector("main");
setInterval(async () => {
  const news = await (await fetch("/texts")).text();
  if (news !== list.dataset.shown) list.innerHTML = list.dataset.shown = news;
}, 1000);
"""
STYLE = """
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #1d2433; background: #f4f5f8 }
h1 { font-size: 1.3rem } h1 small, .text small { color: #5b6578; font-weight: normal }
form { display: grid; gap: .5rem; padding: 1rem; background: #fff; border-radius: .75rem; box-shadow: 0 1px 3px #0002 }
input, textarea, button { padding: .6rem; border: 1px solid #c3c9d5; border-radius: .5rem; font: inherit }
button { color: #fff; background: #2557d6; border: 0; cursor: pointer } .error { color: #b3261e; margin: 0 }
main { display: grid; gap: .6rem; margin-top: 1.5rem }
.text { max-width: 80%; padding: .6rem .9rem; border-radius: .75rem; background: #fff; white-space: pre-wrap; overflow-wrap: anywhere }
.text small { display: block } .outbound { justify-self: end; background: #dbe6ff }
"""
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>SMS starter app</title><style>{style}</style><h1>SMS starter app <small>{number}</small></h1>
<form method="post"><input name="to" type="tel" placeholder="To: +447700900123" aria-label="To" required value="{to}">
<textarea name="text" rows="3" placeholder="Message" aria-label="Message" required>{text}</textarea>
<p class="error" role="alert">{error}</p><button>Send</button></form><main aria-live="polite">{texts}</main><script>{script}</script></html>"""
ALLOWED = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
POLICY = f"default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'sha256-{ALLOWED}'; frame-ancestors 'none'"


class App:
    """The texts of one number, as its webhook is told of them."""

    def __init__(self, client: Client, number: str) -> None:
        self.client, self.number = client, number
        self.texts: dict[str, InboundNotification | OutboundNotification] = {}
        self.statuses: dict[str, str] = {}

    def send(self, to: str, text: str) -> None:
        """Send a text, and remember what the network says of it."""
        sent = self.client.conversation.create_message(
            destination_address=to, sender_address=self.number, message=text
        )
        self.statuses[sent.delivery_info[0].message_id] = sent.delivery_info[0].delivery_status

    def told(self, body: bytes, headers: dict[str, str]) -> None:
        """A call of the webhook; BadSignature if anybody else makes it. One that comes twice changes nothing."""
        told = self.client.notification.parse(body, headers).notification
        if told is None:
            return
        if told.type == "event":  # deleted
            self.texts.pop(told.message_id, None)
            return
        self.texts[told.message_id] = told
        if len(self.texts) > MOST_TEXTS:
            oldest = next(iter(self.texts))
            self.texts.pop(oldest, None)
            self.statuses.pop(oldest, None)

    def shown(self) -> str:
        """All texts, newest first. Anybody may have written them: they are escaped."""
        texts = sorted(self.texts.values(), key=lambda one: one.date_time, reverse=True)
        return "".join(self.bubble(one) for one in texts)

    def bubble(self, one: InboundNotification | OutboundNotification) -> str:
        """One text."""
        other = f"from {one.sender_address}" if one.type == "inbound" else f"to {one.destination_address}"
        about = (
            f"{other} · {one.date_time.astimezone():%H:%M} · {self.statuses.get(one.message_id, one.type)}"
        )
        return f'<div class="text {one.type}">{escape(one.message)}<small>{escape(about)}</small></div>'

    def page(self, to: str = "", text: str = "", error: str = "") -> str:
        """The whole page."""
        written = {"number": self.number, "to": to, "text": text, "error": error}
        safe = {name: escape(value) for name, value in written.items()}
        return PAGE.format(**safe, texts=self.shown(), style=STYLE, script=SCRIPT)


class Handler(BaseHTTPRequestHandler):
    """The page, its texts, its form, and the webhook."""

    app: App
    timeout = 30

    def do_GET(self) -> None:
        pages = {"/": self.app.page, "/texts": self.app.shown}
        if self.ours() and self.path in pages:
            self.answer(200, pages[self.path]())
        else:
            self.answer(404)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if 0 < length <= MOST_OCTETS else b""
        if self.path == WEBHOOK:
            self.webhook(body)
        elif self.ours() and self.path == "/":
            self.form({name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()})
        else:
            self.answer(404)

    def webhook(self, body: bytes) -> None:
        try:
            self.app.told(body, dict(self.headers.items()))
            self.answer(204)
        except (BadSignature, BadAnswer) as error:
            self.answer(401, escape(str(error)))

    def form(self, form: dict[str, str]) -> None:
        to, text = form.get("to", ""), form.get("text", "")
        try:
            self.app.send(to, text)
            self.answer(303, Location="/")
        except TextwireError as error:
            self.answer(422, self.app.page(to, text, str(error)))

    def ours(self) -> bool:
        """Not another site's page in the same browser, which could send texts, too."""
        host = f"127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        return self.headers.get("Host") == host and self.headers.get("Origin") in {None, f"http://{host}"}

    def answer(self, status: int, body: str = "", **headers: str) -> None:
        content = body.encode()
        named = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY, **headers}
        self.send_response(status)
        for name, value in {**named, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the page says it."""


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8070
    with Client() as client, ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        here = f"http://127.0.0.1:{server.server_port}"
        for old in client.conversation.subscriptions():  # of a run that had no time to tidy up
            if old.webhook_url == here + WEBHOOK:
                client.conversation.unsubscribe(old.subscription_id)
        number = os.environ.get("TEXTWIRE_NUMBER")
        subscription = client.conversation.subscribe(webhook_url=here + WEBHOOK, destination_address=number)
        Handler.app = App(client, subscription.destination_address)
        print(f"open {here}/", flush=True)
        try:
            server.serve_forever()
        finally:
            client.conversation.unsubscribe(subscription.subscription_id)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with contextlib.suppress(KeyboardInterrupt):
        main()
