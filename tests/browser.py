"""A browser without a window, driven over its own protocol (https://chromedevtools.github.io/devtools-protocol/).

with browser(tmp_path) as page:
    page.open(url)
    page.run("document.title")
"""

import base64
import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.needs import missing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 60.0
ANSWER_SECONDS = 30.0
LOOK_SECONDS = 0.05


class Page:
    """One tab.

    `complaints` are what its console was told: errors, and what its policy has stopped. `calls` are the requests it made,
    by method and address, `answered` the statuses that came back, `sockets` the addresses of the sockets it opened.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._count = socket, 0
        self.complaints: list[str] = []
        self.calls: list[tuple[str, str]] = []
        self.answered: list[int] = []
        self.sockets: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    @property
    def requested(self) -> list[str]:
        """The addresses of the requests it made."""
        return [url for _, url in self.calls]

    def forget(self) -> None:
        """What has been so far."""
        for kept in (self.complaints, self.calls, self.answered, self.sockets):
            kept.clear()

    def open(self, url: str, *, width: int = 1400, dark: bool = False) -> None:
        """Goes there; what the page makes of itself may take longer (`until`)."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._ask("Emulation.setEmulatedMedia", features=scheme)
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        self._ask("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        said = self._ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def until(self, script: str, seconds: float = ANSWER_SECONDS) -> Any:
        """The value of an expression once it is true."""
        deadline = time.monotonic() + seconds
        while not (value := self.run(script)):
            assert time.monotonic() < deadline, f"never: {script}; {self.complaints}"
            time.sleep(LOOK_SECONDS)
        return value

    def choose(self, selector: str, file: Path) -> None:
        """Chooses a file in the input of the page that the selector finds."""
        root = self._ask("DOM.getDocument")["root"]["nodeId"]
        found = self._ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self._ask("DOM.setFileInputFiles", nodeId=found, files=[str(file)])

    def picture(self, file: Path) -> None:
        """Writes what the page looks like, all of it."""
        shot = self._ask("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv(ANSWER_SECONDS))
            if said.get("id") == self._count:
                assert "error" not in said, said
                return said["result"]
            self._hear(said)

    def _hear(self, said: Any) -> None:
        told = said.get("params", {})
        if said["method"] == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"]))
        elif said["method"] == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.complaints.append(told["entry"]["text"])
        elif said["method"] == "Network.requestWillBeSent":
            self.calls.append((told["request"]["method"], told["request"]["url"]))
        elif said["method"] == "Network.responseReceived":
            self.answered.append(told["response"]["status"])
        elif said["method"] == "Network.webSocketCreated":
            self.sockets.append(told["url"])


@contextlib.contextmanager
def browser(directory: Path, *options: str) -> Iterator[Page]:
    """A browser with one empty page, ended at the end; a machine without one lacks it by name.

    `options` are Chromium's own.
    """
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        missing("a browser (Chromium)")
    profile = directory / "profile"
    # --no-sandbox: its sandbox does not work for root, which is who builds in containers.
    command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    with (directory / "browser.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *options, f"--user-data-dir={profile}", "about:blank"], stdout=log, stderr=log
        )
    try:
        with connect(_page_of(profile, process), max_size=None) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _page_of(profile: Path, process: "subprocess.Popen[bytes]") -> str:
    """The address of the first page, from the file that the browser writes when it listens."""
    told = profile / "DevToolsActivePort"
    deadline = time.monotonic() + START_SECONDS
    while not (told.exists() and len(lines := told.read_text().splitlines()) == 2):
        assert process.poll() is None, "the browser has ended"
        assert time.monotonic() < deadline, "the browser does not start"
        time.sleep(LOOK_SECONDS)
    port, path = lines
    with connect(f"ws://127.0.0.1:{port}{path}") as socket:
        socket.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
        pages = json.loads(socket.recv(ANSWER_SECONDS))["result"]["targetInfos"]
    target = next(one["targetId"] for one in pages if one["type"] == "page")
    return f"ws://127.0.0.1:{port}/devtools/page/{target}"
