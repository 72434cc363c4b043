"""Finds the client's source: beside the program's in a checkout, below this directory in an unpacked sdist."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
PACKAGE = "textwire_client"


def source() -> Path:
    """The package's directory."""
    packed = HERE / "src" / PACKAGE
    return packed if packed.is_dir() else HERE.parent / "src" / PACKAGE


class Source(BuildHookInterface[Any]):
    """Adds the package to what is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a build."""
        prefix = "src/" if self.target_name == "sdist" else ""
        files = (path for path in source().rglob("*") if path.suffix in {".py", ".typed"})
        taken = {str(path): f"{prefix}{PACKAGE}/{path.relative_to(source())}" for path in files}
        build_data["force_include"].update(taken)
