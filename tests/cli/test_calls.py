"""Commands described as data: what becomes of what is typed, how lists go on, and that the API has what they name."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click
import pytest
from click.testing import CliRunner, Result

from tests.serving import server
from textwire.cli import call, calls
from textwire.cli.call import Answered
from textwire.cli.calls import Call, Take, pages, request, spelled
from textwire.cli.failures import Refused
from textwire.cli.main import group
from textwire.cli.own import batches, hooks, messages, numbers, opt_outs, people, preview, simnet, vendors
from textwire.cli.tables import columns

CHANGE = Call(
    name="change", help="Change it.", method="PATCH", path="/api/things/{id}", needs=("--to", "--on"),
    fixed={"kind": "x"},
    takes=(
        Take(name="ID", key="id", place="path"),
        Take(name="--to", key="assign.principal", help="Who."),
        Take(name="--on", key="assign.default", flag=True, help="Whether."),
        Take(name="--list", key="names", help="Names.", turn=lambda typed: typed.split(",")),
    ),
)  # fmt: skip
LIST = Call(
    name="list", help="List things.", method="GET", path="/api/things", columns=columns("id", "name"),
    takes=(Take(name="--state", key="state", place="query", help="In it."),), empty="no thing",
)  # fmt: skip


def test_what_is_typed_finds_its_place_in_path_and_body() -> None:
    typed = {"id": "a/b c", "to": "demo", "on": True, "list": "x,y"}
    path, body = request(CHANGE, typed)
    assert path == "/api/things/a%2Fb%20c"
    assert body == {"kind": "x", "assign": {"principal": "demo", "default": True}, "names": ["x", "y"]}
    assert CHANGE.fixed == {"kind": "x"}


def test_what_is_not_typed_is_not_sent() -> None:
    assert request(CHANGE, {"id": "1", "on": True}) == (
        "/api/things/1",
        {"kind": "x", "assign": {"default": True}},
    )
    assert request(LIST, {})[0] == "/api/things"
    assert request(LIST, {"state": "a&b=c"})[0] == "/api/things?state=a%26b%3Dc"


def test_a_change_that_changes_nothing_is_wrong_use() -> None:
    with pytest.raises(Refused, match="--to, --on"):
        request(CHANGE, {"id": "1", "on": False})


def test_a_field_of_a_refusal_is_named_as_it_is_typed() -> None:
    assert [spelled(CHANGE, field) for field in ("assign.principal", "names[3]", "other", "")] == [
        "--to", "--list[3]", "other", "",
    ]  # fmt: skip


class House:
    """An API of 250 things in pages of at most 100."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refusal: Answered | None = None

    def get(self, path: str) -> Any:
        self.asked.append(path)
        if self.refusal:
            raise self.refusal
        query = parse_qs(urlsplit(path).query)
        start, limit = int(query.get("cursor", ["0"])[0]), int(query["limit"][0])
        items = [{"id": n, "name": f"\x1b[2Jthing {n}"} for n in range(start, min(start + limit, 250))]
        return {"items": items, "next": str(start + limit) if start + limit < 250 else None}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        self.asked.append(f"{method} {path} {json.dumps(body)}")
        return None


def test_pages_are_followed_as_far_as_wanted_and_tell_that_there_is_more() -> None:
    house = House()
    entries = list(pages(house, "/api/things", 130))
    assert [one["id"] for one in entries[:-1]] == list(range(130))
    assert entries[-1] is None
    assert house.asked == ["/api/things?limit=100", "/api/things?limit=30&cursor=100"]
    assert len(list(pages(House(), "/api/things?a=b", 1000))) == 250


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> House:
    house = House()
    monkeypatch.setattr(call, "Api", lambda url, key, ca: house)
    monkeypatch.setenv("TEXTWIRE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TEXTWIRE_KEY", "tw_k")
    monkeypatch.chdir(tmp_path)
    return house


def run(made: Call, *arguments: str) -> Result:
    return CliRunner().invoke(calls.command(made), list(arguments))


