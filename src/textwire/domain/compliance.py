"""What an account has settled about consent, the night and how long things are kept."""

from typing import Annotated, Final, Literal

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Words = Annotated[tuple[Word, ...], msgspec.Meta(max_length=50)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
Klass = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,32}\Z")]

MOST_DAYS: Final = 3660


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is texted back in the place of our words; null keeps ours, in the language of the keyword."""

    stop: Text | None = None
    start: Text | None = None
    help: Text | None = None


class Keywords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that an account's people may text beside those that everybody may, and its own answers."""

    stop: Words = ()
    start: Words = ()
    help: Words = ()
    answers: Answers = Answers()

    def words(self, wish: str) -> tuple[str, ...]:
        """The words for `stop`, `start` or `help`."""
        found: tuple[str, ...] = getattr(self, wish)
        return found

    def answer(self, wish: str) -> str:
        """The answer to it, "" for ours."""
        return getattr(self.answers, wish) or ""


NO_KEYWORDS: Final = Keywords()


class QuietHours(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}
):
    """The hours, on the recipient's clock, in which nothing is sent but messages of the classes in `exempt`."""

    start: Clock
    end: Clock
    exempt: Annotated[tuple[Klass, ...], msgspec.Meta(max_length=20)] = ("otp",)


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many days texts and messages are kept; `redact`: texts go as soon as their message is final."""

    bodies_days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = 30
    messages_days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = 396
    redact: Literal["never", "final"] = "never"


USUAL_RETENTION: Final = Retention()
