"""`textwire serve`: the server, from its settings to its end."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from .failures import Failed, Refused, leaves

if TYPE_CHECKING:
    from textwire.app import App
    from textwire.config import Config

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@click.command("serve", short_help="Start the server.")
@click.option(
    "--data", metavar="DIR", help="Directory of all state, made private. [default: ./textwire-data]"
)
@click.option("--http", metavar="HOST:PORT", help="Plain HTTP, or off. [default: 127.0.0.1:8080]")
@click.option("--https", metavar="HOST:PORT", help="HTTPS, or off. [default: 127.0.0.1:8443]")
@click.option(
    "--database",
    metavar="URL",
    help="sqlite path or postgresql://… [default: textwire.db in the data directory]",
)
@click.option("--config", "file", metavar="FILE", help="TOML file with any of these settings.")
@click.option("--tls-cert", metavar="FILE", help="Certificate chain (PEM) in place of the local CA's.")
@click.option("--tls-key", metavar="FILE", help="Its key, if that is in a file of its own.")
@click.option(
    "--allow-plaintext", is_flag=True, default=None, help="Let plain HTTP be reached from other machines."
)
@click.option("--proxies", metavar="LIST", help="Addresses and networks whose X-Forwarded-For is believed.")
@click.option(
    "--stranger-connections",
    type=click.IntRange(1),
    metavar="N",
    help="Connections of one address without credentials; loopback has no bound. [default: 100]",
)
@click.option(
    "--origins", metavar="LIST", help="Pages elsewhere that may open live sockets: https://app.example …"
)
@click.option(
    "--webhooks-allow-private",
    metavar="LIST",
    help="Inner places that webhooks may go to: 127.0.0.1:1880,10.1.2.0/24:8000",
)
@click.option(
    "--country", metavar="CODE", help="Completes national numbers: calling code or ISO region. [default: 1]"
)
@click.option(
    "--kandy-wait",
    type=click.FloatRange(0, 10),
    metavar="SECONDS",
    help="How long the answer to a send over Kandy's wire waits for the network's. [default: 2]",
)
@click.option(
    "--node", type=click.IntRange(0, 255), help="Different for each process on one database. [default: 0]"
)
@click.option(
    "--loop-messages",
    type=click.IntRange(0),
    metavar="N",
    help="Texts a minute of two that answer each other, both ways; 0: nobody is stopped. [default: 20]",
)
@click.option(
    "--trial-messages",
    type=click.IntRange(1),
    metavar="N",
    help="Kept for each user of an account on trial. [default: 1000]",
)
@click.option("--seed", type=int, help="Of the simulated network's dice. [default: 0]")
@click.option(
    "--window", type=click.IntRange(1), help="Texts under way in the simulated network. [default: 500]"
)
@click.option("--log-level", metavar="LEVEL", help="debug, info, warning, error or critical. [default: info]")
def command(file: str | None, **given: Any) -> None:
    """Start the server: it runs in the foreground until SIGTERM or Ctrl-C (twice: at once).

    Port 0 picks a free one. Every option is also a setting TEXTWIRE_NAME of the environment and `name = …` of
    the TOML file; the command line wins over the environment, that over the file.
    """
    from textwire.config import BadConfig, load

    from .logs import configure

    try:
        config = load(given, file)
        configure(config.log_level)
    except BadConfig as error:
        raise Refused(str(error)) from None
    Serving(config).run()


class Serving:
    """One run of the server."""

    def __init__(self, config: "Config") -> None:
        self._config = config
        self._ready = False

    def run(self) -> None:
        """Returns after an orderly stop; raises Failed with the reason when it cannot start or go on."""
        import uvloop

        from textwire.app import App

        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve(App(self._config)))
        except Exception as error:
            raise self._failed(error) from None

    async def _serve(self, app: "App") -> None:
        from .logs import loop_failed

        loop = asyncio.get_running_loop()
        loop.set_exception_handler(loop_failed)
        for number in SIGNALS:
            loop.add_signal_handler(number, self._signalled, app)
        await app.serve(self._announce)
        self._log().info("server.stopped")

    def _signalled(self, app: "App") -> None:
        """Asks for an orderly stop; a second signal means now."""
        for each in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(each, os._exit, 128 + each)
        app.stop()

    def _announce(self, app: "App") -> None:
        from textwire import __version__

        self._ready = True
        self._log().info("server.started", version=__version__, urls=list(app.urls.values()), pid=os.getpid())
        say(announcement(self._config, app.urls, app.credentials))

    @staticmethod
    def _log() -> Any:
        import structlog

        return structlog.get_logger("textwire")

    def _failed(self, error: Exception) -> Failed:
        """An error in words: one line if it can be expected of a start, otherwise a log entry with the place."""
        for leaf in leaves(error):
            if not self._ready and (reason := _reason(leaf, self._config.embedded)):
                return Refused(reason)
        self._log().critical("server.failed", exc_info=error)
        kinds = ", ".join(sorted({type(leaf).__name__ for leaf in leaves(error)}))
        return Failed(f"the server failed ({kinds}); the last log line says where")


def announcement(config: "Config", urls: dict[str, str], credentials: dict[str, Any] | None) -> str:
    """What a server that is ready says; its credentials only if nobody else could reach it with them."""
    from textwire import first_start

    from . import finding, greeting

    ca = None if config.tls_cert else config.directory / finding.AUTHORITY
    place = greeting.Place(urls=urls, data=config.data, ca=ca)
    said = [greeting.listening(place)]
    if credentials is not None and config.embedded and on_loopback(urls):
        said += [greeting.secrets(credentials), greeting.calls(place, credentials)]
    else:
        kept = config.directory / first_start.FILE
        said.append(greeting.pointer(place, kept if kept.exists() else None))
    said.append(f"ready {' '.join(urls.values())} (Ctrl-C stops)")
    return "\n".join(said)


def on_loopback(urls: dict[str, str]) -> bool:
    """Whether nobody but this machine reaches any of the URLs."""
    return all(ip_address(urlsplit(url).hostname or "0.0.0.0").is_loopback for url in urls.values())  # noqa: S104


def say(text: str) -> None:
    """Prints at once; whoever closes our stdout does not stop the server."""
    try:
        click.echo(text)
        sys.stdout.flush()
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reason(error: BaseException, embedded: bool = True) -> str:
    """In words, if it is a reason for which a server may not start."""
    from textwire.config import BadConfig
    from textwire.store.engines.engine import Fatal, Unavailable
    from textwire.web.bind import BindRefused, PlaintextRefused
    from textwire.web.tls import TlsError

    match error:
        case PlaintextRefused():
            return f"{error}: give it --tls-cert and --tls-key, or allow it with --allow-plaintext"
        case BindRefused():
            return f"{error} (--http and --https name other addresses, port 0 picks a free one)"
        case Unavailable() | Fatal():
            return str(error) if embedded else f"the database cannot be used: {error}"
        case BadConfig() | TlsError():
            return str(error)
        case FileExistsError(filename=str(name)):
            return f"{name} is not a directory"
        case OSError(strerror=str(reason), filename=str(name)):
            return f"{name}: {reason}"
    return ""
