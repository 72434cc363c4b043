"""One-time codes: texted to a number to prove that somebody holds it, tried a few times, good once.

A code exists in clear in the text of one message of a hidden principal, which no account sees, and on the handset.
What is kept to compare with is an HMAC under a key that is not in the database. Every failed try takes the same
steps and says the same, whether the code was wrong, used, too old or tried too often.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from textwire.domain.ids import Ids
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.store import accounts, codes
from textwire.store.accounts import Entry
from textwire.store.codes import Code, CodeState
from textwire.store.committer import Unit
from textwire.store.store import Store
from textwire.switch import once
from textwire.switch.accept import Accepted
from textwire.switch.book import Book
from textwire.switch.draft import SendRequest
from textwire.switch.once import Keep

from .limits import DAY, KEEP, SECOND, Limits, wait

DIGITS = 6
SENDER = "Textwire"
TEXT = "{code} is your code to prove that this number is yours. It is good for 10 minutes. Tell nobody."
MOST_FORGOTTEN = 500  # in one write
NOTHING = "0" * 64  # compared with when there is no code, so that this takes as long

log = structlog.get_logger("textwire.verify")

Then = Callable[[Unit], Awaitable[None]]
"""What is judged or written in the same transaction; it may raise Refusal before it has written anything."""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """A code shall be texted."""

    account: int
    principal: int
    purpose: str
    number: str
    code: str
    price: int
    at: int
    real: int
    judge: Then


class Started(msgspec.Struct, frozen=True):
    """What is kept of it, and who texts it."""

    code: Code
    account: int
    principal: int


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """A code was given; `then` is written with it if it is right."""

    account: int
    purpose: str
    number: str
    code: str
    real: int
    then: Then


class Undo(msgspec.Struct, frozen=True):
    """A code could not be texted."""

    started: Started
    price: int
    at: int


class Texted(msgspec.Struct, frozen=True):
    """A code is on its way."""

    code: int
    message: int


class Forget(msgspec.Struct, frozen=True):
    """Nothing of what is over at `real` shall be readable."""

    real: int


class Codes:
    """The verbs."""

    def __init__(
        self, store: Store, ids: Ids, now: Callable[[], int], real_now: Callable[[], int], *,
        accept: Callable[[SendRequest], Awaitable[Accepted]], price: Callable[[str], int], key: bytes,
        limits: Limits | None = None, draw: Callable[[], str] | None = None,
    ) -> None:  # fmt: skip
        self._store, self._now, self._real_now, self._accept = store, now, real_now, accept
        self._price, self.limits, self._draw = price, limits or Limits(), draw or new_code
        self._book = CodeBook(ids, key, self.limits)

    async def send(
        self, account: int, principal: int, purpose: str, number: str, *, judge: Then,
        sender: str = SENDER, keep: Keep | None = None,
    ) -> Code:  # fmt: skip
        """Texts a new code to a number (E.164); the one before is worth nothing any more.

        The account pays for the text. `judge` is asked in the same transaction. Refusal too_many_codes,
        insufficient_balance, and what `judge` raises; `keep` as in `once`, its outcome is a Started.
        """
        code, price, at = self._draw(), self._price(number), self._now()
        wish = Start(
            account=account, principal=principal, purpose=purpose, number=number, code=code, price=price, at=at,
            real=self._real_now(), judge=judge,
        )  # fmt: skip
        started: Started = await once.write(self._store, self._book, wish, keep)
        try:
            message = await self._text(started, number, code, sender)
        except BaseException:
            await self._store.write(self._book, Undo(started, price, at))
            raise
        await self._store.write(self._book, Texted(started.code.id, message))
        return started.code

    async def check(self, account: int, purpose: str, number: str, code: str, then: Then) -> None:
        """Uses a code up; `then` happens in the same write.

        Refusal not_found when no code was asked for lately, code_wrong otherwise: it is wrong, used, too old, or
        was tried too often. What `then` refuses leaves the code as it was.
        """
        wish = Try(
            account=account, purpose=purpose, number=number, code=code, real=self._real_now(), then=then
        )
        died: bool = await self._store.write(self._book, wish)
        if died:
            log.warning("verify.alarm", account=account, dead=self.limits.dead_in_day)
        if died is not None:
            raise Refusal("code_wrong", field="code")

    async def forget(self) -> bool:
        """Makes codes that are over unreadable, in bounds; whether there may be more."""
        more: bool = await self._store.write(self._book, Forget(self._real_now()))
        return more

    async def _text(self, started: Started, number: str, code: str, sender: str) -> int:
        accepted = await self._accept(
            SendRequest(
                account=started.account, principal=started.principal, rights="system", sender=sender,
                recipients=(number,), text=TEXT.format(code=code), validity=self.limits.life, klass="otp",
            )
        )  # fmt: skip
        [message] = accepted.messages
        if not isinstance(message, Message):
            raise message
        return message.id


def new_code() -> str:
    """Six digits that nobody can foretell."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


