"""What carriers call when the network has something to say: it returns after the commit, never before."""

from collections.abc import Callable

from textwire.domain.arrival import Arrival
from textwire.domain.receipt import Receipt
from textwire.store import messages
from textwire.store.messages import Outstanding
from textwire.store.store import Store

from .dispatch import Dispatcher
from .receive import Receive
from .report import Report
from .routing import Routing


class House:
    """The Inlet of this house. A carrier acknowledges the network only after these have returned."""

    def __init__(
        self, store: Store, report: Report, receive: Receive, dispatcher: Dispatcher, routing: Routing,
        now: Callable[[], int],
    ) -> None:  # fmt: skip
        self._store, self._report, self._receive = store, report, receive
        self._dispatcher, self._routing, self._now = dispatcher, routing, now

    async def report(self, receipts: list[Receipt]) -> None:
        """Keeps receipts, matched or parked; raises Unavailable when it cannot, and the network comes back."""
        _raise_first(await self._store.write_all(self._report, receipts))

    async def receive(self, arrivals: list[Arrival]) -> None:
        """Keeps inbound segments; raises Unavailable when it cannot, and the network comes back."""
        _raise_first(await self._store.write_all(self._receive, arrivals))
        for carrier in self._routing.carriers:  # an answer to STOP or HELP may wait now
            self._dispatcher.wake(carrier, queue=False)

    async def outstanding(self, carrier: str) -> list[Outstanding]:
        """What this carrier took before a restart and has not reported on."""
        return await messages.outstanding(self._store.engine, carrier, self._now())


def _raise_first(outcomes: list[object]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
