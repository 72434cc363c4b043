"""Servers as people start them: logins outlive a kill, two nodes are one, and no token, code, secret or password gets into its log."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.serving import server
from tests.vendors.sipgate_login import PLACE, Login

SCOPE = "balance:read history:read"


def test_logins_outlive_a_kill_and_leave_nothing_in_the_log(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        login = Login(running.url, running.credentials["sipgate"])
        client, secret = login.register(PLACE)
        code = login.allowed(login.address(client, PLACE, SCOPE, state="a-secret-state"))["code"]
        proved = {"client_id": client, "client_secret": secret}
        pair = login.tokens(**proved, redirect_uri=PLACE, code=code, grant_type="authorization_code")
        own = login.by_password()
        assert (
            login.ask(client_id="sipgate-app-web", grant_type="password", username="x", password="canary-pw")[
                0
            ]
            == 401
        )
        assert login.call("GET", "/balance", "canary-token")[0] == 401
        running.kill()
        before = running.complaints + running.printed
    with server(tmp_path) as running:
        login = Login(running.url, running.credentials["sipgate"])
        assert login.call("GET", "/balance", pair["access_token"])[0] == 200
        again = login.tokens(**proved, refresh_token=pair["refresh_token"], grant_type="refresh_token")
        assert login.ask(**proved, refresh_token=pair["refresh_token"], grant_type="refresh_token")[0] == 400
        assert login.ask(**proved, redirect_uri=PLACE, code=code, grant_type="authorization_code")[0] == 400
        said = before + running.complaints
    never = [code, secret, "canary-pw", "canary-token", "a-secret-state"]
    for tokens in (pair, own, again):
        never += [tokens[name] for name in ("access_token", "refresh_token", "id_token")]
    assert not [word for word in never if word in said]


def test_two_nodes_are_one_login(tmp_path: Path, postgres_url: str) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "data").mkdir(parents=True)
    with server(tmp_path / "a", "--database", postgres_url, "--node", "1") as one:
        shutil.copy(one.data / "server.key", tmp_path / "b" / "data")
        with server(tmp_path / "b", "--database", postgres_url, "--node", "2") as other:
            here, there = (Login(node.url, one.credentials["sipgate"]) for node in (one, other))
            client, secret = here.register(PLACE)
            proved = {"client_id": client, "client_secret": secret}
            code = here.allowed(here.address(client, PLACE, SCOPE), there)["code"]
            pair = there.tokens(**proved, redirect_uri=PLACE, code=code, grant_type="authorization_code")
            for login in (here, there):
                assert login.call("GET", "/balance", pair["access_token"])[0] == 200
            again = {**proved, "refresh_token": pair["refresh_token"], "grant_type": "refresh_token"}
            statuses = at_once([lambda login=login: login.ask(**again)[0] for login in (here, there) * 4])
            assert sorted(statuses) == [200] + [400] * 7


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What calls return that are made at the same time."""
    found: list[Any] = []
    threads = [threading.Thread(target=lambda call=call: found.append(call())) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