def test_a_list_is_a_table_or_one_object_per_line(house: House) -> None:
    shown = run(LIST, "--limit", "2")
    assert shown.stdout == "ID  NAME\n0   thing 0\n1   thing 1\n"
    assert shown.stderr == "there are more: --limit shows up to 100000\n"
    lines = run(LIST, "--limit", "2", "--json").stdout.splitlines()
    assert [json.loads(one)["id"] for one in lines] == [0, 1]


def test_a_refusal_names_the_option_and_the_way_out(house: House) -> None:
    house.refusal = Answered("There is no such state.", "not_found", "state")
    result = run(LIST)
    assert result.exit_code == 1
    assert result.stderr == (
        "textwire: There is no such state. (--state) [not_found] - the command `list` shows what there is\n"
    )


def test_an_answer_without_a_body_is_told_in_a_sentence_or_as_an_empty_object(house: House) -> None:
    delete = Call(
        name="delete", help="Delete it.", method="DELETE", path="/api/things/{id}", done="{id} is gone",
        takes=(Take(name="ID", key="id", place="path"),),
    )  # fmt: skip
    assert run(delete, "7").stdout == "7 is gone\n"
    assert run(delete, "7", "--json").stdout == "{}\n"
    assert house.asked == ["DELETE /api/things/7 null"] * 2


# --- Every command against the API's own description.

GROUPS = (messages.command, numbers.command, hooks.command, opt_outs.command, people.keys, people.users,
          people.accounts, people.projects, vendors.tokens, vendors.vonage, numbers.senders, batches.command, simnet.clock, simnet.network)  # fmt: skip


def described() -> Iterator[tuple[str, Call]]:
    for one in GROUPS:
        for name, made in one.commands.items():
            if isinstance(made, calls.Described):
                yield f"{one.name} {name}", made.call
    assert isinstance(preview.command, calls.Described)
    yield "preview", preview.command.call


ALL = dict(described())


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The OpenAPI document of a server."""
    with server(tmp_path_factory.mktemp("paper")) as running:
        found: dict[str, Any] = running.api("GET", "/api/openapi.json")
        return found


def resolved(paper: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema behind its references and its alternatives: the one that is an object."""
    while True:
        if "$ref" in schema:
            schema = paper["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif options := schema.get("anyOf") or schema.get("oneOf"):
            schema = next((one for one in options if one.get("type") != "null"), {})
        elif "allOf" in schema:
            schema = schema["allOf"][0]
        else:
            return schema


def has(paper: dict[str, Any], schema: dict[str, Any], place: str) -> bool:
    """Whether a schema has a field at a dotted place."""
    for name in place.split("."):
        schema = resolved(paper, schema)
        if schema.get("type") == "array":
            schema = resolved(paper, schema["items"])
        if name not in schema.get("properties", {}):
            return False
        schema = schema["properties"][name]
    return True


def test_the_commands_are_many() -> None:
    assert len(ALL) > 35


@pytest.mark.parametrize("name", ALL)
def test_what_a_command_names_the_api_has(name: str, paper: dict[str, Any]) -> None:
    made = ALL[name]
    path = "/".join(part if not part.startswith("{") else "{}" for part in made.path.split("/"))
    known = {
        "/".join(p if not p.startswith("{") else "{}" for p in one.split("/")): entry
        for one, entry in paper["paths"].items()
    }
    operation = known[path][made.method.lower()]
    query = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    form = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    for take in made.takes:
        if take.place == "query":
            assert take.key in query
        elif take.place == "body":
            assert has(paper, form, take.key), take.key
        else:
            assert f"{{{take.key}}}" in made.path
    for key in made.fixed:
        assert has(paper, form, key)
    if made.columns:
        [answer] = [one for status, one in operation["responses"].items() if status.startswith("2")]
        page = answer["content"]["application/json"]["schema"]
        for column in made.columns:
            assert has(paper, page, f"items.{column.key}"), column.key


def test_every_described_command_is_among_those_that_people_find() -> None:
    context = click.Context(group)
    assert all(group.get_command(context, name.split()[0]) is not None for name in ALL)
