"""Accounts: what can be set, and what people and accounts may be called."""

import re

import msgspec
import pytest

from textwire.domain.account import (
    ACCOUNT_NAME_PATTERN,
    CHECKS,
    DEFAULTS,
    EMAIL_PATTERN,
    OURS,
    Account,
    Settings,
    email_of,
    password_lookup,
)


def test_every_setting_has_a_default_that_passes_its_check() -> None:
    names = {field.name for field in msgspec.structs.fields(Settings)}
    assert msgspec.convert(msgspec.to_builtins(DEFAULTS), Settings) == DEFAULTS == Settings()
    assert set(CHECKS) <= names
    assert not [name for name, check in CHECKS.items() if check(getattr(DEFAULTS, name))]


@pytest.mark.parametrize(
    ("country", "fits"), [("", True), ("49", True), ("DE", True), ("ZZ", False), ("0", False)]
)
def test_a_country_is_one_that_numbers_can_be_completed_for(country: str, fits: bool) -> None:
    assert (CHECKS["country"](country) == "") is fits


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        ("jo@example.test", True), ("a@b", True), ("größe@example.test", True), ("a" * 64 + "@b", True),
        ("a" * 65 + "@b", False), ("", False), ("@", False), ("a@", False), ("@b", False), ("a@b@c", False),
        ("a b@c", False), ("a@b\n", False), ("a\x00@b", False),
    ],
)  # fmt: skip
def test_an_address_has_two_ends_and_nothing_that_breaks_a_line(written: str, fits: bool) -> None:
    assert (re.search(EMAIL_PATTERN, written) is not None) is fits


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("acme", True), ("a", True), ("a-b-c", True), ("0x", True), ("a" * 15, True), ("a" * 16, False),
        ("", False), ("A", False), ("a--b", False), ("-a", False), ("a-", False), ("a\n", False), (OURS + "codes", False),
    ],
)  # fmt: skip
def test_an_account_has_a_short_plain_name(name: str, fits: bool) -> None:
    assert (re.search(ACCOUNT_NAME_PATTERN, name) is not None) is fits


def test_nobody_can_call_an_account_like_one_of_the_program() -> None:
    assert Account(1, OURS + "codes", 0, 0, "active", 0).is_ours
    assert not Account(1, "codes", 0, 0, "active", 0).is_ours


def test_an_address_is_the_same_in_whatever_letters() -> None:
    assert email_of(" JO@Example.TEST ") == "jo@example.test"
    assert password_lookup("JO@example.test") == password_lookup("jo@example.test ")
