"""What an account calls a vendor's API with: an api_key for good, one or two secrets of it, one to sign with."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from textwire.domain.account import SIGNATURE, Caller, NewApiKey, NewCredential, Principal, client_lookup
from textwire.domain.refusal import Refusal
from textwire.store import accounts, people
from textwire.store.people import Secret
from textwire.store.store import Store
from textwire.switch.callbacks import resign
from textwire.switch.once import Keep, write

if TYPE_CHECKING:
    from .book import Book, Sheet


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """An api_key ("": there is none), with its secrets, the oldest first; what of `made` was made just now."""

    api_key: str = ""
    secrets: tuple[Secret, ...] = ()
    signature: Secret | None = None
    made: frozenset[int] = frozenset()

    @property
    def newest(self) -> int:
        """The secret that came last, 0: there is none."""
        return self.secrets[-1].id if self.secrets else 0


class Equip(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller's account lacks is made; another secret and another one to sign with where that is wished.

    The secret before the new one stays good beside it, unless `end_old`: then the newest alone is good.
    """

    by: Caller
    new: NewApiKey
    secret: bool = False
    signature: bool = False
    end_old: bool = False


async def begin(sheet: "Sheet", account: int, new: NewApiKey) -> None:
    """The api_key of a new account."""
    owner = await _owner(sheet, account, new)
    for kind, kept in ((new.kinds[0], new.secret), (SIGNATURE, new.signature)):
        await _add(sheet, owner, kind, new.api_key, kept)


async def equip(sheet: "Sheet", wish: Equip) -> ApiKey:
    """Refusal not_found."""
    account, new = wish.by.account, wish.new
    if await accounts.locked(sheet.unit, account) is None:  # two nodes do not make two
        raise Refusal("not_found")
    owner = await people.find_first(sheet.unit, account, "system")
    if owner is None:
        owner = await _owner(sheet, account, new)
        sheet.note(wish.by, account, "api_key.added", owner.public_id)
    made = {await _renew(sheet, wish, owner), await _sign(sheet, wish, owner)} - {0}
    if wish.end_old:
        there = await people.own_secrets(sheet.unit, owner.id, new.kinds)
        await _end(sheet, wish, owner, there[:-1])
    return _state(owner, new, await _secrets(sheet, owner, new), frozenset(made))


async def _renew(sheet: "Sheet", wish: Equip, owner: Principal) -> int:
    """Another secret if it is wished or there is none; the oldest of as many as there may be makes room."""
    new = wish.new
    there = await people.own_secrets(sheet.unit, owner.id, new.kinds)
    if there and not wish.secret:
        return 0
    if len(there) == len(new.kinds):
        await _end(sheet, wish, owner, [there.pop(0)])
    kind = next(kind for kind in new.kinds if kind not in {one.kind for one in there})
    made = await _add(sheet, owner, kind, _name(owner, new), new.secret)
    sheet.note(wish.by, owner.account, "secret.added", owner.public_id, secret=made)
    return made


async def _sign(sheet: "Sheet", wish: Equip, owner: Principal) -> int:
    """Another secret to sign with, in the place of the one before."""
    if await people.own_secrets(sheet.unit, owner.id, (SIGNATURE,)) and not wish.signature:
        return 0
    await people.take_away(sheet.unit, owner.id, SIGNATURE)
    made = await _add(sheet, owner, SIGNATURE, _name(owner, wish.new), wish.new.signature)
    await resign(sheet.unit, owner.account)
    sheet.note(wish.by, owner.account, "signature.changed", owner.public_id, secret=made)
    return made


async def _end(sheet: "Sheet", wish: Equip, owner: Principal, old: list[Secret]) -> None:
    for one in old:
        await people.take_away(sheet.unit, owner.id, one.kind)
        sheet.note(wish.by, owner.account, "secret.revoked", owner.public_id, secret=one.id)


async def _owner(sheet: "Sheet", account: int, new: NewApiKey) -> Principal:
    made = Principal(sheet.id(), account, "system", new.owner + new.api_key, "", "api_key")
    await accounts.insert_principal(sheet.unit, made, sheet.now)
    return made


async def _add(sheet: "Sheet", owner: Principal, kind: str, api_key: str, kept: str) -> int:
    key = sheet.id()
    credential = NewCredential(kind, client_lookup(kind, api_key), kept)
    await people.equip(sheet.unit, [(key, owner.id, credential)], sheet.now)
    return key


async def _secrets(sheet: "Sheet", owner: Principal, new: NewApiKey) -> list[Secret]:
    return await people.own_secrets(sheet.unit, owner.id, (*new.kinds, SIGNATURE))


def _name(owner: Principal, new: NewApiKey) -> str:
    return owner.public_id.removeprefix(new.owner)


def _state(
    owner: Principal, new: NewApiKey, secrets: list[Secret], made: frozenset[int] = frozenset()
) -> ApiKey:
    return ApiKey(
        api_key=_name(owner, new), made=made,
        secrets=tuple(one for one in secrets if one.kind in new.kinds),
        signature=next((one for one in secrets if one.kind == SIGNATURE), None),
    )  # fmt: skip


class ApiKeys:
    """The verbs of an account's api_key. `told` is called after whatever took a secret away."""

    def __init__(self, store: Store, book: "Book", told: Callable[[], None]) -> None:
        self._store, self._book, self._told = store, book, told

    async def of(self, account: int, owner: str, kinds: tuple[str, ...]) -> ApiKey:
        """How an account's stands; `owner` is what its principal's public identifier begins with."""
        found = await people.first(self._store.engine, account, "system")
        if found is None:
            return ApiKey()
        secrets = await people.secrets(self._store.engine, found.id, (*kinds, SIGNATURE))
        kind = NewApiKey(owner=owner, api_key="", kinds=kinds, secret="", signature="")
        return _state(found, kind, secrets)

    async def equip(
        self, by: Caller, new: NewApiKey, *, secret: bool = False, signature: bool = False,
        end_old: bool = False, keep: Keep | None = None,
    ) -> ApiKey:  # fmt: skip
        """Makes what is lacking, and what is wished of `new`: see `Equip`."""
        wish = Equip(by=by, new=new, secret=secret, signature=signature, end_old=end_old)
        made: ApiKey = await write(self._store, self._book, wish, keep)
        self._told()
        return made
