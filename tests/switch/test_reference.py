"""Long texts on their way to the same handset must not be taken for parts of each other."""

from types import SimpleNamespace
from typing import Any, cast

from textwire.domain.ids import Ids
from textwire.switch.carrier import Carrier
from textwire.switch.draft import Drafter, SendRequest
from textwire.switch.prices import Prices
from textwire.switch.routing import Routing

NOW = 1_800_000_000_000_000  # µs
LONG = "the quick brown fox " * 20
MILLISECOND = 1000


def drafter() -> Drafter:
    carrier = SimpleNamespace(name="simulated", window=1, receipts=True, simulated=True)
    return Drafter(Ids(), Routing([cast(Carrier, carrier)]), Prices({}), "1")


def references(times: list[int], **wishes: Any) -> list[int]:
    """The references of texts drafted at these times."""
    asked: dict[str, Any] = {
        "sender": "+16139998877",
        "recipients": ("+447700900123",),
        "text": LONG,
    } | wishes
    request = SendRequest(account=1, principal=2, rights="owned", **asked)
    drafting = drafter()
    return [draft.reference for at in times for draft in drafting.drafts(request, at, at)]


def test_long_texts_of_one_millisecond_have_different_references() -> None:
    assert len(set(references([NOW] * 60))) == 60


def test_long_texts_of_milliseconds_in_a_row_have_different_references() -> None:
    assert len(set(references([NOW + n * MILLISECOND for n in range(256)]))) == 256


def test_long_texts_that_leave_every_second_have_different_references() -> None:
    assert len(set(references([NOW + n * 1_000_000 for n in range(32)]))) == 32


def test_a_reference_has_eight_bits() -> None:
    assert all(0 <= reference < 256 for reference in references([NOW + n * 777_777 for n in range(300)]))


def test_a_single_segment_has_no_reference() -> None:
    assert references([NOW + MILLISECOND], text="hello") == [0]
