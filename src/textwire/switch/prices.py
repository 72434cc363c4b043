"""What a segment costs, by the longest prefix of the recipient's number."""

DEFAULT = 7_000_000  # 0.07 EUR in 10⁻⁸ EUR


class Prices:
    """One price table for all doors; keys are prefixes without +, the empty prefix is the default."""

    def __init__(self, table: dict[str, int]) -> None:
        self._table = {"": DEFAULT, **table}
        self._longest = max(map(len, self._table))

    def of(self, recipient: str) -> int:
        """The price of one segment to this number, in 10⁻⁸ EUR."""
        digits = recipient.lstrip("+")
        for length in range(min(self._longest, len(digits)), 0, -1):
            if (price := self._table.get(digits[:length])) is not None:
                return price
        return self._table[""]
