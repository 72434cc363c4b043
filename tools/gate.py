"""The security gate: rules about our own source that linters do not know.

A line that is right although a rule fires says so: `# gate: <rule>, because …` (`//` in a script, `<!--` in a page).
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PROGRAM = "src/textwire/"

# Run code or a shell out of data.
DANGEROUS = {
    "eval", "exec", "__import__", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads", "shelve.open", "yaml.load",
    "yaml.unsafe_load",
}  # fmt: skip
DANGEROUS_MODULES = {"pickle", "marshal", "shelve", "dill"}

SQL = re.compile(
    r"\s*(select\b.+\bfrom\s|insert\s+(or\s+\w+\s+)?into\s|update\s.+\bset\s|delete\s+from\s"
    r"|(create|drop|alter)\s+(table|index|database)\s|with\s+\w+\s+as\s)",
    re.IGNORECASE | re.DOTALL,
)
RUNS_SQL = {"execute", "executemany", "executescript", "fetch", "fetchrow", "fetchval"}
ENGINES = ("src/textwire/store/engines/",)  # they spell row sources and marks; everyone else binds values

LOGGERS = re.compile(r"(.*_)?(log|logger|logging|structlog)$")
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log", "bind"}
PRIVATE = re.compile(
    r"(.*_)?(text|body|password|secret|token|credentials?|authorization|api_key)$", re.IGNORECASE
)

CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
CLOCK_NAMES = {"time", "time_ns"}
MAY_READ_CLOCK = tuple(
    PROGRAM + path for path in ("clock.py", "app.py", "cli/", "web/", "access/", "store/engines/")
)

# Written in pieces, so that this file passes its own rule.
_REGISTRIES = (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"),
    ("npmmirror", "com"), ("proxy.golang", "org"), ("crates", "io"), ("rubygems", "org"),
)  # fmt: skip
REGISTRY = re.compile(
    r"\b(" + "|".join(re.escape(".".join(parts)) for parts in _REGISTRIES) + r")\b"
    r"|(?<!\S)--(extra-)?index-url\b|(?<!\S)--find-links\b",
    re.IGNORECASE,
)

# Scripts and pages: whatever makes markup or code out of text, and whatever a strict policy would have to allow.
PAGES = (".js", ".mjs", ".ts", ".svelte", ".html", ".css")
MARKUP = {
    "text made into markup": r"\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|srcdoc|DOMParser|setHTMLUnsafe)\b"
    r"|\bdocument\s*\.\s*write(ln)?\b|\{@html\b",
    "text made into code": r"\beval\s*\(|\bnew\s+Function\b|\bset(Timeout|Interval)\s*\(\s*[\"'`]|\bimport\s*\([^\"']|\bjavascript:",
    "an asset from outside": r"\b(src|href|action)\s*=\s*[\"']?\s*(https?:)?//|@import\b|\burl\(\s*[\"']?(https?:)?//"
    r"|\b(from|import)\s+[\"'](https?:)?//",
    "a secret kept in the browser": r"\b(localStorage|sessionStorage|indexedDB)\b|\bdocument\s*\.\s*cookie\b",
}
INLINE = r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\s(style|on[a-z]+)\s*=\s*[\"']"


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.what}"


Hit = tuple[int, str]


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of names, attributes and calls; an end that is something else is left out."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case ast.Call(func=func):
            return dotted(func)
    return ""


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    return ((node, dotted(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call))


def danger(tree: ast.AST) -> Iterator[Hit]:
    """Calls and imports that run code or a shell out of data."""
    for call, name in calls(tree):
        shell = any(k.arg == "shell" and not _is_false(k.value) for k in call.keywords)
        if name in DANGEROUS or shell:
            yield call.lineno, f"{name}(shell=True)" if shell else f"{name}()"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        yield from ((node.lineno, f"import of {module}") for module in modules if module in DANGEROUS_MODULES)


def sql(tree: ast.AST) -> Iterator[Hit]:
    """SQL put together out of values. Constants (UPPER_CASE names) and literals may be put together."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and _is_built(node) and SQL.match(_literal(node)):
            yield node.lineno, "SQL built out of values; bind them"
    for call, name in calls(tree):
        if name.rpartition(".")[2] in RUNS_SQL and call.args and _is_built(call.args[0]):
            yield call.lineno, f"{name}() of a built statement"


