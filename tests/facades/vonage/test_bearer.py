"""Applications that prove themselves by a JWT, against the keys that are kept."""

import json as text
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.facades.vonage.asking import json
from tests.facades.vonage.house import ACCOUNT, START, House
from textwire.access.access import Access
from textwire.domain.refusal import Refusal
from textwire.facades.vonage.bearer import REPLAYS, Bearers
from textwire.facades.vonage.gate import Proved
from textwire.facades.vonage.statuses import Failed
from textwire.switch.draft import SendRequest
from textwire.web.request import Request

NOW = START // 1_000_000


class Caller:
    """An application of the house, with its private key."""

    def __init__(self, house: House, application: str, key: str) -> None:
        access = Access(house.core.store, house.times.now)
        house.core.people.observers.append(access.forget)
        self.bearers, self.application, self.key = Bearers(access, house.core.desk), application, key

    def token(self, **more: object) -> str:
        said = {"application_id": self.application, "iat": NOW, "jti": "one", "exp": NOW + 900, **more}
        key = RSAKey.import_key(self.key)
        return jws.serialize_compact({"alg": "RS256", "typ": "JWT"}, text.dumps(said), key, ["RS256"])

    async def proved(self, token: str, scheme: str = "Bearer", path: bytes = b"/v1/messages") -> Proved:
        scope: dict[str, Any] = {
            "type": "http", "method": "POST", "raw_path": path, "query_string": b"",
            "headers": [(b"authorization", f"{scheme} {token}".encode())], "client": ("127.0.0.1", 1),
        }  # fmt: skip

        async def nothing() -> dict[str, Any]:
            raise AssertionError("nobody reads the body")

        return await self.bearers.proved(Request(scope, nothing))

    async def refused(self, token: str, **more: Any) -> None:
        with pytest.raises(Failed) as caught:
            await self.proved(token, **more)
        assert caught.value.why == "credentials"


@pytest.fixture
async def caller(house: House) -> Caller:
    made = (await json(house, "POST", "/v2/applications", {"name": "n"})).json
    return Caller(house, made["id"], made["keys"]["private_key"])


async def test_a_token_proves_its_application(caller: Caller) -> None:
    found = await caller.proved(caller.token())
    assert (found.caller.account, found.caller.kind, found.caller.public_id) == (
        ACCOUNT, "application", caller.application,
    )  # fmt: skip
    assert (await caller.proved(caller.token(), scheme="bearer")).caller == found.caller


async def test_what_is_no_token_of_the_application_proves_nobody(house: House, caller: Caller) -> None:
    other = (await json(house, "POST", "/v2/applications", {"name": "n"})).json
    for token in ("", "x", "a.b.c", caller.token(exp=NOW), caller.token(application_id=other["id"])):
        await caller.refused(token)


async def test_a_token_for_other_paths_is_refused(caller: Caller) -> None:
    token = caller.token(acl={"paths": {"/*/messages/**": {}, "/v1/messages": {}}})
    await caller.proved(token)
    await caller.refused(token, path=b"/v2/reports/records")


async def test_a_removed_application_proves_nobody_at_once(house: House, caller: Caller) -> None:
    await caller.proved(caller.token())
    await json(house, "DELETE", f"/v2/applications/{caller.application}")
    await caller.refused(caller.token())


async def test_a_changed_key_ends_the_tokens_of_the_old_one(house: House, caller: Caller) -> None:
    other = (await json(house, "POST", "/v2/applications", {"name": "n"})).json
    body = {"name": "n", "keys": {"public_key": other["keys"]["public_key"]}}
    await json(house, "PUT", f"/v2/applications/{caller.application}", body)
    await caller.refused(caller.token())
    caller.key = other["keys"]["private_key"]
    await caller.proved(caller.token())


async def test_who_gets_it_wrong_too_often_waits(caller: Caller) -> None:
    for _ in range(5):
        await caller.refused(caller.token(exp=NOW))
    with pytest.raises(Refusal) as caught:
        await caller.proved(caller.token())
    assert caught.value.code == "too_many_failures"


async def test_what_a_token_was_taken_for_is_not_taken_again(house: House, caller: Caller) -> None:
    async def send(token: str, body: str) -> bool:
        found = await caller.proved(token)
        assert found.once is not None
        assert found.once.scope == REPLAYS
        request = SendRequest(
            account=ACCOUNT, principal=found.caller.principal, sender="AcmeInc", recipients=("+447700900123",),
            text=body, rights="owned", idempotency=found.once,
        )  # fmt: skip
        return (await house.core.desk.accept(request)).replay is None

    assert await send(caller.token(), "one")
    assert not await send(caller.token(), "one")
    assert not await send(caller.token(iat=NOW + 1), "one")
    assert await send(caller.token(jti="two"), "two")
    assert len(await house.kept()) == 2
