"""How many wrong credentials are put up with: by whom, for whose account, and from which network."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from typing import Final

import msgspec

from textwire.domain.refusal import Refusal

SECOND: Final = 1_000_000  # µs
MOST_REMEMBERED: Final = 20_000


class Budget(msgspec.Struct, frozen=True):
    """Failures within `window` seconds: `pair` free ones per account and address, then a wait that doubles from
    `first` to `longest` seconds; `account` ones per account, then the networks they came from wait until the window
    is over; `network` ones per network, whatever the accounts.
    """

    pair: int = 5
    account: int = 20
    network: int = 200
    window: int = 900
    first: int = 1
    longest: int = 900


PASSWORDS: Final = Budget()
# A generated key cannot be guessed. This is against those who flood us with wrong ones; right ones always pass.
KEYS: Final = Budget(pair=300, account=10**9, network=10**9, longest=60)


class _Tally:
    """Failures since `since`; `last` is the time of the latest, `networks` how many came from where."""

    __slots__ = ("count", "last", "networks", "since")

    def __init__(self, now: int) -> None:
        self.count, self.since, self.last = 0, now, now
        self.networks: Counter[str] = Counter()


class Patience:
    """Counts failures and refuses further tries, never an account as a whole: who comes from a network that has not
    failed gets in. What is refused here is not counted, so a wait always ends. Kept in memory, within bounds.
    """

    def __init__(self, now: Callable[[], int], budget: Budget = PASSWORDS) -> None:
        """`now`: the real clock, in µs."""
        self._now, self._budget = now, budget
        self._tallies: OrderedDict[str, _Tally] = OrderedDict()

    def admit(self, who: str, address: str) -> None:
        """Raises Refusal("too_many_failures") while this address has to wait before it may try for `who` again."""
        now = self._now()
        wait = max(self._waits(who, address, now), default=0)
        if wait > 0:
            raise Refusal("too_many_failures", after=-(-wait // SECOND))

    def failed(self, who: str, address: str) -> None:
        """One more wrong try."""
        now, network = self._now(), network_of(address)
        for name in _names(who, address, network):
            tally = self._tally(name, now)
            tally.count, tally.last = tally.count + 1, now
            tally.networks[network] += 1
        while len(self._tallies) > MOST_REMEMBERED:
            self._tallies.popitem(last=False)

    def passed(self, who: str, address: str) -> None:
        """A right one: what this address got wrong for `who` is forgotten."""
        self._tallies.pop(_names(who, address, "")[0], None)

    def undo(self, who: str, address: str) -> None:
        """A try that was counted beforehand was not wrong."""
        network = network_of(address)
        for name in _names(who, address, network):
            if (tally := self._tallies.get(name)) is not None:
                tally.count -= 1
                tally.networks[network] -= 1

    def _waits(self, who: str, address: str, now: int) -> Iterator[int]:
        budget, network = self._budget, network_of(address)
        pair, account, spread = (self._fresh(name, now) for name in _names(who, address, network))
        if pair is not None and pair.count >= budget.pair:
            doubled = budget.first << min(pair.count - budget.pair, 30)
            yield pair.last + min(doubled, budget.longest) * SECOND - now
        if account is not None and account.count >= budget.account and account.networks[network] > 0:
            yield account.since + budget.window * SECOND - now
        if spread is not None and spread.count >= budget.network:
            yield spread.since + budget.window * SECOND - now

    def _fresh(self, name: str, now: int) -> _Tally | None:
        tally = self._tallies.get(name)
        if tally is None or now - tally.since < self._budget.window * SECOND:
            return tally
        del self._tallies[name]
        return None

    def _tally(self, name: str, now: int) -> _Tally:
        tally = self._fresh(name, now)
        if tally is None:
            tally = self._tallies[name] = _Tally(now)
        self._tallies.move_to_end(name)
        return tally


def _names(who: str, address: str, network: str) -> tuple[str, str, str]:
    return f"p\0{who}\0{address}", f"a\0{who}", f"n\0{network}"


def network_of(address: str) -> str:
    """The network that an address is taken for one with: a /24 of IPv4, a /56 of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped is not None:
        parsed = mapped
    return str(ip_network((parsed, 24 if parsed.version == 4 else 56), strict=False))
