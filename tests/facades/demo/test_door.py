"""The demo pages' door: which files it has, under which policy, and where it says that TLS is."""

import pytest

from tests.web.calls import call
from textwire.facades.demo.door import door
from textwire.web.router import Router

PAGE = b"/demo/kandy-sms.html"


def router(**urls: str) -> Router:
    return Router([door(lambda: urls)])


@pytest.mark.parametrize(
    ("urls", "port"),
    [
        ({"https": "https://127.0.0.1:8443", "http": "http://127.0.0.1:8080"}, b'data-tls-port="8443"'),
        ({"https": "https://textwire.example"}, b'data-tls-port="443"'),
        ({"http": "http://127.0.0.1:8080"}, b'data-tls-port=""'),
    ],
)
async def test_the_page_names_the_port_of_tls(urls: dict[str, str], port: bytes) -> None:
    answer = await call(router(**urls), "GET", PAGE)
    assert answer.status == 200
    assert answer.body.count(b"data-tls-port=") == 1
    assert port in answer.body


async def test_the_page_has_no_origin_and_no_script_but_files() -> None:
    policy = (await call(router(), "GET", PAGE)).headers["content-security-policy"]
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' blob:"
    assert "allow-same-origin" not in rules["sandbox"]
    assert rules["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in policy


async def test_the_files_are_there_for_a_page_without_an_origin() -> None:
    page = (await call(router(), "GET", PAGE)).body.decode()
    for name in ("kandy-sms.js", "kandy-sms.css"):
        assert f"/demo/{name}" in page
        answer = await call(router(), "GET", f"/demo/{name}".encode())
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")


@pytest.mark.parametrize(
    "path", ["/demo", "/demo/", "/demo/door.py", "/demo/..%2fdoor.py", "/demo/../door.py", "/demo/x/y"]
)
async def test_nothing_else_is_there(path: str) -> None:
    assert (await call(router(), "GET", path.encode())).status in {400, 404}
