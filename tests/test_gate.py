"""Every rule of the security gate fires on a bad line and not on a good one."""

import subprocess
from pathlib import Path

import pytest

from tools import gate
from tools.gate import inspect

ROOT = Path(__file__).parents[1]
SWITCH = "src/textwire/switch/accept.py"
NPM = "registry.npm" + "js.org"
INDEX = "https://py" + "pi.org/simple"

BAD = [
    ("danger", "eval(data)"),
    ("danger", "exec(data)"),
    ("danger", "os.system(command)"),
    ("danger", "subprocess.run(command, shell=True)"),
    ("danger", "subprocess.Popen(command, shell=flag)"),
    ("danger", "import pickle"),
    ("danger", "from marshal import loads"),
    ("danger", "yaml.load(data)"),
    ("sql", 'await tx.write(f"insert into message values ({text})")'),
    ("sql", 'query = f"SELECT id FROM {table} WHERE id = 1"'),
    ("sql", 'query = "select id from message where id = %s" % id'),
    ("sql", 'query = "delete from message where id = {}".format(id)'),
    ("sql", 'query = "update message set state = " + state'),
    ("sql", 'query = f"""\n  with due as (select 1) select * from {table}"""'),
    ("sql", 'connection.execute(f"{verb} message")'),
    ("sql", "await connection.fetch(head + tail)"),
    ("log", 'log.info("message.sent", text=value)'),
    ("log", 'self._logger.debug("got %s", message.text)'),
    ("log", 'logging.warning(f"bad {password}")'),
    ("log", 'structlog.get_logger().info("login", key=api_key)'),
    ("log", 'log.bind(client_secret="x")'),
    ("clock", "datetime.now(UTC)"),
    ("clock", "datetime.datetime.utcnow()"),
    ("clock", "time.time()"),
    ("clock", "now = time.time_ns() // 1000"),
    ("clock", "from time import time"),
    ("registry", f'HOME = "https://{NPM}/svelte"'),
    ("registry", f'HOME = "{INDEX}"'),
    ("registry", f"# pip install {'--index'}-url http://localhost"),
]
GOOD = [
    "ast.literal_eval(data)",
    "pattern = re.compile(text)",
    "connection.exec_driver(statement)",
    "subprocess.run([program], shell=False)",
    "yaml.safe_load(data)",
    'await tx.write("insert into message select * from {rows}", rows)',
    'query = f"select {COLUMNS} from message"',
    'query = "select " + shelf.COLUMNS + " from message"',
    'words = f"Select a number, {name}"',
    'connection.execute("select 1 from message where id = ?", (id,))',
    "total = price * count + fee",
    'log.info("message.sent", id=id, length=len(text))',
    'log.info("context.ready", context=context)',
    "page.body(text)",
    "now = clock.now()",
    "datetime.fromtimestamp(now / 1_000_000, UTC)",
    "from time import monotonic",
    "time.monotonic()",
    'HOME = "https://example.org/simple"',
]


@pytest.mark.parametrize(("rule", "source"), BAD)
def test_a_bad_line_is_found_by_its_rule(rule: str, source: str) -> None:
    assert {finding.rule for finding in inspect(SWITCH, source)} == {rule}


@pytest.mark.parametrize("source", GOOD)
def test_a_good_line_passes(source: str) -> None:
    assert inspect(SWITCH, source) == []


@pytest.mark.parametrize("rule", gate.RULES)
def test_every_rule_has_a_bad_line(rule: str) -> None:
    assert rule in {rule for rule, _ in BAD}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("src/textwire/clock.py", "time.time()"),
        ("src/textwire/access/tokens.py", "time.time()"),
        ("src/textwire/store/engines/sqlite.py", 'connection.execute(f"select {name} from message")'),
        ("bench/sink.py", "time.time()"),
        ("tests/test_x.py", "eval(data)"),
    ],
)
def test_a_rule_holds_only_in_its_place(path: str, source: str) -> None:
    assert inspect(path, source) == []


