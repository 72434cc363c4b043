"""Both clients have the same calls, and the server's own description has no call or field that they lack."""

import inspect
import json
import re
import urllib.request
from datetime import UTC
from typing import Any, get_type_hints

import msgspec
import pytest

from tests.serving import Server
from textwire_client import AsyncClient, Client, values
from textwire_client.calls import Resource, _Described

# Calls of the server that the client leaves out, by what their paths begin with.
ELSEWHERE = (
    "/api/audit", "/api/accounts/{id}/audit", "/api/keywords", "/api/quiet-hours", "/api/retention", "/api/erasures",
    "/api/exports", "/api/opt-outs/export", "/api/openapi.json", "/api/docs", "/api/live",
)  # fmt: skip
SAME = {
    "MessageView": "Message", "StoryView": "MessageStory", "SentToMany": "SentToMany", "BatchView": "Batch",
    "CountedView": "CountedBatch", "ItemView": "BatchItem", "ConversationView": "Conversation", "Deleted": "Deleted",
    "PreviewView": "Preview", "CulpritView": "Culprit", "PieceView": "Piece", "Suggestion": "Suggestion",
    "NumberView": "Number", "NumberDetail": "NumberStory", "OfferView": "Offer", "SenderView": "Sender",
    "HookView": "Hook", "HookWithSecret": "HookWithSecret", "DeliveryView": "Delivery",
    "DeliveryDetail": "DeliveryStory", "ReplayView": "Replay", "OptOutView": "OptOut", "Imported": "OptOutsImported",
    "AccountView": "Account", "SettingsView": "AccountSettings", "AccountEntry": "AccountEntry", "AccountMade": "NewAccount", "UserView": "User",
    "UserMade": "NewUser", "ProjectView": "Project", "ProjectMade": "NewProject", "KeyView": "Key",
    "KeyMade": "NewKey", "TokenView": "Token", "TokenMade": "NewToken", "VonageView": "Vonage",
    "VonageMade": "NewVonage", "ApiKeyMade": "ApiKey", "HandsetView": "Handset", "ShownView": "PhoneMessage", "ClockView": "Clock",
    "Weather": "Weather",
}  # fmt: skip


def resources(client: Any) -> dict[str, Resource[Any]]:
    found = {name: value for name, value in vars(client).items() if isinstance(value, Resource)}
    found |= {
        f"simnet.{name}": value for name, value in vars(client.simnet).items() if isinstance(value, Resource)
    }
    return found


def methods(resource: Resource[Any]) -> list[str]:
    return [name for name, value in vars(type(resource)).items() if isinstance(value, _Described)]


@pytest.fixture
def clients() -> tuple[Client, AsyncClient]:
    return Client("http://127.0.0.1:9", "k"), AsyncClient("http://127.0.0.1:9", "k")


@pytest.fixture(scope="module")
def document(running: Server) -> Any:
    with urllib.request.urlopen(running.url + "/api/openapi.json", timeout=30) as answer:
        return json.load(answer)


def test_both_clients_are_made_of_the_same_descriptions(clients: tuple[Client, AsyncClient]) -> None:
    blocking, awaited = map(resources, clients)
    assert {name: type(one) for name, one in blocking.items()} == {
        name: type(one) for name, one in awaited.items()
    }
    assert len(blocking) == 22


def test_every_call_tells_what_it_does(clients: tuple[Client, AsyncClient]) -> None:
    for client in clients:
        for resource in resources(client).values():
            assert type(resource).__doc__
            for name in methods(resource):
                method = getattr(resource, name)
                assert method.__doc__, name
                assert method.__name__ == name
                assert getattr(type(resource), name).__doc__ == method.__doc__


def test_no_call_of_the_server_is_forgotten(clients: tuple[Client, AsyncClient], document: Any) -> None:
    """Each description is asked for its request with the names of the path's pieces for arguments."""
    wanted = {
        (method.upper(), nameless(path))
        for path, item in document["paths"].items()
        for method in item
        if path.startswith("/api/") and not path.startswith(ELSEWHERE)
    }
    asked = {one for resource in resources(clients[0]).values() for one in _asked(resource)}
    assert wanted - asked == set()
    assert asked - wanted == set()


def _asked(resource: Resource[Any]) -> Any:
    from textwire_client.values import Weather

    for name in methods(resource):
        describe = getattr(type(resource), name)._describe
        needed = [
            parameter
            for parameter in list(inspect.signature(describe).parameters.values())[1:]
            if parameter.default is parameter.empty
        ]
        arguments = {parameter.name: _argument(parameter.name, Weather) for parameter in needed}
        made = describe(resource, **arguments)
        if hasattr(made, "method"):
            path = made.path.replace("%7B", "{").replace("%7D", "}")
            yield made.method, nameless(path)


def nameless(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _argument(name: str, weather: Any) -> Any:
    from datetime import datetime

    special = {
        "weather": weather(), "since": datetime(2030, 1, 1, tzinfo=UTC), "recipients": {}, "seconds": 1.0,
        "numbers": [], "events": [], "scopes": [], "services": ["smsinbound"],
    }  # fmt: skip
    return special.get(name, "{" + name + "}")


@pytest.mark.parametrize(("theirs", "ours"), SAME.items())
def test_a_value_has_the_fields_that_the_server_answers(theirs: str, ours: str, document: Any) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(getattr(values, ours))}
    assert fields == set(document["components"]["schemas"][theirs]["properties"])


def test_values_can_be_read_with_their_types() -> None:
    for name in values.__all__:
        assert get_type_hints(getattr(values, name)) is not None