def log(tree: ast.AST) -> Iterator[Hit]:
    """Message texts and secrets handed to a logger."""
    for call, name in calls(tree):
        owner, _, method = name.rpartition(".")
        if method not in LOG_METHODS or not LOGGERS.match(owner.rpartition(".")[2]):
            continue
        named = [k.arg for k in call.keywords if k.arg]
        inside = [n for value in [*call.args, *(k.value for k in call.keywords)] for n in _names(value)]
        for private in sorted({n for n in [*named, *inside] if PRIVATE.match(n)}):
            yield call.lineno, f"`{private}` in a log line"


def clock(tree: ast.AST) -> Iterator[Hit]:
    """The wall clock read where `now` should be an argument."""
    for call, name in calls(tree):
        if ".".join(name.split(".")[-2:]) in CLOCKS:
            yield call.lineno, f"{name}(): take `now` as an argument"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from ((node.lineno, f"time.{a.name} imported") for a in node.names if a.name in CLOCK_NAMES)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _is_fixed(node: ast.expr) -> bool:
    """Whether the expression is the same in every run: a literal, or a constant by its name."""
    if isinstance(node, ast.JoinedStr):
        return all(_is_fixed(v.value) for v in node.values if isinstance(v, ast.FormattedValue))
    if isinstance(node, ast.BinOp):
        return _is_fixed(node.left) and _is_fixed(node.right)
    return isinstance(node, ast.Constant) or dotted(node).rpartition(".")[2].isupper()


def _is_built(node: ast.expr) -> bool:
    """Whether a string is put together out of something that may vary."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "format" and bool(_literal(node))
    return isinstance(node, ast.JoinedStr | ast.BinOp) and not _is_fixed(node) and bool(_literal(node))


def _literal(node: ast.expr) -> str:
    """What is fixed of a string that is put together, with `?` for what is put in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_literal(v) or "?" for v in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _literal(left) + (_literal(right) or "?")
        case ast.BinOp(left=left, op=ast.Mod()):
            return _literal(left)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _literal(value)
    return ""


def _names(node: ast.AST) -> Iterator[str]:
    """Names and attributes whose values reach the log; `len(text)` is no secret."""
    if isinstance(node, ast.Call) and dotted(node.func) == "len":
        return
    if isinstance(node, ast.Name):
        yield node.id
    if isinstance(node, ast.Attribute):
        yield node.attr
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


def markup(path: str, lines: list[str]) -> Iterator[Hit]:
    """What a page or a script must not do."""
    wanted = {**MARKUP, "inline script or style": INLINE} if path.endswith(".html") else MARKUP
    for what, pattern in wanted.items():
        sought = re.compile(pattern, re.IGNORECASE if path.endswith((".html", ".css")) else 0)
        yield from ((n, what) for n, line in enumerate(lines, 1) if sought.search(line))


# rule → (how it looks, where it holds)
RULES: dict[str, tuple[Callable[[ast.AST], Iterator[Hit]], Callable[[str], bool]]] = {
    "danger": (danger, lambda path: not path.startswith("tests/")),
    "sql": (sql, lambda path: path.startswith(PROGRAM) and not path.startswith(ENGINES)),
    "log": (log, lambda path: path.startswith(PROGRAM)),
    "clock": (clock, lambda path: path.startswith(PROGRAM) and not path.startswith(MAY_READ_CLOCK)),
}


def inspect(path: str, text: str) -> list[Finding]:
    """Everything the gate has against one file; `path` is relative to the project, with `/`."""
    lines = text.splitlines()
    hits = [
        (n, "registry", "a package registry's name") for n, x in enumerate(lines, 1) if REGISTRY.search(x)
    ]
    if path.endswith(".py"):
        tree = ast.parse(text, path)
        for rule, (look, holds) in RULES.items():
            hits += [(line, rule, what) for line, what in look(tree) if holds(path)]
    if path.endswith(PAGES):
        hits += [(line, "markup", what) for line, what in markup(path, lines)]
    return [Finding(path, *hit) for hit in sorted(set(hits)) if f" gate: {hit[1]}," not in lines[hit[0] - 1]]


def tracked(root: Path) -> list[str]:
    """The files git keeps or would keep."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return sorted(path for path in listing.split("\0") if path and (root / path).is_file())


def main() -> int:
    """Print what was found; 1 if anything was."""
    findings = []
    for path in tracked(ROOT):
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            findings += inspect(path, content.decode(errors="replace"))
    print(*findings, sep="\n", end="\n" if findings else "")
    print(f"gate: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
