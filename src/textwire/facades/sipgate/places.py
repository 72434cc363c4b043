"""Whose messages are whose: which extension the own side of a message belongs to, and who may see it."""

import msgspec

from textwire.domain.ids import MAX_INT
from textwire.domain.message import Message
from textwire.store import extensions, numbers, people
from textwire.store.extensions import Extension
from textwire.switch.desk import Desk
from textwire.switch.extensions import MOST_CALLERS, MOST_SHOWN

from .gate import Me
from .users import is_admin
from .wire import sms_id


class Places(msgspec.Struct, frozen=True):
    """The extensions of an account by user and by number; `alone`: the only one whose messages are seen, "": all."""

    of_user: dict[int, Extension]
    of_number: dict[str, Extension]
    names: dict[int, str]
    alone: str

    def place(self, message: Message) -> str:
        """The extension of the own side, "" for what no user has sent and no user's number has received."""
        found = self._place(message)
        return sms_id(found.number) if found else ""

    def alias(self, message: Message) -> str:
        """What that extension is called."""
        found = self._place(message)
        if found is None:
            return ""
        return found.alias or f"SMS von {self.names.get(found.principal, '')}".rstrip()

    def shows(self, message: Message) -> bool:
        """Whether the caller may see it."""
        return not self.alone or self.place(message) == self.alone

    def _place(self, message: Message) -> Extension | None:
        if message.direction == "in":
            return self.of_number.get(message.recipient)
        return self.of_user.get(message.principal)


async def places(desk: Desk, me: Me) -> Places:
    """As they are now: a number is its caller id's before it is its holder's."""
    account, engine = me.caller.account, desk.store.engine
    found = await people.page(engine, account, "user", before=MAX_INT, limit=MOST_SHOWN)
    of_user = {one.principal: one for one in await desk.extensions.all(account)}
    by_number = {one.number: one for one in of_user.values()}
    of_number: dict[str, Extension] = {}
    for one in await extensions.all_callers(engine, account, MOST_SHOWN * MOST_CALLERS):
        if one.verified_at and one.extension in by_number:
            of_number.setdefault(one.address, by_number[one.extension])
    for assigned in await numbers.assignments(engine, account):
        if assigned.principal in of_user:
            of_number.setdefault(assigned.number, of_user[assigned.principal])
    admin = any(is_admin(one) for one in found if one.principal.id == me.caller.principal)
    names = {one.principal.id: one.principal.name or one.principal.email for one in found}
    return Places(of_user, of_number, names, "" if admin else sms_id(me.extension.number))
