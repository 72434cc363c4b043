"""What is kept of conversations: the newer version, within bounds, under the right number."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from textwire_client import Message
from textwire_client.talk import book as module
from textwire_client.talk.book import Book

OWN, OTHER, PERSON = "+16139998877", "+447700900001", "+16131234567"
START = datetime(2030, 1, 1, tzinfo=UTC)


def message(n: int, *, number: str = OWN, remote: str = PERSON, **changes: Any) -> Message:
    given = {
        "id": str(n), "direction": "out", "state": "sent", "from": number, "to": remote, "text": f"text {n}",
        "encoding": None, "price": "0", "ref": None, "batch": None, "class": None, "on_ambiguous": "resend",
        "flash": False, "reason": None, "error": None, "possible_duplicate": False, "incomplete": False,
        "sequence": 1, "send_at": None, "held_until": None, "valid_until": None, "segments": 1, "attempts": 1,
        "created_at": (START + timedelta(seconds=n)).isoformat(), "updated_at": START.isoformat(), **changes,
    }  # fmt: skip
    return msgspec.convert(given, Message, strict=False)


def test_of_two_versions_the_newer_one_is_kept_whichever_comes_first() -> None:
    new, old = message(1, sequence=3, state="delivered"), message(1, sequence=2)
    for both in ((new, old), (old, new)):
        book = Book()
        for one in both:
            strand, _ = book.note(one)
        assert strand.in_order() == (new,)


def test_messages_are_in_the_order_of_their_making_and_the_oldest_go(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST_MESSAGES", 3)
    book = Book()
    for n in (5, 2, 9, 10, 1):
        strand, _ = book.note(message(n))
    assert [one.id for one in strand.in_order()] == ["5", "9", "10"]


def test_conversations_are_bounded_and_the_one_that_was_silent_longest_goes(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST_CONVERSATIONS", 2)
    book = Book()
    book.note(message(1, remote="a"))
    book.note(message(2, remote="b"))
    book.note(message(3, remote="a"))
    book.note(message(4, remote="c"))
    assert [strand.remote for strand in book.all()] == ["c", "a"]


def test_a_conversation_is_new_once() -> None:
    book = Book()
    assert [book.note(message(n))[1] for n in (1, 2)] == [True, False]
    assert book.note(message(3, number=OTHER))[1]
    assert book.find(PERSON) is book.find(PERSON, OTHER) is not book.find(PERSON, OWN)


def test_one_that_was_begun_without_a_number_takes_that_of_its_first_message() -> None:
    book = Book()
    strand = book.open(PERSON, None)
    assert book.note(message(1)) == (strand, False)
    assert (strand.number, book.find(PERSON, OWN)) == (OWN, strand)
    assert book.note(message(2, number=OTHER))[1]


def test_one_that_was_begun_by_another_spelling_takes_the_servers() -> None:
    book = Book()
    strand = book.open("16131234567", None)
    book.bind(strand, message(1))
    assert (strand.remote, strand.number, book.find(PERSON)) == (PERSON, OWN, strand)
    assert book.find("16131234567") is None


def test_what_was_deleted_is_not_brought_back_by_an_answer_that_comes_late() -> None:
    book = Book()
    strand, _ = book.note(message(1))
    assert book.delete("1") == PERSON
    book.note(message(1))
    assert strand.in_order() == ()
    assert book.delete("1") == PERSON  # told a second time: it is still known whose it was
    assert book.delete("7") == ""


def test_what_is_remembered_of_the_deleted_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST_DELETED", 2)
    book = Book()
    book.note(message(1))
    for n in (1, 2, 3):
        book.delete(str(n))
    assert book.delete("1") == ""


def test_a_conversation_that_is_deleted_keeps_what_is_under_way() -> None:
    book = Book()
    strand, _ = book.note(message(1, state="delivered"))
    book.note(message(2, state="sent"))
    book.close(strand)
    assert ([one.id for one in strand.in_order()], book.all()) == (["2"], (strand,))
    book.note(message(2, state="delivered", sequence=2))
    book.close(strand)
    assert (strand.in_order(), book.all()) == ((), ())
