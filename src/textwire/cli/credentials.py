"""`textwire credentials`: the first account's credentials, as they are kept readable."""

import click

from . import finding
from .failures import Failed
from .plain import document


@click.command("credentials", short_help="Show the first account's credentials.")
@finding.data_option
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def command(data: str | None, as_json: bool) -> None:
    """Show the first account's credentials, and first calls to paste while the server runs.

    They are made on the first start and kept in DIR/credentials.json, which only its owner can read.
    """
    from . import greeting

    place = finding.directory(data)
    found = finding.credentials(place)
    if not found:
        raise Failed(f"there are no credentials in {place}: the first `textwire serve` makes them there")
    if as_json:
        click.echo(document(found))
        return
    click.echo(greeting.secrets(found), nl=False)
    urls = {name: url for name, url in finding.ready(place).items() if name in ("http", "https")}
    if urls:
        here = greeting.Place(urls=urls, data=data or str(place), ca=place / finding.AUTHORITY)
        click.echo(greeting.calls(here, found), nl=False)
