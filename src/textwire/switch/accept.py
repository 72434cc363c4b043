"""accept: a request becomes messages, durable before anybody hears yes."""

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from textwire.clock import Clock
from textwire.domain.account import Settings
from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.message import Draft, Message
from textwire.domain.refusal import Refusal
from textwire.store import accounts, idempotency, messages, numbers, opt_outs, outbox, tellings, workflows
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.idempotency import Answered
from textwire.store.messages import Birth
from textwire.store.opt_outs import Veil
from textwire.store.store import Store
from textwire.store.workflows import Workflow

from .dispatch import Dispatcher
from .draft import Drafter, SendRequest
from .following import kept
from .judge import Facts, Item, Taken, judge, wanted_refs
from .loops import Loops
from .people.settings import SettingsCache
from .proofs import proofs
from .report import told
from .trial import Trials


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: a message or a refusal per recipient in order, the balance after it, or an earlier answer.

    Of what was only pretended there are no messages.
    """

    messages: tuple[Message | Refusal, ...] = ()
    balance: int = 0
    replay: Answered | None = None


class Accept:
    """The verb. Every concurrent call shares its transaction with the others."""

    def __init__(
        self, store: Store, clock: Clock, drafter: Drafter, admit: "Admit", dispatcher: Dispatcher,
        real_now: Callable[[], int], names: Callable[[], bool], settings: SettingsCache,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._store, self._clock, self._drafter, self._admit = store, clock, drafter, admit
        self._dispatcher, self._real_now, self._names = dispatcher, real_now, names

    async def accept(self, request: SendRequest) -> Accepted:
        """Takes a request; raises Refusal (nothing happened) or Unavailable (nothing could be stored)."""
        settings = await self._settings.of(request.account)
        now = self._clock.now()
        try:
            failover = self._following(request, now, settings)
            drafts = self._drafter.drafts(request, now, self._real_now(), settings)
        except Refusal:
            # What was taken once is answered as it was, though its time to send has passed meanwhile.
            if (earlier := await self._earlier(request, now)) is None:
                raise
            return Accepted(replay=earlier)
        item = Item(
            account=request.account, principal=request.principal, drafts=drafts, at=now, whole=request.whole,
            names=self._names(), idempotency=request.idempotency, pretend=request.pretend,
            failover=failover, steps=kept(request.failover),
        )  # fmt: skip
        try:
            taken: Taken = await self._store.write(self._admit, item)
        except BaseException:
            self._dispatcher.give_back(drafts)
            raise
        if taken.replay is not None:
            self._dispatcher.give_back(drafts)
            return Accepted(replay=taken.replay)
        if request.pretend:
            self._dispatcher.give_back(drafts)
            return Accepted()
        refused = [d for d, birth in zip(drafts, taken.births, strict=True) if isinstance(birth, Refusal)]
        self._dispatcher.give_back(refused)
        born = tuple(b if isinstance(b, Refusal) else message_of(b) for b in taken.births)
        self._dispatcher.hand_on(born, drafts)
        return Accepted(messages=born, balance=taken.balance)

    def _following(self, request: SendRequest, now: int, settings: Settings) -> tuple[Draft, ...]:
        """What may follow, only to be judged."""
        found: list[Draft] = []
        for n, later in enumerate(request.failover):
            try:
                found += self._drafter.drafts(later, now, self._real_now(), settings)
            except Refusal as refusal:
                refusal.field = f"failover[{n}].{refusal.field}"
                raise
            finally:
                self._dispatcher.give_back(found[n:])
        return tuple(found)

    async def _earlier(self, request: SendRequest, now: int) -> Answered | None:
        """The answer that this very request got before; a refusal while its first copy is under way stands."""
        if (wanted := request.idempotency) is None:
            return None
        key = (request.account, wanted.scope, wanted.key)
        earlier = await idempotency.answered(self._store.engine, key, now)
        return earlier if earlier is not None and earlier.digest == wanted.digest else None


def message_of(birth: Birth) -> Message:
    """The message that a birth has written."""
    d, at = birth.draft, birth.at
    return Message(
        d.id, birth.account, birth.principal, "out", d.birth, birth.sender, d.recipient, d.text, d.encoding,
        d.total, d.reference, d.carrier, d.price, d.correlator, d.batch, d.klass, d.on_ambiguous, d.flash,
        d.send_at, d.valid_until, int(d.birth == "submitting"), 0, d.reason, "", 1, at, at, "", 0, d.rights,
    )  # fmt: skip


class Admit:
    """The write of accept: reads the conditions of a batch, judges, writes what was taken."""

    def __init__(
        self, ids: Ids, real_now: Callable[[], int], epoch: int, veil: Veil, trials: Trials, loops: Loops
    ) -> None:
        self._ids, self._real_now, self._epoch, self._veil = ids, real_now, epoch, veil
        self._trials, self._loops = trials, loops

    async def run(self, unit: Unit, items: list[Item]) -> list[Taken | Refusal]:
        facts = await self._facts(unit, items)
        known = set(facts.answered)
        verdicts = [judge(item, facts) for item in items]
        born = [
            (item, [b for b in verdict.births if isinstance(b, Birth)])
            for item, verdict in zip(items, verdicts, strict=True)
            if isinstance(verdict, Taken)
        ]
        births = [birth for _, births in born for birth in births]
        await self.write(unit, births)
        await self._loops.went(unit, births, facts.exchanges, facts.stopped)
        if following := [(item, births[0]) for item, births in born if item.steps and births]:
            now = self._real_now()
            await workflows.insert(
                unit,
                [
                    Workflow(self._ids.take(now), b.account, b.principal, b.draft.id, item.steps)
                    for item, b in following
                ],
            )
        if facts.room:
            await self._trials.keep(
                unit, [b for _, births in born for b in births if b.principal in facts.room]
            )
        await idempotency.insert(unit, [a for key, a in facts.answered.items() if key not in known])
        return verdicts

    async def write(self, unit: Unit, births: Sequence[Birth]) -> None:
        """Writes messages, segments, what is owed, what it costs and the event: all or nothing."""
        if not births:
            return
        await messages.insert_out(unit, births)
        if held := [message_of(birth) for birth in births if birth.draft.reason]:
            await messages.hold(unit, held)
        if wishes := [(b.draft.id, b.draft.telling) for b in births if b.draft.telling]:
            await tellings.insert(unit, wishes)
        await outbox.add(unit, [(d.id, _topic(d), d.due_at, self._owner(d)) for d in _drafts(births)])
        now = self._real_now()
        await accounts.book(
            unit,
            [
                Entry(self._ids.take(now), b.account, b.draft.id, "message", -b.draft.cost, b.at)
                for b in births
                if b.draft.cost
            ],
        )
        unit.events.extend(
            Event(0, b.account, "message.accepted", b.draft.id, 1, b.draft.birth, b.at, _said(b.draft.reason))
            for b in births
        )

    def _owner(self, draft: Draft) -> int:
        return self._epoch if draft.birth == "submitting" else 0

    async def _facts(self, unit: Unit, items: Sequence[Item]) -> Facts:
        drafts = [(item, draft) for item in items for draft in (*item.drafts, *item.failover)]
        senders = {
            (i.account, i.principal, d.sender, d.rights)
            for i, d in drafts
            if d.sender and d.rights != "system"
        }
        balances, on_trial = await accounts.conditions(unit, {item.account for item in items})
        wanted = (
            Counter(i.principal for i in items for _ in i.drafts if i.account in on_trial) if on_trial else {}
        )
        defaults = await numbers.defaults(unit, {i.principal for i, d in drafts if not d.sender})
        return Facts(
            balances=balances,
            room=await self._trials.room(unit, wanted) if wanted else {},
            answered=await idempotency.find(unit, wanted_refs(items), items[0].at),
            opted_out=await opt_outs.opted_out(
                unit, [(i.account, d.recipient) for i, d in drafts], self._veil
            ),
            defaults=defaults,
            exchanges=await self._loops.known(unit, drafts, defaults),
            most=self._loops.most,
            **await proofs(unit, senders),
        )


def _said(reason: str) -> str:
    """What the event of a birth says beside the state."""
    return told(reason=reason) if reason else "{}"


def _drafts(births: Sequence[Birth]) -> list[Draft]:
    return [birth.draft for birth in births]


def _topic(draft: Draft) -> str:
    return "flight" if draft.birth == "submitting" else outbox.depart(draft.carrier)
