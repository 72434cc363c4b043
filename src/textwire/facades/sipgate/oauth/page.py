"""The pages of the login, as HTML: no scripts, nothing from elsewhere, and text that stays text."""

import base64
import hashlib
from html import escape
from typing import Final
from urllib.parse import urlsplit

from textwire.web.problem import Headers
from textwire.web.response import Response

from . import scopes
from .asked import Wish
from .clients import Client

HTML: Final = "text/html; charset=utf-8"
STYLE: Final = """
:root { color-scheme: light dark; --ink: #1a1c1e; --soft: #5b6168; --paper: #f4f5f6; --card: #fff; --line: #c9ced3;
  --main: #0b57d0; --on: #fff; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --soft: #a9b0b7; --paper: #131517; --card: #1d2023;
  --line: #454b51; --main: #a8c7fa; --on: #062e6f; --bad: #f2b8b5 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 26rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1.75rem }
h1 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .75rem; overflow-wrap: anywhere }
p { margin: 0 0 .75rem; overflow-wrap: anywhere }
ul { margin: 0 0 1rem; padding-left: 1.25rem }
small, .soft { color: var(--soft); font-size: .875rem }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600 }
input { width: 100%; font: inherit; color: inherit; background: transparent; padding: .6rem .75rem; border: 1px solid var(--line);
  border-radius: .5rem }
.doors { display: flex; gap: .75rem; margin: 1.25rem 0 1rem }
button { flex: 1; font: inherit; font-weight: 600; padding: .65rem; border-radius: .5rem; border: 1px solid var(--line);
  background: transparent; color: inherit; cursor: pointer }
button.main { background: var(--main); border-color: var(--main); color: var(--on) }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
.bad { color: var(--bad); font-weight: 600 }
a { color: var(--main) }
"""
_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_FRAME: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{inside}
</main>
</body>
</html>
"""
_LOGIN: Final = """<h1>{name} asks for access</h1>
{wrong}{description}<p>Log in with your Textwire account to let it:</p>
<ul>
{scopes}
</ul>
<form method="post" action="{action}">
<input type="hidden" name="form" value="{form}">
<label for="username">E-mail</label>
<input id="username" name="username" type="email" value="{email}" autocomplete="username" maxlength="254" required{focus_email}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required{focus_password}>
<div class="doors">
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny" formnovalidate>Deny</button>
</div>
</form>
<p class="soft">You then go on to <strong>{place}</strong>.{links} {name} never sees your password.</p>"""
_ERROR: Final = """<h1>This does not lead anywhere</h1>
<p class="bad" role="alert">{error}</p>
<p class="soft">Nobody was told anything. Go back to the program that sent you here.</p>"""
NOTHING: Final = {"Know who you are": "openid"}


def login(wish: Wish, client: Client, action: str, form: str, email: str = "", wrong: str = "", status: int = 200,
          headers: Headers = ()) -> Response:  # fmt: skip
    """The page that asks for a password and consent; `wrong` is what was wrong with the last try."""
    about = client.details
    inside = _LOGIN.format(
        name=escape(about.name), action=escape(action), form=escape(form), email=escape(email),
        wrong=f'<p class="bad" role="alert">{escape(wrong)}</p>\n' if wrong else "",
        description=f"<p>{escape(about.description)}</p>\n" if about.description else "",
        scopes="\n".join(
            f"<li>{escape(one)} <small>{escape(words)}</small></li>"
            for one, words in (scopes.meanings(wish.scopes) or NOTHING).items()
        ),
        place=escape(_origin(wish.asked.redirect_uri)),
        links=_link(about.privacy_url, "Privacy") + _link(about.terms_url, "Terms of use"),
        focus_email="" if email else " autofocus", focus_password=" autofocus" if email else "",
    )  # fmt: skip
    return _page(f"Log in to {about.name}", inside, status, _form_action(wish.asked.redirect_uri), headers)


def error(text: str, status: int = 400) -> Response:
    """The page that leads nowhere."""
    return _page("No login", _ERROR.format(error=escape(text)), status, "'none'")


def _page(title: str, inside: str, status: int, form_action: str, headers: Headers = ()) -> Response:
    body = _FRAME.format(title=escape(title), style=STYLE, inside=inside)
    policy = (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action {form_action}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    guarded: Headers = (
        ("Content-Security-Policy", policy),
        ("X-Frame-Options", "DENY"),
        # Not no-referrer: a browser would send `Origin: null` with the form.
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    )
    return Response(status, body.encode(), HTML, (*guarded, *headers))


def _form_action(place: str) -> str:
    """Where the form may lead. Chromium holds every redirect behind it to that, also those of the client's own site."""
    origin = _origin(place)
    if "[" in origin:  # CSP 3 §2.3.1 has no IPv6 addresses among its hosts (RFC 8252 §7.3 has [::1])
        origin = f"{urlsplit(place).scheme}:"
    return f"'self' {origin} https: http://localhost:* http://127.0.0.1:*"


def _origin(place: str) -> str:
    """Where an address leads, as a policy names it; of a program's own scheme (RFC 8252 §7.1) that scheme."""
    parts = urlsplit(place)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"


def _link(url: str, text: str) -> str:
    return f' <a href="{escape(url)}" rel="noreferrer noopener" target="_blank">{text}</a>.' if url else ""