class CodeBook(Book):
    """The write of these verbs: one wish after the other, so that a code is never tried once too often."""

    def __init__(self, ids: Ids, key: bytes, limits: Limits) -> None:
        self._ids, self._key, self._limits = ids, key, limits
        super().__init__(
            {Start: self._start, Try: self._try, Undo: self._undo, Texted: self._texted, Forget: self._forget}
        )

    async def _start(self, unit: Unit, wish: Start) -> Started:
        key = self._ids.take(wish.real, 3)
        account, principal = await codes.house(unit, key + 1, wish.real)
        # With the hidden account's row locked, nobody else counts what was sent to a number meanwhile.
        balances = await accounts.balances(unit, [wish.account, account])
        balance, state = balances.get(wish.account, (0, "missing"))
        if state != "active":
            raise Refusal("account_suspended")
        await wish.judge(unit)
        since = wish.real - DAY
        number = await codes.sent_to(unit, wish.number, since, self._limits.of_number_in_day)
        most = self._limits.of_account_in_day + self._limits.dead_in_day
        asked = await codes.of_account(unit, wish.account, since, most)
        if pause := wait(self._limits, number, asked, wish.real):
            raise Refusal("too_many_codes", after=-(-pause // SECOND))
        if balance < wish.price:
            raise Refusal("insufficient_balance", "The balance does not cover the text with the code.")
        code = Code(
            key, wish.account, wish.principal, wish.purpose, wish.number, self._digest(wish, key, wish.code), "live",
            0, 0, wish.real, wish.real + self._limits.life,
        )  # fmt: skip
        await codes.insert(unit, code)
        started = Started(code, account, principal)
        await self._pay(unit, started, wish.price, wish.at, wish.real)
        return started

    async def _try(self, unit: Unit, wish: Try) -> bool | None:
        """None: it was right. Otherwise whether the account has now lost as many codes as rouse an alarm."""
        code = await codes.latest(unit, wish.account, wish.purpose, wish.number)
        asked = await codes.of_account(unit, wish.account, wish.real - DAY, 1000)
        lives = code is not None and code.state == "live" and code.expires_at > wish.real
        given = self._digest(wish, code.id if code else 0, wish.code)
        right = hmac.compare_digest(code.digest if code and lives else NOTHING, given) and lives
        if right:
            await wish.then(unit)
        tries = code.tries + 1 if code else 0
        state: CodeState = "used" if right else "dead" if tries >= self._limits.tries else "live"
        await codes.tried(unit, code.id if code and lives else 0, state, tries)
        if code is None:
            raise Refusal("not_found")
        dead = sum(one.state == "dead" for one in asked) + 1
        return None if right else lives and state == "dead" and dead == self._limits.dead_in_day

    async def _undo(self, unit: Unit, wish: Undo) -> None:
        await codes.delete(unit, wish.started.code.id)
        await self._pay(unit, wish.started, -wish.price, wish.at, wish.started.code.sent_at)

    async def _texted(self, unit: Unit, wish: Texted) -> None:
        await codes.texted(unit, wish.code, wish.message)

    async def _forget(self, unit: Unit, wish: Forget) -> bool:
        await codes.purge(unit, wish.real - KEEP)
        return await codes.redact(unit, wish.real, MOST_FORGOTTEN) == MOST_FORGOTTEN

    async def _pay(self, unit: Unit, started: Started, price: int, at: int, real: int) -> None:
        """The account pays the hidden one, which pays for the text."""
        if price:
            first = self._ids.take(real, 2)
            entries = [
                Entry(first, started.code.account, 0, "code", -price, at),
                Entry(first + 1, started.account, 0, "code", price, at),
            ]
            await accounts.book(unit, entries)

    def _digest(self, wish: Start | Try, key: int, code: str) -> str:
        """The same six digits for another number, account or time have another digest."""
        said = "\0".join((str(key), str(wish.account), wish.purpose, wish.number, code))
        return hmac.digest(self._key, said.encode("utf-8", "surrogatepass"), "sha256").hex()
