"""The URLs and addresses that nobody can make us call."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.hooks.guard import Allowance, Policy, Refused, judge_address, judge_url

PUBLIC = Policy()
DESK = Policy(allow_loopback=True, own_ports=frozenset({8080, 5432}))


def words(text: str) -> list[str]:
    return text.split()


# Every row of the deny table at its first and last address, and the metadata services by name.
BLOCKED = words("""
0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255
127.0.0.1 127.255.255.254 169.254.0.1 169.254.169.254 169.254.255.255 172.16.0.0 172.31.255.255
192.0.0.0 192.0.0.170 192.0.0.192 192.0.0.255 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1
192.168.255.255 192.175.48.1 198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.255 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255 168.63.129.16
:: ::1 ::7f00:1 ::a9fe:a9fe ::ffff:0:7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:168.63.129.16
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:0:a9fe:a9fe::1 2001:1ff:ffff::1 2001:db8::1
2002:7f00:1:: 2002:a9fe:a9fe:: 3fff::1 3fff:fff::1 5f00::1 fc00::1 fd00:ec2::254 fd20:ce::254 fdff::1
fe80::1 fe80::1%eth0 febf::1 fec0::1 feff::1 ff00::1 ff02::1 ffff::1
""")

OPEN = words("""
1.0.0.0 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0
198.17.255.255 198.20.0.0 223.255.255.255 168.63.129.17 ::ffff:8.8.8.8
2001:200::1 2001:4860:4860::8888 2003::1 2600::1 2a00::1 fbff::1
""")

# None of these opens by any setting.
NEVER = words("""
0.0.0.0 169.254.169.254 168.63.129.16 100.100.100.200 192.0.0.192 224.0.0.1 255.255.255.255 :: ::7f00:1 ::ffff:0:7f00:1
64:ff9b::7f00:1 2002:a9fe:a9fe:: fe80::1 ff02::1 fd00:ec2::254 fd20:ce::254
""")


def verdict(ip: str, port: int, policy: Policy) -> str:
    try:
        judge_address(ip, port, policy)
    except Refused as refused:
        return refused.reason
    return "called"


def url_verdict(url: str, policy: Policy = PUBLIC) -> str:
    try:
        judge_url(url, policy)
    except Refused as refused:
        return refused.reason
    return "called"


@pytest.mark.parametrize("ip", BLOCKED)
def test_an_inner_address_is_blocked(ip: str) -> None:
    assert verdict(ip, 443, PUBLIC) == "blocked_address"


@pytest.mark.parametrize("ip", [ip for ip in BLOCKED if "%" not in ip])
def test_an_inner_address_is_blocked_at_save_when_a_url_spells_it(ip: str) -> None:
    assert url_verdict(f"https://{f'[{ip}]' if ':' in ip else ip}/hook") == "blocked_address"


@pytest.mark.parametrize("ip", OPEN)
def test_the_neighbours_of_the_blocked_ranges_are_called(ip: str) -> None:
    assert verdict(ip, 443, PUBLIC) == "called"


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(set(BLOCKED)) >= 60


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_called(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        assert verdict(str(address), 443, PUBLIC) == "blocked_address"


# SR2: what tries to hide where it goes.
BAD_URLS = [
    "",
    "example.com",
    "//example.com/",
    "http:/example.com",
    "http://",
    "http:///path",
    "http://?x",
    "http://:80/",
    "http://a@127.0.0.1/",
    "http://user:pass@example.com/",
    "http://@example.com/",
    "http://8.8.8.8\\@127.0.0.1/",
    "http://8.8.8.8\\127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%00.example.com/",
    "http://example.com%00/",
    "http://exa\tmple.com/",
    "http://example.com/\t",
    "http://example.com/a\r\nHost: evil",
    "http://example.com/\x00",
    "http://example.com/\x7f",
    " http://example.com/",
    "http://example.com/ ",
    "http://example.com/\u2003",
    "http://exam ple.com/",
    "http://example.com:x/",
    "http://example.com:-1/",
    "http://example.com:8888888/",
    "http://example.com:８０/",
    "http://[::1/",
    "http://::1/",
    "http://[fe80::1%25eth0]/",
    "http://[::1]x/",
    "http://1.2.3.4.5/",
    "http://256.1.1.1/",
    "http://\ud800.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_PING",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "ftp://example.com/",
    "ws://example.com/",
    "javascript:alert(1)",
    "httpſ://example.com/",
    "http://example.com/" + "a" * 4096,
    "http://example.com/" + "é" * 2048,
]

HIDDEN_LOOPBACK = [
    "http://127.1/",
    "http://0177.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://0/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://１２７.0.0.1/",
    "http://localhost/",
    "http://localhost./",
    "http://LocalHost/",
    "http://ⓛocalhost/",
    "http://anything.localhost/",
    "http://127.0.0.1./",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[0:0:0:0:0:ffff:7f00:1]/",
    "HTTP://127.0.0.1",
    "http://127.0.0.1?x=1",
    "http://127.0.0.1#x",
    "https://127.0.0.1:443/",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_url_that_is_none_of_ours_to_call_is_bad(url: str) -> None:
    assert url_verdict(url) == "bad_url"


@pytest.mark.parametrize("url", HIDDEN_LOOPBACK)
def test_a_hidden_loopback_is_blocked_at_save(url: str) -> None:
    assert url_verdict(url) == "blocked_address"


@pytest.mark.parametrize("url", HIDDEN_LOOPBACK)
def test_the_desk_may_call_loopback_however_it_is_spelled_but_not_nowhere(url: str) -> None:
    assert url_verdict(url, DESK) == ("blocked_address" if url == "http://0/" else "called")


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (0, "blocked_port"),
        (22, "blocked_port"),
        (25, "blocked_port"),
        (80, "called"),
        (81, "blocked_port"),
        (443, "called"),
        (1023, "blocked_port"),
        (1024, "called"),
        (65535, "called"),
        (65536, "blocked_port"),
    ],
)
def test_only_web_ports_and_high_ones_are_called(port: int, expected: str) -> None:
    assert url_verdict(f"http://example.com:{port}/") == expected
    assert verdict("8.8.8.8", port, PUBLIC) == expected


@pytest.mark.parametrize(
    ("ip", "port", "expected"),
    [
        ("127.0.0.1", 1880, "called"),
        ("127.9.9.9", 1880, "called"),
        ("::1", 1880, "called"),
        ("::ffff:127.0.0.1", 1880, "called"),
        ("127.0.0.1", 8080, "blocked_address"),
        ("127.0.0.2", 8080, "blocked_address"),
        ("::1", 5432, "blocked_address"),
        ("::ffff:127.0.0.1", 5432, "blocked_address"),
        ("127.0.0.1", 22, "blocked_port"),
        ("8.8.8.8", 8080, "called"),
        ("10.0.0.1", 1880, "blocked_address"),
        ("169.254.169.254", 80, "blocked_address"),
        ("fe80::1", 80, "blocked_address"),
    ],
)
def test_at_the_desk_loopback_is_open_but_for_our_own_ports(ip: str, port: int, expected: str) -> None:
    assert verdict(ip, port, DESK) == expected


@pytest.mark.parametrize(
    ("ip", "port", "expected"),
    [
        ("10.1.2.3", 1880, "called"),
        ("::ffff:10.1.2.3", 1880, "called"),
        ("10.1.2.3", 1881, "blocked_address"),
        ("10.1.3.3", 1880, "blocked_address"),
        ("127.0.0.1", 81, "called"),
        ("127.0.0.1", 80, "blocked_address"),
        ("fd12::5", 9000, "called"),
        ("fd13::5", 9000, "blocked_address"),
        ("10.1.2.3", 5432, "blocked_address"),
        ("8.8.8.8", 81, "blocked_port"),
    ],
)
def test_an_allowance_opens_one_network_at_one_port(ip: str, port: int, expected: str) -> None:
    texts = ("10.1.2.0/24:1880", "127.0.0.1:81", "[fd12::/16]:9000", "10.1.2.0/24:5432")
    policy = Policy(allowed=tuple(map(Allowance.read, texts)), own_ports=frozenset({5432}))
    assert verdict(ip, port, policy) == expected


@pytest.mark.parametrize("ip", NEVER)
def test_no_setting_opens_metadata_or_what_wraps_another_address(ip: str) -> None:
    everything = tuple(Allowance.read(text) for text in ("0.0.0.0/0:80", "[::/0]:80"))
    assert verdict(ip, 80, Policy(allow_loopback=True, allowed=everything)) == "blocked_address"


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8", "10.0.0.0/8:", "10.0.0.1/8:80", "10.0.0.0/8:0", "x:80", ":80", "10.0.0.1:８０"]
)
def test_an_allowance_without_network_or_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Allowance.read(text)


def test_our_own_addresses_are_refused_even_when_public() -> None:
    policy = Policy(own_addresses=frozenset({"8.8.4.4", "2a00::5"}))
    assert [verdict(ip, 443, policy) for ip in ("8.8.4.4", "2a00::5", "8.8.8.8")] == [
        "blocked_address"
    ] * 2 + ["called"]
    with pytest.raises(Refused):
        judge_address("8.8.8.8", 443, PUBLIC, ours=True)


def test_what_is_no_address_is_no_verdict() -> None:
    with pytest.raises(ValueError):
        judge_address("example.com", 80, PUBLIC)


def test_a_target_keeps_what_a_request_needs() -> None:
    target = judge_url('HTTPS://Bücher.Example:8443/a b/ü?q="1"&r=%20#part', PUBLIC)
    assert (target.scheme, target.host, target.port) == ("https", "xn--bcher-kva.example", 8443)
    assert target.path == "/a%20b/%C3%BC?q=%221%22&r=%20"
    assert target.authority == "xn--bcher-kva.example:8443"
    assert target.origin == "https://xn--bcher-kva.example:8443"
    assert judge_url(target.url, PUBLIC) == target


@pytest.mark.parametrize(
    ("url", "path", "authority"),
    [
        ("http://example.com", "/", "example.com"),
        ("http://example.com:80", "/", "example.com"),
        ("http://example.com:/", "/", "example.com"),
        ("https://example.com:80?x", "/?x", "example.com:80"),
        ("http://[2600::1]:8000/", "/", "[2600::1]:8000"),
        ("http://[::ffff:8.8.8.8]/", "/", "8.8.8.8"),
        ("http://example.com/a?b=[c]|{d}", "/a?b=[c]%7C%7Bd%7D", "example.com"),
    ],
)
def test_a_url_is_written_in_one_way(url: str, path: str, authority: str) -> None:
    target = judge_url(url, PUBLIC)
    assert (target.path, target.authority) == (path, authority)


def test_a_query_is_added_percent_encoded() -> None:
    target = judge_url("http://example.com/in?key=1", PUBLIC)
    full = target.with_query({"text": "a&b=\r\nX: y 😀+", "to": "+44"})
    assert full.path == "/in?key=1&text=a%26b%3D%0D%0AX%3A+y+%F0%9F%98%80%2B&to=%2B44"
    assert judge_url("http://example.com", PUBLIC).with_query({"a": "b"}).path == "/?a=b"


@given(st.text(max_size=80))
def test_any_tail_of_a_url_becomes_a_visible_request_target_or_is_refused(tail: str) -> None:
    try:
        target = judge_url("http://example.com/" + tail, PUBLIC)
    except Refused:
        return
    assert target.host == "example.com"
    assert all("!" <= character <= "~" for character in target.path)


@given(st.text(max_size=80))
def test_any_text_is_a_target_or_refused_for_a_known_reason(text: str) -> None:
    assert url_verdict("http://" + text) in {"called", "bad_url", "blocked_port", "blocked_address"}
