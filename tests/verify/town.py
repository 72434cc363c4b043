"""Accounts that ask for codes, texts that are kept instead of sent, and a real clock that the test moves."""

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, settle
from textwire.domain.ids import Ids
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.store.store import Store
from textwire.switch.accept import Accepted
from textwire.switch.draft import SendRequest
from textwire.verify.codes import Codes
from textwire.verify.limits import Limits
from textwire.verify.senders import Senders

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
EUR = 10**8
PRICE = 7_000_000
PHONE, OTHER_PHONE = "+447700900123", "+447700900124"


def message(key: int, request: SendRequest) -> Message:
    return Message(
        key, request.account, request.principal, "out", "queued", request.sender or "", request.recipients[0],
        request.text, "gsm7", 1, 0, "simulated", PRICE, "", 0, "otp", "resend", 0, 0, 0, 0, 0, "", "", 1, NOW, NOW,
        "", 0, "system",
    )  # fmt: skip


class Town:
    """`texts` are what was texted, with the code in clear; a `refusal` set refuses the next text."""

    def __init__(self, store: Store, limits: Limits | None = None, node: int = 4) -> None:
        self.store, self.now = store, NOW
        self.texts: list[SendRequest] = []
        self.refusal: Refusal | None = None
        ids = Ids(node)
        self.codes = Codes(
            store, ids, lambda: self.now, lambda: self.now, accept=self._accept, price=lambda number: PRICE,
            key=b"k" * 32, limits=limits,
        )  # fmt: skip
        self.senders = Senders(store, self.codes, lambda: self.now)

    async def settle(self, *others: int, balance: int = 1000 * EUR) -> None:
        for account in (ACCOUNT, *others):
            await settle(self.store, balance=balance, account=account)

    async def _accept(self, request: SendRequest) -> Accepted:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        self.texts.append(request)
        return Accepted(messages=(message(len(self.texts), request),))

    async def start(self, number: str = PHONE, account: int = ACCOUNT) -> str:
        """Asks for a code; the one that the handset shows."""
        await self.senders.start(account, account * 10, number)
        return self.texts[-1].text[:6]

    async def finish(self, code: str, number: str = PHONE, account: int = ACCOUNT) -> str:
        """ "verified", or the code of the refusal."""
        try:
            return (await self.senders.finish(account, account * 10, number, code)).state
        except Refusal as refusal:
            return refusal.code

    async def asked(self, number: str = PHONE, account: int = ACCOUNT) -> Refusal | None:
        """The refusal of a code that is asked for, if any."""
        try:
            await self.start(number, account)
        except Refusal as refusal:
            return refusal
        return None

    async def balance(self, account: int = ACCOUNT) -> int:
        found = await accounts.account(self.store.engine, account)
        assert found is not None
        return found.balance


def wrong(code: str, n: int = 1) -> str:
    """The n-th code that is not this one."""
    return f"{(int(code) + n) % 1_000_000:06d}"


__all__ = ["ACCOUNT", "NOW", "PRINCIPAL"]
