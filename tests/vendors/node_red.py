"""Node-RED without a window: flows are deployed and set off over its admin API, what debug nodes show is heard over its socket."""

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from .library import node, without_proxies
from .packages import installed

START_SECONDS = 120.0
HEARD_SECONDS = 60.0
LOOK_SECONDS = 0.1
SETTINGS = """module.exports = {
  uiHost: "127.0.0.1", flowFile: "flows.json", credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false }, logging: { console: { level: "info" } },
}
"""


class NodeRed:
    """One that is ready; `url` is where it listens."""

    def __init__(self, port: int, log: Path) -> None:
        self.url, self._log = f"http://127.0.0.1:{port}", log
        self._comms: ClientConnection | None = None
        self._open = contextlib.ExitStack()

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return self._log.read_text()

    def deploy(self, flows: Sequence[dict[str, Any]]) -> None:
        """What the red button does; from here on debug messages are heard."""
        self._ask("POST", "/flows", {"flows": list(flows)})
        self.close()
        address = self.url.replace("http:", "ws:") + "/comms"
        self._comms = self._open.enter_context(connect(address, open_timeout=HEARD_SECONDS))
        self._comms.send(json.dumps({"subscribe": "debug"}))

    def press(self, inject: str) -> None:
        """The button of an inject node, which may come a moment after what was deployed."""
        deadline = time.monotonic() + HEARD_SECONDS
        while True:
            try:
                return self._ask("POST", f"/inject/{inject}")
            except urllib.error.HTTPError as error:
                if error.code != 404 or time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_SECONDS)

    def heard(self, debug: str) -> Any:
        """What a debug node shows next: the message, decoded."""
        assert self._comms is not None
        deadline = time.monotonic() + HEARD_SECONDS
        while time.monotonic() < deadline:
            for one in json.loads(self._comms.recv(HEARD_SECONDS)):
                if one.get("topic") == "debug" and one["data"]["id"] == debug:
                    return json.loads(one["data"]["msg"])
        raise AssertionError(f"{debug} showed nothing: {self.said}")

    def close(self) -> None:
        """The socket, if there is one."""
        self._open.close()

    def answers(self) -> bool:
        try:
            self._ask("GET", "/flows")
        except OSError:
            return False
        return True

    def _ask(self, method: str, path: str, body: object = None) -> None:
        headers = {"Content-Type": "application/json", "Node-RED-API-Version": "v2"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=HEARD_SECONDS) as answer:
            answer.read()


@contextlib.contextmanager
def node_red(directory: Path, shell: Sequence[str], **environment: str) -> Iterator[NodeRed]:
    """Node-RED with Vonage's nodes, until the end of the block; `shell` goes before its command."""
    (directory / "settings.js").write_text(SETTINGS)
    program = installed("node-red") / "node_modules" / "node-red" / "red.js"
    port = _free_port()
    command = [
        *shell, node(), str(program), "--userDir", str(directory), "--settings", str(directory / "settings.js"),
        "--port", str(port),
    ]  # fmt: skip
    log = directory / "node-red.log"
    inherited = without_proxies(os.environ)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={**inherited, "HOME": str(directory), **environment},
        )  # fmt: skip
    one = NodeRed(port, log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not one.answers():
            assert process.poll() is None, one.said
            assert time.monotonic() < deadline, one.said
            time.sleep(LOOK_SECONDS)
        yield one
    finally:
        one.close()
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])
