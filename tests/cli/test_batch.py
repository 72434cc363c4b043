"""`textwire batch`: a file of recipients becomes messages, and every row that does not is told."""

import json
from pathlib import Path

import pytest

from tests.serving import server, textwire
from textwire.cli.batch import filled, read
from textwire.cli.failures import Refused


def written(tmp_path: Path, content: str | bytes) -> Path:
    file = tmp_path / "list.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize(
    "content",
    [
        "to,name\n+447700900123,Ada\n", "name;Number\nAda;+447700900123\n", "\ufeffphone,name\r\n+447700900123,Ada\r\n",
        "handset,name\n'+447700900123,Ada\n", '"to","name"\n" +447700900123","Ada"\n',
    ],
)  # fmt: skip
def test_the_recipients_of_many_a_spelling_are_found(tmp_path: Path, content: str) -> None:
    assert list(read(written(tmp_path, content), None)) == [
        {"to": "+447700900123", "values": {"name": "Ada"}}
    ]


def test_a_column_can_be_named(tmp_path: Path) -> None:
    file = written(tmp_path, "to,mobile\nx,+1\n")
    assert list(read(file, "mobile")) == [{"to": "+1", "values": {"to": "x"}}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no column"), ("to,name\n+1\n", "row 2: it has not as many"), ("to\n+1,2\n", "row 2: it has not"),
        ("to,name\n+1,a\n,b\n", "row 3: there is no recipient"), (b"to\n\xff\xfe\n", "not CSV in UTF-8"),
        ('to\n"+1\n', "not CSV"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_named_and_nothing_is_sent(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        list(read(written(tmp_path, content), None))


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no column 'x'; it has to, name"):
        list(read(written(tmp_path, "to,name\n+1,a\n"), "x"))


def test_variables_are_filled_and_nothing_else_is_touched() -> None:
    values = {"name": "{{code}}", "code": "7"}
    assert (
        filled("{{name}} {{ code }} {{none}} {name} $name %s", values)
        == "{{code}} 7 {{none}} {name} $name %s"
    )


def test_every_row_becomes_a_message_or_is_told(tmp_path: Path) -> None:
    rows = "".join(f"+4477009{n:05d},Person {n},x\n" for n in range(1200, 1240))
    file = written(tmp_path, f"number,name,other column\n{rows}nobody,Eve,x\n")
    with server(tmp_path) as running:
        dry = running.textwire("batch", str(file), "--text", "Hi {{name}}", "--dry-run")
        assert dry.stdout.splitlines()[0] == "+447700901200: Hi Person 1200"
        assert running.api("GET", "/api/messages")["items"] == []
        done = running.textwire("batch", str(file), "--text", "Hi {{name}}", "--ref", "spring", "--json")
        assert done.returncode == 1
        assert "row 42: " in done.stderr
        assert "1 of 41 were refused" in done.stderr
        batch = json.loads(done.stdout)
        assert (batch["total"], batch["counts"]["refused"], batch["counts"].get("pending", 0)) == (41, 1, 0)
        found = running.textwire("messages", "list", "--batch", batch["id"], "--limit", "100", "--json")
        texts = {message["to"]: message["text"] for message in map(json.loads, found.stdout.splitlines())}
        assert texts == {f"+4477009{n:05d}": f"Hi Person {n}" for n in range(1200, 1240)}


def test_a_variable_without_a_column_is_told(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        done = running.textwire(
            "batch", str(written(tmp_path, "to\n+447700901200\n")), "--text", "Hi {{name}}"
        )
        assert done.returncode == 1
        assert "name" in done.stderr


def test_without_a_server_it_is_one_line(tmp_path: Path) -> None:
    file = written(tmp_path, "to\n+1\n")
    done = textwire("batch", str(file), "--text", "x", "--data", str(tmp_path / "none"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
