"""What becomes of a message with its age."""

from hypothesis import given
from hypothesis import strategies as st

from textwire.domain.compliance import Retention
from textwire.domain.message import FINAL, STATES
from textwire.store.keeping import Kept
from textwire.switch.keeping.fate import DAY, READ, again, fate, reaches

BORN = 1_800_000_000_000_000
ORDER = ("keep", "redact", "delete")

rules = st.builds(
    Retention,
    bodies_days=st.integers(1, 400),
    messages_days=st.integers(400, 3660),
    redact=st.sampled_from(["never", "final"]),
)
states = st.sampled_from(sorted(STATES))
directions = st.sampled_from(["in", "out"])


def kept(state: str = "delivered", direction: str = "out", send_at: int = 0) -> Kept:
    return Kept(1, 7, direction, state, 1, BORN, send_at)  # type: ignore[arg-type]


def test_the_usual_is_thirty_days_and_thirteen_months() -> None:
    usual = Retention()
    assert fate(kept(), usual, BORN + 30 * DAY - 1) == "keep"
    assert fate(kept(), usual, BORN + 30 * DAY) == "redact"
    assert fate(kept(), usual, BORN + 396 * DAY - 1) == "redact"
    assert fate(kept(), usual, BORN + 396 * DAY) == "delete"


def test_a_scheduled_message_ages_from_its_time_to_send() -> None:
    later = kept(send_at=BORN + 100 * DAY)
    assert fate(later, Retention(), BORN + 129 * DAY) == "keep"
    assert fate(later, Retention(), BORN + 130 * DAY) == "redact"


def test_with_redaction_a_text_goes_when_it_is_over_and_an_inbound_one_a_day_later() -> None:
    rule = Retention(redact="final")
    assert fate(kept(), rule, BORN) == "redact"
    assert fate(kept("sent"), rule, BORN + 999 * DAY) == "keep"
    assert fate(kept("received", "in"), rule, BORN + READ - 1) == "keep"
    assert fate(kept("received", "in"), rule, BORN + READ) == "redact"


@given(state=states, direction=directions, rule=rules, age=st.integers(0, 5000 * DAY))
def test_what_is_not_final_is_kept_however_old(state: str, direction: str, rule: Retention, age: int) -> None:
    if state not in FINAL:
        assert fate(kept(state, direction), rule, BORN + age) == "keep"


@given(direction=directions, rule=rules, age=st.integers(0, 5000 * DAY), more=st.integers(0, 500 * DAY))
def test_time_only_ever_takes(direction: str, rule: Retention, age: int, more: int) -> None:
    early, late = (fate(kept(direction=direction), rule, BORN + a) for a in (age, age + more))
    assert ORDER.index(early) <= ORDER.index(late)


@given(state=states, direction=directions, rule=rules, age=st.integers(0, 5000 * DAY))
def test_what_is_due_is_within_reach_and_what_is_kept_is_looked_at_again_later(
    state: str, direction: str, rule: Retention, age: int
) -> None:
    one, now = kept(state, direction), BORN + age
    texts, whole = reaches(rule, now)
    assert whole <= texts <= now
    if fate(one, rule, now) == "delete":
        assert one.created_at <= whole
    if fate(one, rule, now) == "redact" and age > 60_000_000:
        assert one.created_at <= texts
    assert again(one, rule, now) > now
