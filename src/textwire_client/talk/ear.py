"""The ear of `Client`: a thread that listens to what the channel asks for and calls the callbacks."""

from __future__ import annotations

import contextlib
import logging
import threading

from textwire_client.errors import ConnectionFailed, EventsMissed, TextwireError
from textwire_client.following import Following
from textwire_client.live import Live
from textwire_client.place import Place

from .channel import EVENTS, Channel, Wish
from .listeners import Told

LOG = logging.getLogger("textwire_client")
CLOSE_SECONDS = 10.0


class Ear:
    """Its thread is there as long as there is something to listen to."""

    def __init__(self, place: Place, channel: Channel) -> None:
        self._place, self._channel = place, channel
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._live: Live | None = None
        self._closed = False

    def position(self, numbers: tuple[str, ...]) -> str:
        """Where the order of events is now, said by the server for just these numbers."""
        with Live(self._place, Following(None, EVENTS, numbers, self._place.timeout)) as live:
            return live.after or "0"

    def attend(self) -> None:
        """Listen to what the channel asks for now; what it owes is told."""
        with self._lock:
            if self._closed:
                raise ConnectionFailed("the client is closed", sent=False)
            live = self._live
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="textwire-events", daemon=True)
                self._thread.start()
        if live is not None:
            live.close()  # the thread opens another one

    def close(self) -> None:
        """Call nobody any more; a callback that is running is waited for, but not for ever."""
        with self._lock:
            self._closed = True
            live, thread = self._live, self._thread
        if live is not None:
            live.close()
        if thread is not None and thread is not threading.current_thread():
            thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            self._tell(self._channel.owed())
            wish, following = self._channel.begin()
            live = Live(self._place, following)
            with self._lock:
                if self._closed or not (wish.numbers or self._channel.owes):
                    self._thread = self._live = None
                    return
                self._live = live
            if wish.numbers:
                self._follow(live, wish)

    def _follow(self, live: Live, wish: Wish) -> None:
        """Until something else is wanted."""
        with contextlib.closing(live):
            try:
                while self._channel.wish is wish and not live.closed:
                    self._hear(live)
            except TextwireError as error:
                self._channel.lost(error)
            except Exception as error:
                LOG.exception("live events have ended")
                self._channel.lost(TextwireError(f"{type(error).__name__}: {error}"))
        self._channel.leave(live.after)

    def _hear(self, live: Live) -> None:
        try:
            event = live.next()
        except EventsMissed as missed:
            self._channel.missed(missed)
        else:
            if event is not None:
                self._tell(self._channel.take(event))
                self._channel.after = event.id
        self._tell(self._channel.owed())

    def _tell(self, told: list[Told]) -> None:
        for one in told:
            for callback in self._channel.listeners.of(one.name):
                if self._closed:
                    return
                try:
                    callback(one.what)
                except Exception:
                    LOG.exception("a callback of %s has failed", one.name)
