"""The traffic: what waits and for how long, what is in doubt, which webhooks fail, and whether there is money."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from textwire.cli.failures import Failed

from .findings import Case, Finding

LATE: Final = 60.0  # seconds that something may be overdue before it is told
VERY_LATE: Final = 600.0
LAG: Final = 0.25  # seconds by which the loop may run late (reliability O3: 1 s is not ready)
MUCH_LAG: Final = 1.0
LITTLE: Final = Decimal(1)  # EUR
MOST: Final = 100  # webhooks and messages that are looked at

# What waits under a name of the outbox, in a person's words.
WAITING: Final = {"depart": "messages to leave", "flight": "answers of carriers", "await": "receipts", "hook": "events to be told",
                  "post": "deliveries to webhooks"}  # fmt: skip
_SAMPLE: Final = re.compile(
    r'^(?P<name>textwire_\w+)(?:\{topic="(?P<topic>[^"]*)"\})? (?P<value>\S+)$', re.MULTILINE
)


def metrics(case: Case) -> Iterator[Finding]:
    """How much waits and since when, and whether the server keeps up."""
    if case.api is None:
        return
    try:
        body, _ = case.api.download("/metrics")
    except Failed:
        return
    samples = {(m["name"], m["topic"] or ""): float(m["value"]) for m in _SAMPLE.finditer(body.decode())}
    yield from _queues(case, samples)
    lag = samples.get(("textwire_loop_lag_worst_seconds", ""))
    if lag is not None:
        said = f"the server's loop runs at most {lag * 1000:.0f} ms late"
        level: Any = "problem" if lag > MUCH_LAG else "warning" if lag > LAG else "ok"
        yield Finding("lag", level, said, "top" if level != "ok" else "")


def _queues(case: Case, samples: dict[tuple[str, str], float]) -> Iterator[Finding]:
    topics = sorted(topic for name, topic in samples if name == "textwire_outbox_rows")
    late = {topic: samples.get(("textwire_outbox_late_seconds", topic), 0.0) for topic in topics}
    for topic in topics:
        rows = int(samples["textwire_outbox_rows", topic])
        if rows and late[topic] > LATE:
            what = WAITING.get(topic.partition(":")[0], topic)
            level: Any = "problem" if late[topic] > VERY_LATE else "warning"
            yield Finding("queue", level, f"{rows} {what} wait, the oldest for {late[topic]:.0f} s more than it should",
                          f"textwire messages list --state queued{case.at}")  # fmt: skip
    if all(seconds <= LATE for seconds in late.values()):
        waiting = sum(int(samples["textwire_outbox_rows", topic]) for topic in topics)
        yield Finding("queue", "ok", f"{waiting} pieces of work wait, none of them too long")


def doubts(case: Case) -> Iterator[Finding]:
    """Messages of which nobody knows whether they arrived, or that somebody has to decide on."""
    if case.api is None:
        return
    for state, level in (("quarantined", "problem"), ("ambiguous", "warning")):
        try:
            found = case.api.get(f"/api/messages?state={state}&limit={MOST}")["items"]
        except Failed:
            return
        if found:
            more = " or more" if len(found) == MOST else ""
            yield Finding("doubts", level, f"{len(found)}{more} messages are {state}",  # type: ignore[arg-type]
                          f"textwire messages list --state {state}{case.at}")  # fmt: skip
            return
    yield Finding("doubts", "ok", "no message is in doubt")


def hooks(case: Case) -> Iterator[Finding]:
    """Webhooks that are off, or that fail."""
    if case.api is None:
        return
    try:
        found = case.api.get(f"/api/hooks?limit={MOST}")["items"]
    except Failed:
        return
    bad = [hook for hook in found if hook["state"] != "active" or hook["failing_since"]]
    for hook in bad:
        if hook["state"] != "active":
            yield Finding("webhooks", "warning", f"{hook['id']} is {hook['state']}: it is told nothing",
                          f"textwire hooks change {hook['id']} --state active{case.at}")  # fmt: skip
        else:
            yield Finding("webhooks", "warning", f"{hook['id']} fails since {hook['failing_since']}",
                          f"textwire hooks test {hook['id']}{case.at}")  # fmt: skip
    if not bad:
        yield Finding("webhooks", "ok", f"{len(found)} webhooks, none of them fails")


def money(case: Case) -> Iterator[Finding]:
    """Whether the account can pay for texts."""
    if case.api is None:
        return
    try:
        account = case.api.get("/api/account")
    except Failed:
        return
    balance = Decimal(account["balance"])
    if account["state"] != "active":
        yield Finding(
            "account",
            "problem",
            f"the account {account['name']} is {account['state']}: it may not send",
            "textwire accounts list",
        )
    elif balance < LITTLE:
        yield Finding(
            "account",
            "warning",
            f"the balance is {account['balance']} EUR",
            f"textwire accounts show{case.at}",
        )
    else:
        yield Finding("account", "ok", f"the balance of {account['name']} is {account['balance']} EUR")
