"""The house without doors and hooks: store, switch and carriers, put together in plain sight."""

import asyncio
import os
from collections.abc import Callable, Sequence

from textwire.access.seal import KEY_BYTES, Seal
from textwire.carriers.simulated.carrier import WINDOW, SimulatedCarrier
from textwire.clock import Clock
from textwire.domain.ids import Ids
from textwire.hooks.sign import new_secret
from textwire.simnet.inventory import Inventory
from textwire.simnet.network import Network
from textwire.store import accounts, numbers
from textwire.store.audit import Chain
from textwire.store.engines.engine import Engine
from textwire.store.store import Store, stop_at_once
from textwire.switch.accept import Accept, Admit
from textwire.switch.batch import Batches
from textwire.switch.batch_work import Work
from textwire.switch.callbacks import Callbacks
from textwire.switch.cancel import Cancel
from textwire.switch.carrier import Carrier
from textwire.switch.claim import Claim
from textwire.switch.consent.heed import Heed
from textwire.switch.consent.importing import Importing
from textwire.switch.consent.opting import Opting
from textwire.switch.consent.veil import Veil
from textwire.switch.conversations import Conversations
from textwire.switch.conversions import Conversions
from textwire.switch.deliveries import Deliveries
from textwire.switch.desk import Desk
from textwire.switch.dispatch import Dispatcher
from textwire.switch.draft import Drafter
from textwire.switch.extensions import Extensions
from textwire.switch.failover_work import Failovers
from textwire.switch.filing import Filing
from textwire.switch.histories import Histories
from textwire.switch.inlet import House as Inlet
from textwire.switch.keeping.erase import Erasures
from textwire.switch.keeping.purge import Purging
from textwire.switch.logins import Logins
from textwire.switch.loops import MOST as LOOP_MESSAGES
from textwire.switch.loops import Forgetting, Loops
from textwire.switch.marks import Marks
from textwire.switch.numbers import Numbers
from textwire.switch.outcomes import Outcomes
from textwire.switch.people.people import People
from textwire.switch.preview import Previews
from textwire.switch.prices import Prices
from textwire.switch.quiet.nights import Nights
from textwire.switch.readers import Readers
from textwire.switch.receive import Receive
from textwire.switch.rejections import Rejections
from textwire.switch.removal import Removal
from textwire.switch.rent import Rents
from textwire.switch.report import Report
from textwire.switch.routing import Routing
from textwire.switch.rulings import Rulings
from textwire.switch.settle import Settle
from textwire.switch.sweep import Sweep
from textwire.switch.trial import MOST as TRIAL_MESSAGES
from textwire.switch.trial import Trials
from textwire.switch.upkeep import Upkeep
from textwire.switch.webhooks import Webhooks
from textwire.verify.callers import Callers
from textwire.verify.codes import Codes
from textwire.verify.senders import Senders

DRAIN_SECONDS = 10.0

Exits = Callable[[SimulatedCarrier], Sequence[Carrier]]


def just_simulated(simulated: SimulatedCarrier) -> Sequence[Carrier]:
    """The exits of a house that has not been given others."""
    return [simulated]


