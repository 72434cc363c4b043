"""The same seed and the same calls bring the same results, and no segment is ever forgotten."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from textwire.simnet.exchange import Taken
from textwire.simnet.network import Network
from textwire.simnet.weather import Loss, Span, Throttle, Weather

from .driving import FRIEND, HOUR, PHONE, SECOND, START, passed, reports, submission

NUMBERS = [
    PHONE,
    FRIEND,
    *(f"+49170000{ending}" for ending in range(10)),
    *(f"+4917000{n:04d}" for n in range(10)),
]
STORM = Weather(
    latency=Span(0, 500),
    receipt_delay=Span(0, 60_000),
    loss=(Loss("receipt", 0.2), Loss("response", 0.1)),
    throttle=Throttle(probability=0.1, per_second=5),
    seed=11,
)

sends = st.tuples(
    st.just("send"), st.sampled_from(NUMBERS), st.booleans(), st.sampled_from([None, (1, 2, 1), (1, 2, 2)])
)
settings = st.tuples(
    st.just("set"), st.sampled_from(NUMBERS), st.sampled_from(["on", "off", "full", "answering"])
)
people = st.tuples(st.just("text"), st.sampled_from(NUMBERS[:6]), st.sampled_from(NUMBERS), st.booleans())
passing = st.tuples(st.just("wait"), st.integers(0, 30 * SECOND))
stories = st.lists(st.one_of(sends, settings, people, passing), max_size=40)


class Teller:
    """Plays a story on a network and writes down all that can be seen of it."""

    def __init__(self, weather: Weather) -> None:
        self.network = Network()
        self.network.set_weather(weather)
        self.now = START
        self.trace: list[Any] = []

    def play(self, story: list[tuple[Any, ...]]) -> None:
        for key, (verb, *arguments) in enumerate(story):
            getattr(self, verb)(key, *arguments)
        self.trace += passed(self.network, START + 100 * HOUR)
        self.trace += [self.network.phone(number) for number in NUMBERS]

    def send(self, key: int, number: str, owned: bool, concat: Any) -> None:
        sent = submission(number, key=key, owned=owned, concat=concat)
        self.trace.append(self.network.submit(sent, self.now))

    def set(self, _: int, number: str, state: Any) -> None:
        self.trace.append(self.network.set_phone(number, state=state, now=self.now))

    def text(self, _: int, number: str, to: str, owned: bool) -> None:
        if self.network.phone(number).state not in ("off", "gone"):
            self.trace.append(self.network.text(number, to, "hi", self.now, owned=owned))

    def wait(self, _: int, delta: int) -> None:
        self.now += delta
        self.trace += passed(self.network, self.now)


def told(story: list[tuple[Any, ...]], weather: Weather) -> Teller:
    teller = Teller(weather)
    teller.play(story)
    return teller


@given(stories)
def test_the_same_story_in_the_same_storm_leaves_the_same_trace(story: list[tuple[Any, ...]]) -> None:
    assert told(story, STORM).trace == told(story, STORM).trace


def test_another_seed_leaves_another_trace() -> None:
    story = [("send", PHONE, False, None)] * 20
    other = Weather(latency=STORM.latency, loss=STORM.loss, seed=12)
    assert told(story, STORM).trace != told(story, other).trace


@given(stories)
def test_in_calm_weather_every_segment_taken_is_reported_as_often_as_its_manner_says(
    story: list[tuple[Any, ...]],
) -> None:
    teller = told(story, Weather())
    sent = [act for act in story if act[0] == "send"]
    answers = [entry for entry in teller.trace if type(entry).__name__ in ("Taken", "Busy", "Refused")]
    expected: Counter[str] = Counter()
    for (_, number, owned, _), answer in zip(sent, answers, strict=True):
        if isinstance(answer, Taken):
            expected[answer.ref] = {"0007": 2, "0008": 0}.get(number[-4:], 1) if not owned else 1
    assert Counter(report.ref for report in reports(teller.trace)) == +expected
    assert teller.network.pending == 0


@given(stories)
def test_effects_come_in_order_of_time(story: list[tuple[Any, ...]]) -> None:
    teller = told(story, STORM)
    times = [entry.at for entry in teller.trace if type(entry).__name__ in ("Report", "Texted")]
    assert times == sorted(times)
