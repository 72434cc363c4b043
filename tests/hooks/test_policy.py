"""Where webhooks may go, from what a server listens on and is told (SR8)."""

import pytest

from textwire.hooks.guard import Refused, judge_address
from textwire.hooks.policy import policy_of

HERE, EVERYWHERE = ("127.0.0.1", 8080), ("0.0.0.0", 8443)
URL = "postgresql://u:p@192.0.3.9:6543/db"
INNER, NODE_RED = "10.1.2.3", "127.0.0.1:1880"


def called(ip: str, port: int, *listeners: tuple[str, int], database: str = "x.db", **wishes: object) -> bool:
    policy = policy_of(listeners or (HERE,), database, **{"simulated": True, **wishes})  # type: ignore[arg-type]
    try:
        judge_address(ip, port, policy)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    ("listeners", "simulated", "allow", "open_"),
    [
        ([HERE], True, "", True),
        ([HERE, ("::1", 8443)], True, "", True),
        ([HERE], False, "", False),
        ([HERE, EVERYWHERE], True, "", False),
        ([("192.168.1.7", 8080)], True, "", False),
        ([("localhost", 8080)], True, "", True),
        ([EVERYWHERE], False, NODE_RED, True),
        ([EVERYWHERE], False, "127.0.0.0/8:1881", False),
        ([EVERYWHERE], True, "10.0.0.0/8:1880", False),
    ],
)
def test_loopback_is_open_at_the_desk_or_where_it_was_allowed(
    listeners: list[tuple[str, int]], simulated: bool, allow: str, open_: bool
) -> None:
    assert called("127.0.0.1", 1880, *listeners, simulated=simulated, allow_private=allow) is open_


@pytest.mark.parametrize(
    ("allow", "open_"),
    [
        ("", False),
        ("10.1.2.0/24:1880", True),
        ("10.1.2.0/24:1881", False),
        ("10.1.3.0/24:1880,10.1.2.3:1880", True),
    ],
)
def test_an_inner_network_is_open_only_where_it_was_allowed(allow: str, open_: bool) -> None:
    assert called(INNER, 1880, allow_private=allow) is open_
    assert not called(INNER, 443, allow_private=allow)


@pytest.mark.parametrize("allow", ["", "127.0.0.0/8:8080,127.0.0.0/8:5432,127.0.0.0/8:6543"])
def test_our_own_ports_and_our_databases_are_never_open(allow: str) -> None:
    for port in (8080, 5432, 6543):
        assert not called("127.0.0.1", port, allow_private=allow, database=URL)
    assert called("127.0.0.1", 8081, allow_private=allow, database=URL)


def test_the_databases_address_is_refused_on_every_port_though_it_is_public() -> None:
    assert not called("192.0.3.9", 443, database=URL)
    assert called("192.0.3.9", 443)
    assert called("192.0.3.9", 443, database="postgresql://db.example:6543/x")


@pytest.mark.parametrize(
    "ip",
    [
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",
        "fe80::1",
        "2002:7f00:1::",
    ],
)
def test_metadata_and_link_local_are_open_by_no_setting(ip: str) -> None:
    whole = "::/0:80" if ":" in ip else "0.0.0.0/0:80"
    assert not called(ip, 80, allow_private=whole)
    bits = 128 if ":" in ip else 32
    with pytest.raises(ValueError, match="opened by no setting"):
        called(ip, 80, allow_private=f"[{ip}/{bits}]:80")


@pytest.mark.parametrize("allow", ["127.0.0.1", "127.0.0.1:", "nowhere:80", "10.0.0.0/8:0", "10.0.0.1/8:80"])
def test_a_place_that_is_none_is_refused(allow: str) -> None:
    with pytest.raises(ValueError):
        called("127.0.0.1", 80, allow_private=allow)
