"""How many connections each address has whose client has not proved who it is."""

from ipaddress import ip_address

from textwire.web.limits import Limits


class Strangers:
    """Counts them for one listener."""

    def __init__(self, limits: Limits) -> None:
        self._most, self._spare, self._spare_loopback = (
            limits.stranger_connections, limits.spare, limits.spare_loopback,
        )  # fmt: skip
        self._counts: dict[str, int] = {}

    def come(self, address: str) -> str:
        """One more of this address: under which name it is counted, "" if it is not."""
        if self._is_spared(address):
            return ""
        self._counts[address] = self._counts.get(address, 0) + 1
        return address

    def are_too_many(self, name: str) -> bool:
        """Whether the address has more than it may."""
        return self._counts.get(name, 0) > self._most

    def go(self, name: str) -> None:
        """One less: it has ended, or is no stranger any more."""
        left = self._counts.get(name, 0) - 1
        if left > 0:
            self._counts[name] = left
        else:
            self._counts.pop(name, None)

    def _is_spared(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:  # a socket without an address
            return True
        if self._spare_loopback and parsed.is_loopback:
            return True
        return any(parsed in network for network in self._spare)
