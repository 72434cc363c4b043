"""The life of a token: whose it is, until when, and that nothing but time ends it."""

import base64
import json
from typing import Any

import pytest
from msgspec.structs import replace

from textwire.domain.account import Principal
from textwire.domain.refusal import Refusal
from textwire.facades.kandy import tokens
from textwire.facades.kandy.tokens import ISSUER, KNOWN_SECONDS, SECONDS, Issued, Person, Tokens

KEY, OTHER_KEY = "k" * 43, "o" * 43
START = 1_700_000_000_000_000
ADA = Principal(7, 3, "user", "ada-1", "ada@example.test", "Ada")
PERSON = Person(
    public_id="ada-1",
    client_id="PUB-demo.x1",
    credential=5,
    email="ada@example.test",
    numbers=("+16139998877", "+447700900001"),
)


class House:
    """A clock and the principals there are, with a count of how often one was asked for."""

    def __init__(self) -> None:
        self.now = START
        self.people = {"ada-1": ADA}
        self.asked = 0

    def tokens(self, key: str = KEY) -> Tokens:
        return Tokens(key, lambda: self.now, self.principal)

    async def principal(self, public_id: str) -> Principal | None:
        self.asked += 1
        return self.people.get(public_id)

    def after(self, seconds: float) -> None:
        self.now += int(seconds * 1_000_000)


@pytest.fixture
def house() -> House:
    return House()


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True))
    return read


async def refused(issuer: Tokens, token: str) -> None:
    with pytest.raises(Refusal) as caught:
        await issuer.caller(token)
    assert caught.value.code == "unauthorized"


def test_the_id_token_has_what_sdks_decode(house: House) -> None:
    said = claims(house.tokens().issue(PERSON).id_token)
    assert said["preferred_username"] == "ada-1"
    user, at, domain = said["services-identity"].partition("@")
    assert (user, at) == ("ada-1", "@")
    assert domain
    assert said["sms-did-list"] == "+16139998877,+447700900001"
    assert said["typ"] == "ID"
    assert said["email"] == "ada@example.test"


def test_the_access_token_has_whole_seconds_from_which_renewal_is_computed(house: House) -> None:
    said = claims(house.tokens().issue(PERSON).access_token)
    assert (said["iat"], said["exp"]) == (START // 1_000_000, START // 1_000_000 + 28_800)
    assert said["typ"] == "Bearer"
    assert said["aud"] == said["azp"] == "PUB-demo.x1"
    assert {"smsmessaging", "notificationchannel", "websocket"} <= set(said["realm_access"]["roles"])
    assert (said["nbf"], said["iss"], said["realm"]) == (0, ISSUER, "textwire")
    assert said["clientId"] == "PUB-demo.x1"
    assert {"jti", "sub", "session_state", "acr", "email"} <= set(said)


def test_sub_is_the_same_each_time_and_not_the_user_id(house: House) -> None:
    first, second = (claims(house.tokens().issue(PERSON).access_token) for _ in range(2))
    assert first["sub"] == second["sub"] != "ada-1"
    assert first["jti"] != second["jti"]


def test_a_project_without_numbers_has_neither_list_nor_email(house: House) -> None:
    issued = house.tokens().issue(
        Person(public_id="project-1", client_id="PRIV-demo.x.My project >?~", credential=6)
    )
    assert {"sms-did-list", "email"} & set(claims(issued.id_token)) == set()
    assert claims(issued.access_token)["azp"] == "PRIV-demo.x.My project >?~"


async def test_a_token_proves_its_principal(house: House) -> None:
    issuer = house.tokens()
    caller = await issuer.caller(issuer.issue(PERSON).access_token)
    assert (caller.account, caller.principal, caller.kind, caller.public_id) == (3, 7, "user", "ada-1")


async def test_newer_tokens_revoke_nothing_and_a_restart_neither(house: House) -> None:
    old = house.tokens().issue(PERSON).access_token
    for _ in range(3):
        house.after(60)
        house.tokens().issue(PERSON)
    assert (await house.tokens().caller(old)).principal == 7


async def test_a_token_ends_with_its_time_to_the_second(house: House) -> None:
    issuer = house.tokens()
    token = issuer.issue(PERSON).access_token
    house.after(SECONDS - 0.000_001)
    assert await issuer.caller(token)
    house.after(0.000_001)
    await refused(issuer, token)
    await refused(house.tokens(), token)


def others(issued: Issued) -> dict[str, str]:
    return {
        "id token": issued.id_token,
        "refresh token": issued.refresh_token,
        "session": issued.session_state,
        "stripped": issued.access_token.rpartition(".")[0] + ".",
        "a password": "password",
        "surrogates": "\ud800",
    }


@pytest.mark.parametrize(
    "label", ["id token", "refresh token", "session", "stripped", "a password", "surrogates"]
)
async def test_only_an_access_token_gives_access(house: House, label: str) -> None:
    issuer = house.tokens()
    await refused(issuer, others(issuer.issue(PERSON))[label])


async def test_a_token_of_another_server_is_refused(house: House) -> None:
    await refused(house.tokens(), house.tokens(OTHER_KEY).issue(PERSON).access_token)


async def test_a_token_of_another_issuer_with_our_key_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tokens, "ISSUER", "textwire:something")
        foreign = house.tokens().issue(PERSON).access_token
    await refused(house.tokens(), foreign)


async def test_a_known_token_costs_no_look_up(house: House) -> None:
    issuer = house.tokens()
    token = issuer.issue(PERSON).access_token
    for _ in range(50):
        await issuer.caller(token)
    assert house.asked == 1


async def test_whoever_is_gone_is_forgotten_within_a_second(house: House) -> None:
    issuer = house.tokens()
    token = issuer.issue(PERSON).access_token
    await issuer.caller(token)
    house.people.clear()
    house.after(KNOWN_SECONDS)
    await refused(issuer, token)


async def test_a_refused_token_is_not_remembered_and_the_memory_is_bounded(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_KNOWN", 2)
    issuer = house.tokens()
    issued = [issuer.issue(PERSON).access_token for _ in range(3)]
    for n in range(100):
        await refused(issuer, f"wrong-{n}")
    for token in issued:
        await issuer.caller(token)
    assert len(issuer._known) == 2
    await issuer.caller(issued[2])
    assert house.asked == 3
    await issuer.caller(issued[0])  # the oldest had to go
    assert house.asked == 4


async def test_refreshing_needs_the_same_client_and_a_refresh_token(house: House) -> None:
    issuer = house.tokens()
    issued = issuer.issue(PERSON)
    refresh = await issuer.refreshed(issued.refresh_token, "PUB-demo.x1")
    assert (refresh.caller.principal, refresh.caller.credential, refresh.email) == (7, 5, ADA.email)
    assert refresh.until == START // 1_000_000 + SECONDS
    for token, client in ((issued.refresh_token, "PUB-other"), (issued.access_token, "PUB-demo.x1")):
        with pytest.raises(Refusal):
            await issuer.refreshed(token, client)


async def test_a_refresh_token_goes_back_unchanged_so_that_the_chain_ends(house: House) -> None:
    issuer = house.tokens()
    first = issuer.issue(PERSON)
    house.after(SECONDS - 1)
    refresh = await issuer.refreshed(first.refresh_token, "PUB-demo.x1")
    second = issuer.issue(replace(PERSON, refresh=refresh))
    assert second.refresh_token == first.refresh_token
    assert second.refresh_expires_in == 1
    house.after(1)
    with pytest.raises(Refusal):
        await issuer.refreshed(second.refresh_token, "PUB-demo.x1")
