import pytest

from tests.web.calls import body_of, scope_of
from textwire.facades.api.nearby import near
from textwire.web.request import Request


@pytest.mark.parametrize(
    ("client", "headers", "here"),
    [
        ("127.0.0.1", {}, True), ("::1", {}, True), ("127.8.8.8", {}, True), ("192.0.2.7", {}, False),
        ("", {}, False), ("testclient", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}, False), ("127.0.0.1", {"forwarded": "for=192.0.2.7"}, False),
        ("127.0.0.1", {"x-real-ip": "192.0.2.7"}, False), ("127.0.0.1", {"via": "1.1 proxy"}, False),
    ],
)  # fmt: skip
def test_near_is_who_calls_from_this_machine_and_not_through_a_proxy(
    client: str, headers: dict[str, str], here: bool
) -> None:
    scope = scope_of("GET", b"/api/openapi.json", headers)
    scope["client"] = (client, 40000)
    assert near(Request(scope, body_of())) is here
