"""The shelf of inbound segments that wait for the others of their message."""

from collections.abc import Sequence

import msgspec

from .engines.engine import statement
from .events import Writing

_INSERT = statement(
    """insert into part (id, carrier, sender, recipient, reference, total, n, text, raw, at)
       select id, carrier, sender, recipient, reference, total, n, text, raw, at from {rows} r""",
    """id int, carrier text, sender text, recipient text, reference int, total int, n int, text text, raw text,
       at int""",
)
_PICK = "m.id, m.carrier, m.sender, m.recipient, m.reference, m.total, m.n, m.text, m.raw, m.at"
_TOGETHER = statement(
    f"""select {_PICK} from {{rows}} r cross join part m
        where m.carrier = r.carrier and m.sender = r.sender and m.recipient = r.recipient
          and m.reference = r.reference and m.total = r.total order by m.n, m.id""",
    "carrier text, sender text, recipient text, reference int, total int",
)
_STALE = statement(
    f"select {_PICK} from part m where m.at < :before order by m.at limit :most", args="before int, most int"
)
_REMOVE = statement("delete from part where id in (select id from {rows} r)", "id int")

Key = tuple[str, str, str, int, int]


class Part(msgspec.Struct, frozen=True):
    """One waiting segment; `n` counts from 1, `at` is in µs on the message clock."""

    id: int
    carrier: str
    sender: str
    recipient: str
    reference: int
    total: int
    n: int
    text: str
    raw: str
    at: int

    @property
    def key(self) -> Key:
        """What the parts of one message have in common."""
        return self.carrier, self.sender, self.recipient, self.reference, self.total


async def insert(unit: Writing, parts: Sequence[Part]) -> None:
    """Keeps segments until their message is complete."""
    await unit.run(_INSERT, [msgspec.structs.astuple(part) for part in parts])


async def together(unit: Writing, keys: Sequence[Key]) -> dict[Key, list[Part]]:
    """All waiting parts of these messages, in order."""
    found: dict[Key, list[Part]] = {}
    for row in await unit.rows(_TOGETHER, keys):
        part = Part(*row)
        found.setdefault(part.key, []).append(part)
    return found


async def stale(unit: Writing, before: int, most: int) -> list[Part]:
    """Parts that came before `before`, oldest first."""
    return [Part(*row) for row in await unit.rows(_STALE, before=before, most=most)]


async def remove(unit: Writing, ids: Sequence[int]) -> None:
    """Their message is written."""
    await unit.run(_REMOVE, [(i,) for i in ids])
