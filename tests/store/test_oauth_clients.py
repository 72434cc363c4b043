"""The shelf of OAuth clients, on both engines."""

from textwire.store import oauth_clients
from textwire.store.oauth_clients import Details, OAuthClient
from textwire.store.store import Store

from .house import ACCOUNT, NOW, do


async def test_a_client_is_found_by_its_name_whatever_that_is(house: Store) -> None:
    new = OAuthClient(5, ACCOUNT, "client-1", "sealed", Details("Termine", web_origins=("+",)), NOW)
    await do(house, oauth_clients.insert, new)
    assert await oauth_clients.by_id(house.engine, "client-1") == new
    for unknown in ("client-2", "client-1\0", "\0", ""):
        assert await oauth_clients.by_id(house.engine, unknown) is None
