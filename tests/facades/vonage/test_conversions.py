"""/conversions/sms: what came of a message, as its sender tells."""

from typing import Any
from urllib.parse import urlencode

import pytest

from textwire.facades.vonage.signatures import sign
from textwire.store import conversions
from textwire.store.conversions import Conversion

from .asking import FORM, basic, problem
from .house import DID, KEY, SECRET, SIGNING, START, Answer, House

PATH = "/conversions/sms"
AT = "2027-01-15 08:00:10"  # ten seconds after START
WRITTEN = START + 10_000_000


async def sent(house: House, **changes: str) -> str:
    found: str = (await house.send(**changes)).json["messages"][-1]["message-id"]
    return found


async def told(house: House, **fields: str) -> Answer:
    body = urlencode({name.replace("_", "-"): value for name, value in fields.items()}).encode()
    return await house.ask("POST", PATH, body, {**FORM, **basic()})


async def kept(house: House) -> Conversion | None:
    return await conversions.of(house.core.store.engine, (await house.kept())[0].id)


async def test_what_came_of_a_message_is_kept_with_it(house: House) -> None:
    part = await sent(house, text="a" * 200)
    answer = await told(house, message_id=part, delivered="True", timestamp=AT)
    assert (answer.status, answer.body) == (200, b"OK")
    [message] = await house.kept()
    assert await kept(house) == Conversion(message.id, 1, WRITTEN)
    await told(house, message_id=part.lower(), delivered="0")
    assert await kept(house) == Conversion(message.id, 0, house.clock.now())


async def test_who_asks_for_json_gets_it(house: House) -> None:
    fields = urlencode({"message-id": await sent(house), "delivered": "1"}).encode()
    answer = await house.ask("POST", PATH, fields, {**FORM, **basic(), "accept": "application/json"})
    assert (answer.headers["content-type"], answer.body) == ("application/json", b'"OK"')


def signed(fields: dict[str, str]) -> dict[str, str]:
    whole = {**fields, "api_key": KEY}
    return {**whole, "sig": sign("sha512", SIGNING, whole)}


async def test_all_credentials_at_once_are_fine(house: House) -> None:
    fields = {"message-id": await sent(house), "delivered": "true"}
    ways: list[tuple[dict[str, str], dict[str, str]]] = [
        ({**fields, "api_key": KEY, "api_secret": SECRET}, {}),
        ({**fields, "api_key": KEY, "api_secret": SECRET}, basic()),
        (fields, basic()),
    ]
    for query, headers in ways:
        assert (await house.ask("POST", f"{PATH}?{urlencode(query)}", b"", headers)).status == 200
    for more in ({}, {"api_secret": SECRET}):
        body = urlencode(signed({**fields, "timestamp": str(START // 1_000_000 - 900), **more})).encode()
        assert (await house.ask("POST", PATH, body, {**FORM, **basic()})).status == 200
    conversion = await kept(house)
    assert conversion is not None
    assert conversion.at == START - 900 * 1_000_000
    # The Python SDK 4 signs the time of the conversion where a signature's own belongs.
    body = urlencode(signed({**fields, "timestamp": AT})).encode()
    assert (await house.ask("POST", PATH, body, FORM)).status == 200
    assert await kept(house) == Conversion((await house.kept())[0].id, 1, WRITTEN)
    wrong = {**signed({**fields, "timestamp": AT}), "delivered": "false"}
    assert (await house.ask("POST", PATH, urlencode(wrong).encode(), {**FORM, **basic()})).status == 401


@pytest.mark.parametrize(
    ("fields", "status", "name"),
    [
        ({"message_id": "FFFFFFFFFFFF", "delivered": "true"}, 423, "message-id"),
        ({"message_id": "not hex", "delivered": "true"}, 420, "message-id"),
        ({"message_id": "F" * 16, "delivered": "true"}, 420, "message-id"),
        ({"delivered": "true"}, 420, "message-id"),
        ({"delivered": "perhaps"}, 420, "delivered"),
        ({"delivered": ""}, 420, "delivered"),
        ({"delivered": "true", "timestamp": "yesterday"}, 420, "timestamp"),
        ({"delivered": "true", "timestamp": "0999-01-01 00:00:00"}, 420, "timestamp"),
    ],
)
async def test_what_cannot_be_changes_nothing(
    house: House, fields: dict[str, str], status: int, name: str
) -> None:
    part = await sent(house)
    if name != "message-id":
        fields = {"message_id": part, **fields}
    refused = problem(await told(house, **fields))
    title = "Invalid parameters. The value of one or more parameters is invalid."
    assert refused == (status, "#3", title, [name])
    assert await kept(house) is None


async def test_what_came_in_is_no_message_of_ones_own(house: House) -> None:
    await house.text("hi", DID)
    [message] = await house.kept()
    assert (await told(house, message_id=f"{message.id:016X}", delivered="true")).status == 423


async def test_wrong_credentials_are_a_401_and_an_account_may_have_it_off(house: House) -> None:
    part = await sent(house)
    body: dict[str, Any] = {"message-id": part, "delivered": "true", "api_key": KEY, "api_secret": "wrong"}
    assert (await house.ask("POST", PATH, urlencode(body).encode(), FORM)).status == 401
    await house.set(conversions=False)
    refused = problem(await told(house, message_id=part, delivered="true"))
    assert refused == (402, "#forbidden", "Conversion has not been enabled for your account", [])
    assert await kept(house) is None
