"""The page that teaches sipgate's API: what it says of calls and of OAuth works as it stands there."""

from pathlib import Path

from tests.cli.test_docs import HOWTO, USUAL, blocks, commands, home, run

__all__ = ["commands"]


def test_the_calls_and_the_login_of_the_page_work_as_they_stand_there(
    tmp_path: Path, commands: dict[str, str]
) -> None:
    told = [block.text for block in blocks(HOWTO / "sipgate.md") if block.language == "sh"]
    script = "\n".join(one for one in told if "HTTPS_PROXY" not in one)
    with home(tmp_path) as (running, place):
        said = run(script.replace(USUAL, running.url), place, commands)
    for member in ('"amount"', '"refresh_token"', '"clientSecret"', '"phonenumber"'):
        assert member in said
