"""sipgate's login page in a real browser: it is shown, filled in and sent, and the browser goes on to the program."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser import Page, browser
from tests.serving import Server

from .sipgate_login import Login

NAME = "document.getElementById('{}')"


@contextlib.contextmanager
def program() -> Iterator[str]:
    """A program's site: /oauth sends its user on to a page of another origin, everything else is that page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hop = urlsplit(self.path).path == "/oauth"
            self.send_response(302 if hop else 200)
            if hop:
                self.send_header("Location", f"http://localhost:{self.server.server_port}/done?{urlsplit(self.path).query}")  # type: ignore[attr-defined]  # fmt: skip
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    site = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.daemon_threads = True
    threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{site.server_port}/oauth"
    finally:
        site.shutdown()
        site.server_close()


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    with program() as one:
        yield one


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.fixture(scope="module")
def login(server: Server) -> Login:
    return Login(server.url, server.credentials["sipgate"])


@pytest.fixture(scope="module")
def registered(login: Login, place: str) -> tuple[str, str]:
    return login.register(place)


def fill(window: Page, email: str, password: str, button: str) -> None:
    """What the person does; the page itself has no script."""
    for name, value in (("username", email), ("password", password)):
        window.run(f"{NAME.format(name)}.value = {value!r}")
    window.run(f"document.querySelector('button[value={button}]').click()")


def heard(window: Page) -> dict[str, list[str]]:
    """What the program was told, once the browser is there."""
    window.until("location.pathname === '/done'")
    return parse_qs(urlsplit(window.run("location.href")).query)


def test_a_person_lets_a_program_in(
    server: Server, login: Login, registered: tuple[str, str], place: str, window: Page, tmp_path: Path
) -> None:
    client, secret = registered
    kept = server.credentials["sipgate"]
    window.open(login.address(client, place, "balance:read sessions:sms:write", state="s-1"), width=420)
    window.until("document.querySelector('form') !== null")
    window.picture(tmp_path / "page.png")
    assert (
        window.run("getComputedStyle(document.querySelector('button.main')).backgroundColor")
        == "rgb(11, 87, 208)"
    )
    assert window.run("document.activeElement.id") == "username"
    fill(window, kept["email"], "wrong", "allow")
    window.until("document.querySelector('[role=alert]') !== null")
    assert window.run(f"{NAME.format('username')}.value") == kept["email"]
    window.picture(tmp_path / "again.png")
    fill(window, kept["email"], kept["password"], "allow")
    told = heard(window)
    assert told["state"] == ["s-1"]
    pair = login.tokens(
        client_id=client, client_secret=secret, redirect_uri=place, code=told["code"][0],
        grant_type="authorization_code",
    )  # fmt: skip
    assert login.call("GET", "/balance", pair["access_token"])[0] == 200
    assert window.complaints == []
    hosts = {urlsplit(url).netloc for url in window.requested}
    assert hosts == {
        urlsplit(url).netloc for url in (login.url, place, place.replace("127.0.0.1", "localhost"))
    }


def test_a_person_denies_it(login: Login, registered: tuple[str, str], place: str, window: Page) -> None:
    window.open(login.address(registered[0], place, state="s-2"))
    window.until("document.querySelector('form') !== null && location.search.includes('s-2')")
    fill(window, "", "", "deny")
    window.until("location.search.includes('access_denied')")
    assert heard(window) == {"state": ["s-2"], "error": ["access_denied"]}


def test_another_site_can_neither_frame_the_page_nor_send_its_form(
    server: Server, login: Login, registered: tuple[str, str], place: str, window: Page
) -> None:
    address = login.address(registered[0], place)
    window.open(place.replace("/oauth", "/evil"))
    window.until("location.pathname === '/evil'")
    window.forget()
    window.run(
        f"document.body.append(Object.assign(document.createElement('iframe'), {{src: {address!r}}})) || true"
    )
    window.until("frames.length === 1")
    for _ in range(50):
        if any("frame" in said for said in window.complaints):
            break
        window.run("new Promise(done => setTimeout(done, 100)).then(() => true)")
    assert any("frame" in said for said in window.complaints), window.complaints
    window.run(
        f"""(() => {{ const form = Object.assign(document.createElement('form'),
        {{method: 'post', action: {login.url + "/auth"!r}}}); document.body.append(form); form.submit(); return true }})()"""
    )
    window.until("document.body?.innerText.includes('sent from another site')")
