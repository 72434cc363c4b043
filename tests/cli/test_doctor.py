"""`textwire doctor`: nothing is found where nothing is wrong, and each thing that is wrong is found with its remedy."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server, server, textwire
from textwire.cli.doctor import traffic
from textwire.cli.doctor.findings import LEVELS, Case
from textwire.cli.doctor.server import alive, holder, taken
from textwire.config import Config


def found(
    *arguments: str, code: int = 0, environment: dict[str, str] | None = None
) -> dict[str, tuple[str, str, str]]:
    """check → (level, said, mend) of the worst finding of each check."""
    done = textwire("doctor", *arguments, "--json", environment=environment)
    assert (done.returncode, done.stderr) == (code, ""), done.stdout
    worst: dict[str, tuple[str, str, str]] = {}
    for one in map(json.loads, done.stdout.splitlines()):
        if one["check"] not in worst or LEVELS.index(one["level"]) > LEVELS.index(worst[one["check"]][0]):
            worst[one["check"]] = (one["level"], one["said"], one["mend"])
    return worst


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path, "--https", "127.0.0.1:0") as running:
        yield running


def test_a_server_that_is_well_has_no_finding(running: Server) -> None:
    looked = found("--data", str(running.data))
    assert {level for level, _, _ in looked.values()} == {"ok"}
    assert looked.keys() == {
        "settings", "directory", "files", "disk", "server", "answers", "database", "schema", "certificate", "clock",
        "queue", "lag", "doubts", "webhooks", "account",
    }  # fmt: skip
    said = textwire("doctor", "--data", str(running.data)).stdout.splitlines()
    assert said[-1] == f"{len(looked)} ok, 0 warning, 0 problem"


def test_before_the_first_start_there_is_no_problem(tmp_path: Path) -> None:
    looked = found(
        "--data",
        str(tmp_path / "none"),
        environment={"TEXTWIRE_HTTP": "127.0.0.1:0", "TEXTWIRE_HTTPS": "off"},
    )
    assert looked["directory"][0] == looked["server"][0] == "warning"
    assert looked["server"][2] == f"textwire serve --data {tmp_path}/none"
    assert not (tmp_path / "none").exists()


def test_a_setting_that_is_unknown_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("htpp = '127.0.0.1:0'\n")
    looked = found("--config", str(tmp_path / "c.toml"), code=1)
    assert looked["settings"][0] == "problem"
    assert "htpp" in looked["settings"][1]
    assert "TEXTWIRE_NOPE" in found(code=1, environment={"TEXTWIRE_NOPE": "1"})["settings"][1]


def test_what_others_can_read_is_a_problem(running: Server) -> None:
    (running.data / "credentials.json").chmod(0o644)
    running.data.chmod(0o755)
    looked = found("--data", str(running.data), code=1)
    assert looked["files"][0] == "problem"
    assert looked["files"][2] == f"chmod 600 {running.data}/credentials.json"
    assert looked["directory"] == (
        "warning", f"other users of this machine can look into {running.data}", f"chmod 700 {running.data}",
    )  # fmt: skip


def test_a_missing_or_empty_server_key_is_found(running: Server) -> None:
    running.stop()
    (running.data / "server.key").write_text("")
    assert found("--data", str(running.data), code=1)["files"][0] == "problem"
    (running.data / "server.key").unlink()
    assert found("--data", str(running.data))["files"][0] == "warning"


def test_a_killed_server_is_told_from_one_that_stopped(running: Server) -> None:
    running.kill()
    level, said, mend = found("--data", str(running.data), code=1)["server"]
    assert (level, mend) == ("warning", f"textwire serve --data {running.data}")
    assert "was killed or crashed" in said


def test_a_taken_port_is_named_with_who_holds_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        assert taken("127.0.0.1", port)
        assert holder(port) == (os.getpid(), Path("/proc/self/comm").read_text().strip())
        environment = {"TEXTWIRE_HTTP": f"127.0.0.1:{port}", "TEXTWIRE_HTTPS": "off"}
        level, said, _ = found("--data", str(tmp_path), code=1, environment=environment)["ports"]
        assert level == "problem"
        assert f"127.0.0.1:{port} is taken by process {os.getpid()}" in said
    assert holder(port) is None
    assert found("--data", str(tmp_path), environment=environment)["ports"][0] == "ok"


def test_a_damaged_database_is_a_problem(running: Server) -> None:
    running.stop()
    path = running.data / "textwire.db"
    content = bytearray(path.read_bytes())
    content[5 * 4096 : 9 * 4096] = b"\xff" * 4 * 4096
    path.write_bytes(content)
    level, _, mend = found("--data", str(running.data), code=1)["database"]
    assert (level, mend) == ("problem", f"textwire restore BACKUP --data {running.data}")


def test_a_schema_that_is_not_ours_is_told(running: Server) -> None:
    running.stop()
    import apsw

    database = apsw.Connection(str(running.data / "textwire.db"))
    [(newest,)] = database.execute("select max(version) from schema_version").fetchall()
    database.execute("delete from schema_version where version = ?", (newest,))
    assert found("--data", str(running.data))["schema"][0] == "warning"
    database.execute("insert into schema_version values (9999)")
    assert found("--data", str(running.data), code=1)["schema"][0] == "problem"


def test_a_postgresql_is_judged_by_its_settings(postgres_url: str, tmp_path: Path) -> None:
    looked = found(
        "--data",
        str(tmp_path),
        "--database",
        postgres_url,
        environment={"TEXTWIRE_HTTP": "127.0.0.1:0", "TEXTWIRE_HTTPS": "off"},
    )
    assert looked["database"][0] == "ok"
    assert looked["database"][1].startswith("PostgreSQL 1")
    off = postgres_url + ("&" if "?" in postgres_url else "?") + "synchronous_commit=off"
    level, said, mend = found("--data", str(tmp_path), "--database", off, code=1)["database"]
    assert (level, mend) == ("problem", 'psql -c "alter system set synchronous_commit = on"')
    assert "synchronous_commit is off" in said
    gone = found("--data", str(tmp_path), "--database", "postgresql://x@127.0.0.1:1/none", code=1)["database"]
    assert gone[0] == "problem"


def test_a_certificate_is_judged_by_its_time_and_its_names(running: Server, tmp_path: Path) -> None:
    assert "localhost" in found("--data", str(running.data))["certificate"][1]
    other = found("--data", str(running.data), environment={"TEXTWIRE_HTTPS": "192.0.2.7:8443"})[
        "certificate"
    ]
    assert other[0] == "warning"
    assert "not for 192.0.2.7" in other[1]
    lost = found(
        "--data", str(running.data), code=1, environment={"TEXTWIRE_TLS_CERT": str(tmp_path / "none.pem")}
    )
    assert lost["certificate"][0] == "problem"


def test_a_frozen_clock_and_a_webhook_that_is_off_are_warnings(running: Server) -> None:
    running.api("POST", "/api/simnet/clock", {"freeze": True})
    hook = running.api("POST", "/api/hooks", {"url": "http://127.0.0.1:9999/x", "events": ["message.sent"]})
    running.api("PATCH", f"/api/hooks/{hook['id']}", {"state": "disabled"})
    looked = found("--data", str(running.data))
    assert looked["clock"][::2] == ("warning", f"textwire clock thaw --data {running.data}")
    assert looked["webhooks"] == (
        "warning", f"{hook['id']} is disabled: it is told nothing",
        f"textwire hooks change {hook['id']} --state active --data {running.data}",
    )  # fmt: skip


def test_a_key_that_is_none_is_a_problem(running: Server) -> None:
    level, said, _ = found("--data", str(running.data), "--key", "tw_nobody", code=1)["answers"]
    assert level == "problem"
    assert "does not know this key" in said


class Api:
    """Answers of the API as they are given."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def get(self, path: str) -> Any:
        return self.answers["states"].get(path.partition("state=")[2].partition("&")[0], {"items": []})

    def download(self, path: str) -> tuple[bytes, dict[str, str]]:
        return self.answers["metrics"].encode(), {}


