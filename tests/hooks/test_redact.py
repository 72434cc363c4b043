"""What is kept of a reply: readable, bounded, without numbers and secrets."""

import pytest

from textwire.hooks.redact import LONGEST, redacted


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"", ""),
        (b"no such customer", "no such customer"),
        ("größer ☃".encode(), "größer ☃"),
        (b"to +44 7700 900123 failed", "to …0123 failed"),
        (b'{"to":"+447700900123","code":4711}', '{"to":"…0123","code":4711}'),
        (b"(613) 999-8877 is gone", "(…8877 is gone"),
        (b"at 2026-11-21T14:05", "at …1121T14:05"),
        (b"order 123456", "order 123456"),
        (b"Authorization: Bearer abc.def-123", "Authorization: [secret]"),
        (b"key tw_0123456789abcdef", "key [secret]"),
        (b"whsec_QUJDREVGR0g=", "[secret]"),
        (b"x" * 40, "[secret]"),
        (b"one\r\ntwo\tthree\x1b[31m\x00", "one\ntwo\tthree[31m"),
        (b"half \xe2\x82", "half \ufffd"),
    ],
)
def test_a_reply_as_it_is_kept(body: bytes, kept: str) -> None:
    assert redacted(body) == kept


def test_no_more_than_a_kibibyte_is_kept() -> None:
    assert len(redacted(b"word " * 1000)) == LONGEST