class Core:
    """Everything that carries a message. Build it with `Core.open`."""

    store: Store
    desk: Desk
    ids: Ids
    epoch: int

    def __init__(
        self, store: Store, clock: Clock, real_now: Callable[[], int], network: Network,
        simulated: SimulatedCarrier, carriers: Sequence[Carrier], ids: Ids, written: Ids, epoch: int,
        prices: Prices, country: str, seal: Seal, inventory: Inventory, trial_messages: int = TRIAL_MESSAGES,
        loop_messages: int = LOOP_MESSAGES,
    ) -> None:  # fmt: skip
        self.seal = seal
        self.store, self.clock, self.real_now, self.epoch = store, clock, real_now, epoch
        # Those that the loop draws, and those that verbs draw where the store writes: in another thread, perhaps.
        self.ids, self.written_ids = ids, written
        self.network, self.simulated = network, simulated
        routing = Routing(carriers)
        self.routing = routing

        def names() -> bool:
            return routing.simulated

        self.nights, veil = Nights(), Veil(seal.key_for(b"veil"))
        drafter = Drafter(ids, routing, prices, country, self.nights)
        removal = Removal()
        trials = Trials(removal, trial_messages)
        loops = Loops(loop_messages)
        admit = Admit(written, real_now, epoch, veil, trials, loops)
        claim = Claim(written, real_now, epoch, names, veil, self.nights)
        self.dispatcher = Dispatcher(store, clock, routing, claim, Settle(written, real_now))
        heed = Heed(written, real_now, admit, drafter.answer, veil)
        receive = Receive(written, real_now, heed, loops)
        self.inlet = Inlet(store, Report(written, real_now), receive, self.dispatcher, routing, clock.now)
        self.rents = Rents(store, written, clock, real_now)
        self.wake_hooks: Callable[[], None] = lambda: None
        self.upkeep = Upkeep(
            store, clock, Sweep(written, real_now, epoch), receive, self.dispatcher, real_now,
            lambda: self.wake_hooks(),
        )  # fmt: skip
        webhooks = Webhooks(store, ids, clock, real_now, seal=seal.seal, new_secret=new_secret)
        deliveries = Deliveries(store, ids, clock, real_now, webhooks)
        canceling = Cancel(written, real_now)
        chain = Chain(seal.key_for(b"audit"))
        self.people = People(store, written, clock, real_now, chain)
        self.batch_work = Work(
            store, clock, real_now, drafter, admit, self.dispatcher, names, self.people.settings
        )
        self.failovers = Failovers(
            store,
            clock,
            real_now,
            written,
            drafter,
            admit,
            self.dispatcher,
            names,
            self.people.settings,
            epoch,
        )
        self.filing = Filing(store, trials)
        histories = Histories(store, clock, self.filing, removal)
        rulings = Rulings(store, clock, self.nights, chain, real_now)
        importing = Importing(store, ids, clock, real_now, veil, chain)
        erasures = Erasures(store, written, clock, real_now, veil, self.filing, list(routing.carriers), chain)
        codes = Codes(
            store, written, clock.now, real_now, accept=lambda request: self.desk.accept(request), price=prices.of,
            key=seal.key_for(b"codes"),
        )  # fmt: skip
        rejections = Rejections(store, written, clock, real_now)
        readers = Readers(store, ids, clock, real_now, seal=seal.seal)
        logins = Logins(store, written, real_now)
        self.upkeep.chores += [
            readers.expire, readers.collect, deliveries.forget, erasures.chore, rulings.chore, importing.chore, codes.forget,
            histories.chore, self.failovers.forget, logins.forget, rejections.chore, Forgetting(store, clock).chore,
            Purging(store, clock).chore,  # the last: it empties the log of what all have deleted
        ]  # fmt: skip
        outcomes = Outcomes()
        store.committer.observers.append(outcomes.observe)
        self.desk = Desk(
            people=self.people,
            store=store, clock=clock, real_now=real_now, simulated=names, seal=seal.seal, unseal=seal.open,
            fingerprint=seal.fingerprint,
            accepting=Accept(store, clock, drafter, admit, self.dispatcher, real_now, names,
                             self.people.settings),
            outcomes=outcomes,
            batches=Batches(
                store, ids, clock, real_now, drafter, self.dispatcher, canceling, self.batch_work
            ),
            callbacks=Callbacks(store, written, clock.now, real_now),
            previews=Previews(prices, country),
            opting=Opting(store, clock, veil), importing=importing, rulings=rulings, erasures=erasures,
            conversations=Conversations(store, clock, self.filing, removal), histories=histories,
            conversions=Conversions(store), rejections=rejections,
            canceling=canceling, numbers=Numbers(store, written, clock, real_now, inventory),
            senders=Senders(store, codes, real_now), extensions=Extensions(store), marks=Marks(store, clock),
            calling=Callers(store, codes, real_now),
            readers=readers, webhooks=webhooks, deliveries=deliveries, logins=logins,
        )  # fmt: skip

    @classmethod
    async def open(
        cls, engine: Engine, clock: Clock, real_now: Callable[[], int], *, country: str = "1", node: int = 0,
        seed: int = 0, window: int = WINDOW, fatal: Callable[[BaseException], None] = stop_at_once,
        exits: Exits = just_simulated,
        on_message: Callable[[str], None] | None = None, seal: Seal | None = None,
        trial_messages: int = TRIAL_MESSAGES, loop_messages: int = LOOP_MESSAGES,
    ) -> "Core":  # fmt: skip
        """Opens the store and builds the rooms.

        `exits` may put other carriers beside or around the simulated one. Without a `seal`, what is sealed now
        can be opened by this process alone.
        """
        ids = Ids(node)
        epoch = ids.take(real_now())
        store = Store(engine, fatal=fatal, owner=epoch)
        await store.open()
        network = Network(seed, on_message=on_message)
        simulated = SimulatedCarrier(network, clock, lambda some: numbers.owned(engine, some), window)
        prices = Prices(await accounts.prices(engine))
        return cls(
            store,
            clock,
            real_now,
            network,
            simulated,
            exits(simulated),
            ids,
            Ids(node, lane=1),
            epoch,
            prices,
            country,
            seal or Seal(os.urandom(KEY_BYTES)),
            Inventory(seed),
            trial_messages,
            loop_messages,
        )

    async def run(self, started: asyncio.Event | None = None) -> None:
        """Carries messages until cancelled; `started` is set once what a crash left behind is in order."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.store.run(), name="committer")
            await self.nights.refresh(self.store.engine)
            await self.upkeep.once()
            group.create_task(self.upkeep.run(), name="upkeep")
            group.create_task(self.rents.run(), name="rents")
            group.create_task(self.filing.run(), name="filing")
            group.create_task(self.batch_work.run(), name="batches")
            group.create_task(self.failovers.run(), name="failovers")
            for carrier in self.routing.carriers.values():
                group.create_task(carrier.run(self.inlet), name=f"carrier {carrier.name}")
            group.create_task(self.dispatcher.run(), name="dispatcher")
            if started is not None:
                started.set()