def case(**answers: Any) -> Case:
    return Case(Config(), {}, "http://x", Api(**answers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("late", "lag", "levels"),
    [(0, 0.01, ["ok", "ok"]), (61, 0.3, ["warning", "warning"]), (601, 1.1, ["problem", "problem"])],
)
def test_what_waits_too_long_and_a_loop_that_runs_late_are_told(
    late: float, lag: float, levels: list[str]
) -> None:
    metrics = (
        "# HELP textwire_outbox_rows x\n"
        'textwire_outbox_rows{topic="depart:simulated"} 12.0\n'
        f'textwire_outbox_late_seconds{{topic="depart:simulated"}} {late}\n'
        f"textwire_loop_lag_worst_seconds {lag}\n"
    )
    told = list(traffic.metrics(case(metrics=metrics)))
    assert [one.level for one in told] == levels
    assert ("12 messages to leave" in told[0].said) is (late > 0)


def test_messages_in_doubt_are_told() -> None:
    doubt = {"items": [{}] * 3}
    assert [one.level for one in traffic.doubts(case(states={}))] == ["ok"]
    [ambiguous] = traffic.doubts(case(states={"ambiguous": doubt}))
    assert (ambiguous.level, ambiguous.said) == ("warning", "3 messages are ambiguous")
    [held] = traffic.doubts(case(states={"ambiguous": doubt, "quarantined": doubt}))
    assert held.level == "problem"
    assert held.mend == "textwire messages list --state quarantined"


def test_processes_that_live_are_told_from_those_that_do_not() -> None:
    assert alive(os.getpid())
    assert not alive(2**22 + 1)


def test_the_room_on_the_disk_is_looked_at_even_before_there_is_a_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from textwire.cli.doctor import place

    levels = []
    for free in (1 << 40, 1 << 29, 1 << 20):
        monkeypatch.setattr(
            shutil, "disk_usage", lambda path, free=free: shutil._ntuple_diskusage(1 << 41, 0, free)
        )
        levels += [one.level for one in place.room(Case(Config(data=str(tmp_path / "none")), {}, "", None))]
    assert levels == ["ok", "warning", "problem"]
