"""Phone numbers as sipgate's clients write them, which are kept and shown as E.164."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from textwire.domain.account import Settings
from textwire.domain.address import BadAddress, parse_recipient
from textwire.domain.refusal import Refusal

COUNTRY: Final = "49"  # completes national numbers of an account that has not set another
_WRITTEN: Final = re.compile(r"\+?[0-9 ./()-]+")


class Numbering:
    """`settings` reads what an account has set."""

    def __init__(self, settings: Callable[[int], Awaitable[Settings]]) -> None:
        self._settings = settings

    async def read(self, account: int, written: str, field: str) -> str:
        """E.164 of a number in any of the forms that clients use. Refusal invalid_address."""
        return read(written, (await self._settings(account)).country or COUNTRY, field)


def read(written: str, country: str, field: str) -> str:
    """The same for an account of a country."""
    try:
        if not _WRITTEN.fullmatch(written.strip()):
            raise BadAddress("characters", written)
        found = parse_recipient(written.strip(), country, plus=False)
        if found.kind != "international":
            raise BadAddress("length", written)
    except BadAddress as error:
        raise Refusal("invalid_address", f"{error}.", field) from None
    return found.value
