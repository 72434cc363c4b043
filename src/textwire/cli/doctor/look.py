"""Every check, from the settings up to the traffic, one after the other."""

from collections.abc import Callable, Iterator
from typing import Final

from textwire.config import BadConfig, load

from . import database, place, server, tls, traffic
from .findings import Case, Finding

Check = Callable[[Case], Iterator[Finding]]
CHECKS: Final[tuple[Check, ...]] = (
    place.directory, place.files, place.room, server.process, server.ports, server.answers, database.reachable,
    database.schema, tls.certificate, server.clock, traffic.metrics, traffic.doubts, traffic.hooks, traffic.money,
)  # fmt: skip


def findings(
    data: str | None, store: str | None, file: str | None, url: str | None, key: str | None
) -> Iterator[Finding]:
    """Everything that is found; settings that cannot be leave nothing else to look at."""
    try:
        config = load({"data": data, "database": store}, file)
    except BadConfig as error:
        yield Finding("settings", "problem", str(error), "textwire serve --help")
        return
    yield Finding("settings", "ok", "every setting is known and can be")
    case = Case.of(config, url, key)
    for check in CHECKS:
        yield from _guarded(check, case)


def _guarded(check: Check, case: Case) -> Iterator[Finding]:
    """A check that fails is a finding, too, and no reason to leave the others out."""
    try:
        yield from check(case)
    except Exception as error:
        reason = getattr(error, "message", None) or getattr(error, "strerror", None) or type(error).__name__
        yield Finding(check.__name__, "problem", f"this could not be looked at: {reason}")
