"""The import contracts of pyproject.toml hold: each breaks on a wrong import."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINT = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()"

# One wrong import per contract: (contract, the file that gets it, the import).
WRONG_IMPORTS = [
    ("Floors", "switch", "import textwire.hooks"),
    ("The ground floor", "domain", "import time"),
    ("The HTTP shell", "web", "import textwire.domain"),
    ("The store", "store", "import textwire.text"),
    ("The verbs", "access", "import textwire.web"),
    ("Exits", "carriers", "import textwire.access"),
    ("The simulated network", "facades/kandy", "import textwire.simnet"),
    ("Facades never", "facades/api", "import textwire.hooks"),
    ("Facades of different", "facades/api", "import textwire.facades.kandy"),
    ("Carriers", "carriers/simulated", "import textwire.carriers.other"),
    ("The client stands", "../textwire_client", "import textwire.domain"),
    ("The program does not", "web", "import textwire_client"),
]


def test_every_import_contract_breaks_on_a_wrong_import(tmp_path: Path) -> None:
    package = tmp_path / "textwire"
    for room in [
        *(room for _, room, _ in WRONG_IMPORTS),
        "text",
        "simnet",
        "hooks",
        "cli",
        "verify",
        "carriers/other",
        "facades/sipgate",
        "facades/vonage",
    ]:
        (package / room).mkdir(parents=True, exist_ok=True)
    for folder in [package, *(path for path in tmp_path.rglob("*") if path.is_dir())]:
        (folder / "__init__.py").touch()
    for number, (_, room, line) in enumerate(WRONG_IMPORTS):
        (package / room / f"wrong{number}.py").write_text(line + "\n")
    (package / "facades" / "kandy" / "right.py").write_text("import textwire.hooks.dialect\n")
    (package / "hooks" / "dialect.py").touch()
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--no-logo"]
    run = subprocess.run(
        [sys.executable, "-c", LINT, *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    broken = [line for line in run.stdout.splitlines() if " BROKEN" in line]
    for contract, _, _ in WRONG_IMPORTS:
        assert [line for line in broken if line.startswith(contract)], run.stdout + run.stderr
    assert " KEPT" not in run.stdout  # a new contract wants a wrong import here
    assert "kandy.right" not in run.stdout
