from typing import Any

import pytest

from tests.facades.api.house import House

PATH = "/api/text/preview"


async def previewed(house: House, **form: Any) -> Any:
    reply = await house.alice.ask("POST", PATH, form)
    assert reply.status == 200, reply
    return reply.json


async def test_a_plain_text_is_told_with_its_segments_and_price(house: House) -> None:
    found = await previewed(house, text="x" * 161, to="+447700900123")
    assert (found["encoding"], found["characters"], found["room"]) == ("gsm7", 161, 145)
    assert [(s["n"], s["characters"], s["units"]) for s in found["segments"]] == [(1, 153, 153), (2, 8, 8)]
    assert (found["price"], found["forced"], found["suggestion"]) == ("0.14", 0, None)


async def test_each_character_that_forces_ucs2_is_named_and_priced(house: House) -> None:
    found = await previewed(house, text="It’s " + "x" * 100, to="+447700900123")
    assert (found["encoding"], found["price"], found["forced"]) == ("ucs2", "0.14", 1)
    assert found["characters_forcing_ucs2"] == [
        {
            "character": "’", "code": "U+2019", "name": "RIGHT SINGLE QUOTATION MARK", "positions": [2],
            "instead": "'", "cost": {"segments": 1, "price": "0.07"},
        }
    ]  # fmt: skip
    assert found["suggestion"] == {
        "text": "It's " + "x" * 100, "segments": 1, "price": "0.07", "saves": {"segments": 1, "price": "0.07"},
    }  # fmt: skip


async def test_the_price_is_that_of_sending_it(house: House) -> None:
    text = "“quoted” " * 20
    found = await previewed(house, text=text, to="+447700900123")
    sent = await house.alice.sent(text=text)
    assert (found["price"], found["encoding"], len(found["segments"])) == (
        sent["price"], sent["encoding"], sent["segments"],
    )  # fmt: skip


async def test_without_a_recipient_there_is_no_price(house: House) -> None:
    found = await previewed(house, text="’")
    assert (found["price"], found["suggestion"]["price"]) == (None, None)


async def test_another_encoding_can_be_asked_for(house: House) -> None:
    assert (await previewed(house, text="plain", encoding="ucs2"))["encoding"] == "ucs2"
    found = await previewed(house, text="it’s", encoding="gsm7")
    assert (found["encoding"], found["segments"][0]["text"]) == ("gsm7", "it's")


BAD: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"text": ""}, "text_empty", ["text"]),
    ({}, "missing_field", ["text"]),
    ({"text": "x" * 10_001}, "invalid_field", ["text"]),
    ({"text": "x", "to": "nobody"}, "invalid_address", ["to"]),
    ({"text": "Ж", "encoding": "gsm7"}, "invalid_field", ["text"]),
    ({"text": "x", "encoding": "latin1"}, "invalid_field", ["encoding"]),
    ({"text": "x", "from": "y"}, "unknown_field", ["from"]),
    ({"text": 5}, "invalid_field", ["text"]),
]


@pytest.mark.parametrize(("form", "code", "fields"), BAD)
async def test_what_cannot_be_previewed_is_refused(
    house: House, form: dict[str, Any], code: str, fields: list[str]
) -> None:
    assert (await house.alice.ask("POST", PATH, form)).problem == (400, code, fields)


async def test_the_dearest_text_names_the_first_that_make_it_so(house: House) -> None:
    found = await previewed(house, text="".join(chr(0x400 + n % 200) for n in range(10_000)))
    assert (found["forced"], len(found["characters_forcing_ucs2"])) == (200, 20)
    assert len(found["characters_forcing_ucs2"][0]["positions"]) == 50
    assert len(found["segments"]) >= 150
