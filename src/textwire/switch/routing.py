"""Which carrier a message leaves by."""

from collections.abc import Sequence

from .carrier import Carrier
from .pacing import Window


class Routing:
    """The carriers in the order of the plain list that `app` hands over; the first one takes everything.

    Rules by prefix, cost and health come with the carriers that need them.
    """

    def __init__(self, carriers: Sequence[Carrier]) -> None:
        self.carriers = {carrier.name: carrier for carrier in carriers}
        self.windows = {carrier.name: Window(carrier.window) for carrier in carriers}
        self._first = next(iter(self.carriers))

    def pick(self, recipient: str) -> str:
        """The name of the carrier for a recipient."""
        return self._first

    @property
    def simulated(self) -> bool:
        """Whether no real phone can be reached."""
        return all(carrier.simulated for carrier in self.carriers.values())
