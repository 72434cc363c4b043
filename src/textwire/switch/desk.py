"""The desk: the few verbs that a facade may call, handed over by `app`. Facades read through the shelves."""

from collections import Counter
from collections.abc import Callable

import msgspec

from textwire.clock import Clock
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.store.store import Store

from .accept import Accept, Accepted
from .batch import Batches
from .callbacks import Callbacks
from .calling import Calling
from .cancel import Cancel, Wanted
from .consent.importing import Importing
from .consent.opting import Opting
from .conversations import Conversations
from .conversions import Conversions
from .deliveries import Deliveries
from .draft import SendRequest
from .extensions import Extensions
from .histories import Histories
from .keeping.erase import Erasures
from .logins import Logins
from .marks import Marks
from .numbers import Numbers
from .outcomes import Outcomes
from .people.people import People
from .preview import Previews
from .proving import Proving
from .readers import Readers
from .rejections import Rejections
from .rulings import Rulings
from .webhooks import Webhooks


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on it. `real_now` is the real clock, in µs; `clock` is the message clock.

    `seal` makes of a secret what may be kept of it, `unseal` the secret of that (ValueError: not under our key);
    `fingerprint` is a digest that tells nothing of short secrets to who does not have our key.
    """

    store: Store
    clock: Clock
    real_now: Callable[[], int]
    accepting: Accept
    outcomes: Outcomes
    canceling: Cancel
    numbers: Numbers
    senders: Proving
    readers: Readers
    conversations: Conversations
    conversions: Conversions
    rejections: Rejections
    histories: Histories
    batches: Batches
    callbacks: Callbacks
    previews: Previews
    webhooks: Webhooks
    deliveries: Deliveries
    people: People
    opting: Opting
    importing: Importing
    rulings: Rulings
    erasures: Erasures
    extensions: Extensions
    logins: Logins
    calling: Calling
    marks: Marks
    simulated: Callable[[], bool]
    refused: Counter[str] = msgspec.field(default_factory=Counter)  # code → requests to send
    seal: Callable[[str], str]
    unseal: Callable[[str], str]
    fingerprint: Callable[[bytes], str]

    async def accept(self, request: SendRequest) -> Accepted:
        """Takes messages; raises Refusal or Unavailable, and then nothing happened."""
        try:
            return await self.accepting.accept(request)
        except Refusal as refusal:
            self.refused[refusal.code] += 1
            raise

    async def cancel(self, account: int, message: int) -> Message:
        """Cancels a message that has not left; raises Refusal not_found or not_cancelable."""
        canceled: Message = await self.store.write(self.canceling, Wanted(account, message, self.clock.now()))
        return canceled
