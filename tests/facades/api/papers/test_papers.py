"""The pages are there, bring everything themselves, and let nothing run or load that is not ours."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.facades.api.house import House
from textwire.facades.api import codes
from textwire.facades.api.papers import papers

FILES = sorted(Path(papers.FILES).iterdir())


class Links(HTMLParser):
    """Everything that a page points to, and the names of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.found += [value for name, value in attrs if name in ("src", "href") and value]


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/errors"])
async def test_a_page_allows_only_what_this_server_brings(house: House, path: str) -> None:
    answer = await house.ask("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    for tag, attributes in Links(answer.body.decode()).elements:
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        assert tag != "script" or attributes["src"]


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/errors"])
async def test_every_link_of_a_page_leads_somewhere_on_this_server(house: House, path: str) -> None:
    page = (await house.ask("GET", path)).body.decode()
    links = Links(page)
    names = {attributes["id"] for _, attributes in links.elements if "id" in attributes}
    assert links.found
    for link in links.found:
        if link.startswith("#"):
            assert link[1:] in names
        else:
            assert (await house.ask("GET", link)).status == 200, link


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
async def test_scripts_and_styles_are_served_as_what_they_are(house: House, file: Path) -> None:
    answer = await house.ask("GET", f"/api/docs/{file.name}")
    if file.suffix == ".html":
        assert answer.status == 404  # the page has a path of its own
    else:
        kind = {".js": "text/javascript", ".css": "text/css"}[file.suffix]
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.body == file.read_bytes()


@pytest.mark.parametrize("file", [f for f in FILES if f.suffix == ".js"], ids=lambda file: file.name)
def test_a_script_loads_only_scripts_that_are_there(file: Path) -> None:
    names = {one.name for one in FILES}
    assert set(re.findall(r'from "\./([^"]+)"', file.read_text())) <= names


@pytest.mark.parametrize(
    "name", ["nothing.js", "papers.py", "..%2Fpapers.py", "%2e%2e", "page.js%00", "index.html"]
)
async def test_no_other_file_is_served(house: House, name: str) -> None:
    assert (await house.ask("GET", f"/api/docs/{name}")).status in (400, 404)


async def test_every_code_stands_on_its_page_where_problems_point_to(house: House) -> None:
    page = (await house.ask("GET", codes.HOME)).body.decode()
    places = {attributes.get("id") for _, attributes in Links(page).elements}
    for one in codes.catalogue():
        assert codes.type_of(one.code) == f"{codes.HOME}#{one.code}"
        assert one.code in places
        assert str(one.status) in page


async def test_what_a_refusal_calls_its_type_is_on_that_page(house: House) -> None:
    said = (await house.alice.ask("GET", "/api/messages/1")).json
    path, _, place = said["type"].partition("#")
    assert f'id="{place}"' in (await house.ask("GET", path)).body.decode()


async def test_from_elsewhere_the_document_takes_a_key(house: House) -> None:
    refused = await house.ask("GET", "/api/openapi.json", **{"x-forwarded-for": "192.0.2.7"})
    assert refused.status == 401
    reply = await house.alice.ask("GET", "/api/openapi.json", x_forwarded_for="192.0.2.7")
    assert reply.status == 200
    assert reply.json["openapi"] == "3.1.0"
