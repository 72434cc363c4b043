"""Short hands for driving a network in tests: submissions, and time that passes step by step."""

from typing import Any

from textwire.simnet.exchange import Effect, Report, Submission, Taken, Texted
from textwire.simnet.network import Network

MS = 1000
SECOND = 1_000_000
HOUR = 3600 * SECOND
START = 1_700_000_000 * SECOND

OURS = "+4915799912345"
PHONE = "+491701234567"
FRIEND = "+491707654321"


def submission(recipient: str = PHONE, text: str = "hello", **changes: Any) -> Submission:
    fields: dict[str, Any] = {
        "key": 255,
        "attempt": 1,
        "sender": OURS,
        "recipient": recipient,
        "text": text,
        "valid_until": START + 72 * HOUR,
    }
    return Submission(**(fields | changes))


def taken(network: Network, sent: Submission, now: int = START) -> Taken:
    answer = network.submit(sent, now)
    assert isinstance(answer, Taken)
    return answer


def passed(network: Network, until: int) -> list[Effect]:
    """All effects up to a time, each asked for when it is due."""
    effects: list[Effect] = []
    while (due := network.due()) is not None and due <= until:
        effects += network.advance(due)
    return effects


def reports(effects: list[Effect]) -> list[Report]:
    return [effect for effect in effects if isinstance(effect, Report)]


def texts(effects: list[Effect]) -> list[Texted]:
    return [effect for effect in effects if isinstance(effect, Texted)]


def shown(network: Network, number: str = PHONE) -> list[tuple[str, str, str]]:
    """(direction, other, text) of what a handset shows."""
    return [(message.direction, message.other, message.text) for message in network.messages(number)]
