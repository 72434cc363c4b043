"""A server as people start it: logins outlive a kill, and no token, code, secret or password gets into its log."""

from pathlib import Path

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
