from .house import House


async def test_an_account_sees_its_balance_and_who_is_calling(house: House) -> None:
    await house.alice.sent()
    found = await house.alice.get("/api/account")
    assert found.pop("created_at").endswith("Z")
    assert found == {
        "name": "alice",
        "state": "active",
        "trial": False,
        "balance": "99.93",
        "currency": "EUR",
        "caller": {"principal": "key-alice", "kind": "key", "scopes": ["manage", "operator", "read", "send"]},
    }
    theirs = await house.bob.get("/api/account")
    assert (theirs["name"], theirs["balance"], theirs["caller"]["scopes"]) == (
        "bob",
        "100.00",
        ["manage", "read", "send"],
    )
