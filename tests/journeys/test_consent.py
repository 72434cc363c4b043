"""STOP, START and HELP from phones: in their language, answered once, and never in a circle."""

import msgspec
import pytest

from textwire.domain.arrival import Arrival
from textwire.domain.compliance import Answers, Keywords
from textwire.store.engines.engine import statement
from textwire.switch.consent.heed import MOST_ANSWERS
from textwire.switch.consent.languages import LANGUAGES

from .life import ACCOUNT, DID, HOUR, PHONE, SECOND, Life, refused

_ANSWERS = statement("select recipient, text from message where rights = 'system' order by id")
_TOLD = statement(
    "select type, data from event where type in ('optout.added', 'optout.removed') order by number"
)


async def say(life: Life, text: str, sender: str = PHONE) -> None:
    """A text from outside, kept when this returns."""
    await life.core.inlet.receive(
        [Arrival(carrier="simulated", sender=sender, recipient=DID, text=text, at=life.clock.now())]
    )


async def answers(life: Life) -> list[str]:
    return [text for _, text in await life.core.store.read(_ANSWERS)]


async def told(life: Life) -> list[str]:
    return [kind for kind, _ in await life.core.store.read(_TOLD)]


async def test_each_language_is_confirmed_in_its_own_words(life: Life) -> None:
    wanted = []
    for n, language in enumerate(LANGUAGES):
        code = language.countries[0] if language.countries else "1"
        phone = f"+{code}5550{n:04}"
        for wish in ("stop", "start", "help"):
            await say(life, language.words[wish][0].upper(), phone)
            wanted.append(language.answers[wish])
    assert await answers(life) == wanted
    assert await told(life) == ["optout.added", "optout.removed"] * len(LANGUAGES)


async def test_the_confirmation_comes_once_however_often_somebody_says_stop(life: Life) -> None:
    for text in ("STOP", "stop!", "Stop", "ARRET", "UNSUBSCRIBE"):
        await say(life, text)
    assert len(await answers(life)) == 1
    assert await told(life) == ["optout.added"]
    both = [
        Arrival(carrier="simulated", sender="+447700900222", recipient=DID, text="STOP", at=life.clock.now())
        for _ in range(3)
    ]
    await life.core.inlet.receive(both)  # three in one transaction
    assert len(await answers(life)) == 2


async def test_start_of_somebody_who_never_stopped_is_an_ordinary_text(life: Life) -> None:
    await say(life, "START")
    assert await answers(life) == []
    assert await told(life) == []
    assert [m.text for m in await life.inbox()] == ["START"]


async def test_an_account_has_words_and_answers_of_its_own(life: Life) -> None:
    own = Keywords(stop=("Weg",), help=("wer?",), answers=Answers(stop="Tschüss.", help="Wir sind es."))
    await life.core.desk.rulings.set_keywords(ACCOUNT, own)
    await say(life, "WER")
    await say(life, "weg!")
    assert await answers(life) == ["Wir sind es.", "Tschüss."]
    assert await refused(life.send()) == "recipient_opted_out"
    await life.core.desk.rulings.set_keywords(ACCOUNT, Keywords())
    await say(life, "start")
    await say(life, "weg!")
    await life.send()


async def test_two_machines_do_not_answer_each_other_for_ever(life: Life) -> None:
    for _ in range(50):
        await say(life, "HELP")
    assert len(await answers(life)) == MOST_ANSWERS
    await say(life, "STOP")  # it counts, though nothing is said any more
    assert len(await answers(life)) == MOST_ANSWERS
    assert await refused(life.send()) == "recipient_opted_out"
    await say(life, "HELP", "+447700900222")
    assert len(await answers(life)) == MOST_ANSWERS + 1
    await life.step(25 * HOUR)
    await say(life, "HELP")
    assert len(await answers(life)) == MOST_ANSWERS + 2


async def test_two_accounts_whose_answers_are_each_others_words_fall_silent(life: Life) -> None:
    """A text to a number of this server comes in there: an answer to an answer."""
    own = Keywords(help=("ping",), answers=Answers(help="pong, what is ping?"))
    await life.core.desk.rulings.set_keywords(ACCOUNT, own)
    for _ in range(20):
        await say(life, "ping", "+447700900001")
    assert len(await answers(life)) == MOST_ANSWERS


@pytest.mark.parametrize("sender", ["12345", "ACME", "STOP"])
async def test_short_codes_and_names_are_never_answered(life: Life, sender: str) -> None:
    for text in ("STOP", "HELP", "START"):
        await say(life, text, sender)
    assert await answers(life) == []
    assert await told(life) == []
    assert len(await life.inbox()) == 3


async def test_the_event_says_whom_it_is_about_and_by_which_number(life: Life) -> None:
    await say(life, "STOP")
    [(_, data)] = await life.core.store.read(_TOLD)
    assert msgspec.json.decode(data) == {"number": PHONE, "via": DID}


async def test_an_opt_out_by_request_stops_what_waits_already(life: Life) -> None:
    [sent] = await life.send(send_at=life.clock.now() + HOUR)
    await life.core.desk.opting.add(ACCOUNT, PHONE)
    final = await life.live(sent.id, "failed", by=600 * SECOND)
    assert final.reason == "opted_out"
    await life.core.desk.opting.remove(ACCOUNT, PHONE)
    await life.send()
