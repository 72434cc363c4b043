"""A history for a store: finished messages with segments, receipts, events and ledger, written set-based."""

from textwire.domain.ids import COUNTER_BITS, EPOCH_MS, NODE_BITS
from textwire.store import filing
from textwire.store.engines.engine import Statement, Transaction, statement
from textwire.store.store import Store

BLOCK = 10_000  # messages of one transaction
MONTH_US = 30 * 86_400_000_000
LONG_EVERY = 10  # every so many messages one has two segments
LOST_EVERY = 25  # … one was not delivered
EVENTS = 3  # accepted, sent, and how it ended
SENDER, BUSY_PHONE = "+16139998877", "+4915999999999"
BUSY_EVERY = 20  # every so many messages one goes to the busy phone, the others to a phone of their own each
FILED = 50_000  # events of one transaction of filing

_ARGS = "account int, principal int, base int, start int, step int"
_N = "(:base + r.n)"
_AT = f"(:start + {_N} * :step)"
_ID = f"(({_AT} / 1000 - {EPOCH_MS}) * {1 << (NODE_BITS + COUNTER_BITS)})"
_TOTAL = f"(case when {_N} % {LONG_EVERY} = 0 then 2 else 1 end)"
_END = f"(case when {_N} % {LOST_EVERY} = 0 then 'undelivered' else 'delivered' end)"
_ERROR = f"(case when {_N} % {LOST_EVERY} = 0 then '001' else '' end)"
_REASON = f"(case when {_N} % {LOST_EVERY} = 0 then '001' else '' end)"
_TEXT = f"'Parcel ' || (100000000 + {_N}) || ' has been handed over at your door. Thank you for ordering with us.'"
_RECIPIENT = (
    f"(case when {_N} % {BUSY_EVERY} = 0 then '{BUSY_PHONE}' else '+4916' || (1000000000 + {_N}) end)"
)
_PARTS = "(select 1 as part union all select 2) p"

# Recipients lie where the load generator has none, so that no handset of the past gets a message of today.
_FILLING: tuple[Statement, ...] = tuple(
    statement(text, "n int", _ARGS)
    for text in (
        f"""insert into message (id, account, principal, direction, state, sender, recipient, text, encoding, total,
              reference, carrier, price, valid_until, attempts, reason, error, sequence, created_at, updated_at, rights, ref)
            select {_ID}, :account, :principal, 'out', {_END}, '{SENDER}', {_RECIPIENT}, {_TEXT},
              'gsm7', {_TOTAL}, 0, 'simulated', 7000000, {_AT} + 259200000000, 1, {_REASON}, {_ERROR}, {EVENTS}, {_AT},
              {_AT} + 100000, 'owned', case when {_TOTAL} = 1 then 'sim-' || {_ID} || '-1' else '' end
            from {{rows}} r""",
        f"""insert into segment (id, message, n, text, state, carrier, ref)
            select {_ID} + p.part - 1, {_ID}, p.part, '', {_END}, 'simulated', 'sim-' || ({_ID} + p.part - 1) || '-1'
            from {{rows}} r cross join {_PARTS} where {_TOTAL} > 1 order by r.n, p.part""",
        f"""insert into receipt (id, segment, carrier, ref, state, error, at)
            select {_ID} + p.part + 1, {_ID} + p.part - 1, 'simulated', 'sim-' || ({_ID} + p.part - 1) || '-1', {_END},
              {_ERROR}, {_AT} + 100000
            from {{rows}} r cross join {_PARTS} where p.part <= {_TOTAL} order by r.n, p.part""",
        f"""insert into event (number, account, type, subject, sequence, state, at, data)
            select {_N} * {EVENTS} + e.k, :account,
              case e.k when 1 then 'message.accepted' when 2 then 'message.sent' else 'message.' || {_END} end,
              {_ID}, e.k, case e.k when 1 then 'submitting' when 2 then 'sent' else {_END} end, {_AT} + e.k * 30000,
              case e.k when 1 then '{{}}' when 2 then '{{"attempt":1,"carrier":"simulated","reason":"","error":""}}'
                else '{{"reason":"","error":"","carrier":"simulated"}}' end
            from {{rows}} r cross join (select 1 as k union all select 2 union all select 3) e order by r.n, e.k""",
        f"""insert into ledger (id, account, message, kind, amount, at)
            select {_ID} + 8, :account, {_ID}, 'message', -7000000 * {_TOTAL}, {_AT} from {{rows}} r""",
    )
)
_COUNT = statement("update counter set value = :last where name = 'event'", args="last int")
_WHO = statement("select account, id from principal where kind = 'key' order by id limit 1")


async def fill(store: Store, count: int, now: int) -> None:
    """Writes `count` messages of the month before `now` (µs) for the first key, and files them; the store has none yet."""
    [(account, principal)] = await store.read(_WHO)
    step = MONTH_US // count
    for base in range(0, count, BLOCK):
        rows = [(n,) for n in range(min(BLOCK, count - base))]

        async def write(tx: Transaction, base: int = base, rows: list[tuple[int]] = rows) -> None:
            for filling in _FILLING:
                await tx.run(
                    filling,
                    rows,
                    account=account,
                    principal=principal,
                    base=base,
                    start=now - MONTH_US,
                    step=step,
                )
            await tx.run(_COUNT, last=(base + len(rows)) * EVENTS)

        await store.engine.transact(write)
    while (await store.engine.transact(lambda tx: filing.file(tx, FILED))).more:
        pass