def test_a_package_registry_is_found_in_any_file() -> None:
    assert [f.line for f in inspect("console/package-lock.json", f"{{\n{NPM}\n}}")] == [2]


def test_a_line_may_say_why_it_is_right_for_one_rule_only() -> None:
    assert inspect(SWITCH, "time.time()  # gate: clock, because this is the clock") == []
    assert len(inspect(SWITCH, "time.time()  # gate: sql, because of nothing")) == 1
    assert len(inspect(SWITCH, "time.time()  # gate: clock")) == 1


def test_a_finding_names_its_place() -> None:
    (finding,) = inspect(SWITCH, "\neval(data)")
    assert str(finding) == f"{SWITCH}:2: danger: eval()"


def test_the_gate_looks_at_new_and_tracked_files_and_fails_on_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "ignored.py").write_text("eval(data)")
    (tmp_path / "picture.png").write_bytes(b"\0" + NPM.encode())
    monkeypatch.setattr(gate, "ROOT", tmp_path)
    assert gate.main() == 0
    (tmp_path / "new.py").write_text("eval(data)")
    assert gate.main() == 1
    assert "new.py:1: danger: eval()" in capsys.readouterr().out


PAGE = "src/textwire/facades/api/papers/page/page.js"
BAD_PAGES = [
    (PAGE, "element.innerHTML = text"),
    (PAGE, "element.outerHTML = text"),
    (PAGE, "element.insertAdjacentHTML('beforeend', text)"),
    (PAGE, "document.write(text)"),
    (PAGE, "frame.srcdoc = text"),
    (PAGE, "range.createContextualFragment(text)"),
    (PAGE, "new DOMParser().parseFromString(text, 'text/html')"),
    (PAGE, "eval(text)"),
    (PAGE, "new Function(text)"),
    (PAGE, "setTimeout('run()', 5)"),
    (PAGE, "import(name)"),
    (PAGE, "link.href = 'javascript:run()'"),
    (PAGE, "import x from 'https://example.org/x.js'"),
    (PAGE, "localStorage.setItem('key', key)"),
    (PAGE, "document.cookie = key"),
    ("console/src/Message.svelte", "<p>{@html text}</p>"),
    ("console/src/app.css", "@import 'x.css'"),
    ("console/src/app.css", "background: url(https://example.org/x.png)"),
    ("console/index.html", '<script src="https://example.org/x.js"></script>'),
    ("console/index.html", '<link rel="stylesheet" href="//example.org/x.css">'),
    ("console/index.html", "<script>run()</script>"),
    ("console/index.html", "<STYLE>p {}</STYLE>"),
    ("console/index.html", '<p style="color: red">x</p>'),
    ("console/index.html", '<p onclick="run()">x</p>'),
]
GOOD_PAGES = [
    (PAGE, "element.textContent = text"),
    (PAGE, "element.append(text)"),
    (PAGE, "setTimeout(() => run(), 5)"),
    (PAGE, "import { make } from './dom.js'"),
    (PAGE, "fetch('/api/openapi.json')"),
    (PAGE, "const style = `x`; const evaluated = 1"),
    (PAGE, "element.innerHTML = '' // gate: markup, because it is empty"),
    ("console/src/app.css", "p { color: red }"),
    ("console/index.html", '<script type="module" src="/page.js"></script>'),
    ("console/index.html", '<link rel="stylesheet" href="/page.css">'),
    ("docs/page.md", "`innerHTML` is forbidden"),
]


@pytest.mark.parametrize(("path", "source"), BAD_PAGES)
def test_a_page_or_a_script_that_makes_text_into_more_is_found(path: str, source: str) -> None:
    assert {finding.rule for finding in inspect(path, source)} == {"markup"}


@pytest.mark.parametrize(("path", "source"), GOOD_PAGES)
def test_a_page_or_a_script_that_keeps_text_text_passes(path: str, source: str) -> None:
    assert inspect(path, source) == []
