"""`textwire env`: what a shell needs so that a vendor's own clients go to this server."""

import os
import shlex
from pathlib import Path
from typing import Any, Final

import click

from textwire.cli import finding
from textwire.cli.failures import Failed
from textwire.cli.plain import document

NAMES: Final = ("vonage", "sipgate", "kandy")  # of VENDORS, which is imported when it is used
PRELOAD: Final = "redirect.cjs"
HOSTS: Final = "hosts"


@click.command("env", short_help="Print what a shell needs so that a vendor's clients come here.")
@click.argument("vendor", type=click.Choice(NAMES))
@finding.data_option
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def command(vendor: str, data: str | None, as_json: bool) -> None:
    """Print the first account's credentials, the place of the running server and whom to trust as variables of a
    shell: eval "$(textwire env vonage)". In that shell the vendor's own clients come here, also those that know
    nothing but their vendor's address; to Node that is told by a script, which is written to DIR/env.
    """
    from .vendors import VENDORS, variables

    place, chosen = finding.directory(data).absolute(), VENDORS[vendor]
    found, ready = _found(place, vendor)
    folder = _written(place / "env", chosen.hosts)
    made = variables(chosen, found, ready, place / finding.AUTHORITY, folder / PRELOAD)
    entry = f"127.0.0.1 {' '.join(chosen.hosts)}"
    if as_json:
        click.echo(document({"variables": made, "hosts": entry}))
        return
    click.echo(f'# {chosen.title}. Use: eval "$(textwire env {vendor})"')
    for name, value in made.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    if "https" not in ready:
        click.echo("# The server has no HTTPS: clients that speak nothing else need one with --https.")
    click.echo("# Programs that heed none of this need the server on port 443, and in /etc/hosts:")
    click.echo(f"# {entry}")


def _found(place: Path, vendor: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the vendor's credentials, where the server listens); raises Failed for what is missing."""
    found, ready = finding.credentials(place).get(vendor), finding.ready(place)
    if not isinstance(found, dict):
        raise Failed(
            f"there are no credentials for {vendor} in {place / finding.CREDENTIALS}: the first `textwire serve` makes them"
        )
    if not {"http", "https"} & ready.keys():
        raise Failed(f"no server is running on {place}: start one with `textwire serve`")
    if "private_key" in found:  # kept as seen from where the server was started first
        found = {**found, "private_key": str(place / Path(found["private_key"]).name)}
    return found, ready


def _written(folder: Path, hosts: tuple[str, ...]) -> Path:
    """The folder, with the files that variables name; raises Failed."""
    script = (Path(__file__).parent / PRELOAD).read_text(encoding="utf-8")
    files = {PRELOAD: script, HOSTS: f"127.0.0.1 localhost {' '.join(hosts)}\n::1 localhost\n"}
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for name, content in files.items():
            temporary = folder / f"{name}.{os.getpid()}"  # many shells may begin at once
            temporary.write_text(content, encoding="utf-8")
            temporary.replace(folder / name)
    except OSError as error:
        raise Failed(f"{folder}: {error.strerror}") from None
    return folder
