"""Opt-outs as the server tells them."""

from __future__ import annotations

from datetime import datetime

from .base import Value


class OptOut(Value, frozen=True, kw_only=True):
    """Somebody who wants no more texts from the account."""

    number: str
    source: str
    since: datetime


class BadRow(Value, frozen=True, kw_only=True):
    """A row of a list that cannot be taken."""

    line: int
    detail: str


class OptOutsImported(Value, frozen=True, kw_only=True):
    """What became of a list of opt-outs."""

    applied: bool
    rows: int
    added: int
    known: int
    bad_rows: int
    bad: tuple[BadRow, ...]
