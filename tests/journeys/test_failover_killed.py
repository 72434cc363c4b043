"""A server that is killed while workflows are on their way: every message of them goes out, and each once."""

import base64
import json
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from tests.serving import Server
from tests.serving import server as serving

BARRED, PHONE = "441632960003", "447700900123"
WORKFLOWS = 12
KILLS = 3
MOST_STEPS = 400


def send(server: Server, n: int) -> str:
    """A workflow of three messages of which two fail at once; the answer's workflow_id."""
    items = [
        {"channel": "sms", "message_type": "text", "from": "AcmeInc", "to": to, "text": f"{n}.{k}",
         "client_ref": f"{n}.{k}"}
        for k, to in enumerate((BARRED, BARRED, PHONE), 1)
    ]  # fmt: skip
    vonage = server.credentials["vonage"]
    basic = base64.b64encode(f"{vonage['api_key']}:{vonage['api_secret']}".encode()).decode()
    request = urllib.request.Request(
        server.url + "/v1/messages", json.dumps({**items[0], "failover": items[1:]}).encode(),
        {"Authorization": f"Basic {basic}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 202
        return str(json.loads(answer.read())["workflow_id"])


def kept(server: Server) -> list[dict[str, Any]]:
    """Every message of the account."""
    found: list[dict[str, Any]] = server.api("GET", "/api/messages?limit=100&direction=out")["items"]
    return found


def test_kills_neither_lose_nor_repeat_a_step(tmp_path: Path) -> None:
    for kill in range(KILLS):
        with serving(tmp_path) as server:
            for n in range(WORKFLOWS // KILLS):
                send(server, kill * (WORKFLOWS // KILLS) + n)
            time.sleep(0.1 * kill)
            server.kill()
    with serving(tmp_path) as server:
        for _ in range(MOST_STEPS):
            found = kept(server)
            if len(found) == 3 * WORKFLOWS and all(m["state"] in ("delivered", "rejected") for m in found):
                break
            # What was with the carrier when it was killed is held for ten minutes, then sent again.
            server.api("POST", "/api/simnet/clock", {"advance": "20s"})
            time.sleep(0.05)
        counts = Counter(m["ref"] for m in kept(server))
        assert counts == {f"{n}.{k}": 1 for n in range(WORKFLOWS) for k in (1, 2, 3)}
        states = {m["ref"]: m["state"] for m in kept(server)}
        assert all((state == "delivered") == ref.endswith(".3") for ref, state in states.items())
