"""deliver: calls webhooks, a bounded number at a time, and keeps what came of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

import structlog
from msgspec.structs import replace

from textwire.clock import Clock
from textwire.domain.event import Event, identifier
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.hooks.answer import Failed, Reply
from textwire.hooks.claim import Claim, Taken, Wanted, later
from textwire.hooks.dialect import Calling, Dialect, Notice
from textwire.hooks.finish import Finish, Finished, Later
from textwire.hooks.plan import addressed_part
from textwire.hooks.redact import redacted
from textwire.hooks.turns import MOST_WAITING, Post, Turn, Turns
from textwire.hooks.verdict import Verdict, judge
from textwire.store import events, messages
from textwire.store.attempts import Attempt
from textwire.store.deliveries import Outcome
from textwire.store.engines.engine import Unavailable
from textwire.store.hooks import Hook
from textwire.store.store import Store
from textwire.switch.due import RETRY_SECONDS, Due

BATCH = 500
MOST_ENDED = 10_000  # hooks remembered as ended, so that nothing that waits for them leaves any more
CONTENT = {"Content-Type": "application/json", "User-Agent": "textwire"}
NOTHING_TO_SAY = Verdict(state="delivered")
NO_DIALECT = Verdict(state="failed", error="no_dialect")
HOOK_ENDED = Verdict(state="failed", error="hook_ended")
NO_CALL = Attempt(0, 0, 0, 0, "", "", 0)
EVENT_GONE = Outcome(0, "failed", 0, 0, "event_gone", 0)

log = structlog.get_logger("textwire.hooks")


class Poster(Protocol):
    """What calls an address; raises Failed when there was no answer."""

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, method: str = "POST",
        query: Mapping[str, str] | None = None,
    ) -> Awaitable[Reply]: ...  # fmt: skip


class Deliverer:
    """Holds deliveries from the moment they are this process's until what came of them is kept."""

    def __init__(
        self, store: Store, clock: Clock, real_now: Callable[[], int],
        dialects: Mapping[str, Dialect | Calling], client: Poster, epoch: int, open_hook: Callable[[Hook], Hook], seed: int,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._real_now = store, clock, real_now
        self._dialects, self._client, self._open, self._seed = dialects, client, open_hook, seed
        self._turns = Turns()
        self._here: dict[int, Post] = {}
        self._ended: dict[int, None] = {}
        self._stale: set[int] = set()  # deliveries in memory whose hook has changed
        self._calls: set[asyncio.Task[None]] = set()
        self._results: list[Finished | Later] = []
        self._has_results = asyncio.Event()
        self._keeping = asyncio.Lock()
        self._stopping = False
        self.outcomes: Counter[str] = Counter()  # state after an attempt → how many
        self._claim, self._finish = Claim(epoch), Finish()
        self._due = Due(store, clock, "post", self._take_due, lambda: self._room() > 0)
        self.wake = self._due.wake

    def hand_on(self, posts: Iterable[Post]) -> None:
        """Deliveries that this process holds; those for which there is no room are put back."""
        now = self._clock.now()
        for post in posts:
            if post.id in self._here:  # the clock jumped over its lease before it arrived here
                continue
            if self._turns.push(post, len(self._here)):
                self._here[post.id] = post
            else:
                self._keep(Later(post.id, later(post.since, now)))
        self._call_up()

    def end(self, hooks: Iterable[int]) -> None:
        """These hooks have ended: what waits for them is not delivered, except what is addressed to them."""
        for hook in hooks:
            self._ended[hook] = None
            if len(self._ended) > MOST_ENDED:
                del self._ended[next(iter(self._ended))]

    def change(self, hooks: Iterable[int]) -> None:
        """These hooks have changed: what waits for them is read anew before it is delivered."""
        changed = set(hooks)
        for hook in changed:
            self._ended.pop(hook, None)
        self._stale |= {key for key, post in self._here.items() if post.hook.id in changed}

    async def call(self, hook: Hook, event: Event) -> Attempt:
        """One call of a hook whose secret is sealed, with an event that is about no message."""
        dialect, started = self._dialects[hook.dialect], asyncio.get_running_loop().time()
        answer = await self._say(Post(event.number, 0, event, None, self._open(hook), event.at), dialect)
        return self._attempt_of(event.number, 1, answer or Failed("dialect"), started)

    def held(self) -> list[int]:
        """The outbox rows of all that is in memory."""
        return list(self._here)

    async def run(self) -> None:
        """Delivers until cancelled; calls under way go on, see `drain`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._due.run())
            group.create_task(self._keep_results())

    async def drain(self, seconds: float) -> None:
        """Begins no more calls, waits for those under way at most so long and keeps what came of them."""
        self._stopping = True
        if self._calls:
            _, late = await asyncio.wait(list(self._calls), timeout=seconds)
            for task in late:
                task.cancel()
        async with self._keeping:
            pass  # what `run` is keeping just now
        while self._results:
            await self._keep_batch()

    def _room(self) -> int:
        return MOST_WAITING - len(self._here)

    # From the outbox

    async def _take_due(self) -> None:
        wanted = Wanted(
            min(BATCH, self._room()), self._clock.now(), self._here, self._turns.crowded(len(self._here))
        )
        taken: list[Taken] = await self._store.write(self._claim, wanted)
        if taken:
            self.hand_on(await self._load_surely(taken))

    async def _load_surely(self, taken: list[Taken]) -> list[Post]:
        """They are ours now, so nobody else would come to read what belongs to them."""
        while True:
            try:
                return await self._load(taken)
            except Unavailable as error:
                log.warning("hooks.postponed", topic="post", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _load(self, taken: list[Taken]) -> list[Post]:
        engine = self._store.engine
        told = {
            e.number: e for e in await events.by_number(engine, sorted({t.delivery.event for t in taken}))
        }
        found = await messages.some(engine, sorted({e.subject for e in told.values() if e.subject}))
        posts = []
        for delivery, hook in ((one.delivery, one.hook) for one in taken):
            event = told.get(delivery.event)
            if event is None:  # its time on the shelf was over
                outcome = replace(
                    EVENT_GONE, id=delivery.id, attempts=delivery.attempts, at=self._clock.now()
                )
                self._keep(Finished(id=delivery.id, hook=hook.id, outcome=outcome, due_at=0, now=outcome.at))
                continue
            message = found.get(event.subject)
            d = delivery
            opened = await self._addressed(self._open(hook), event, message, d.segment)
            posts.append(Post(d.id, d.attempts, event, message, opened, d.updated_at, d.base, d.segment))
        return posts

    async def _addressed(self, hook: Hook, event: Event, message: Message | None, part: int) -> Hook:
        """A hook that has no address of its own with the one for this part; "", if nobody wants to be told now."""
        dialect = self._dialects.get(hook.dialect)
        if not isinstance(dialect, Calling):
            return hook
        return replace(hook, url=await addressed_part(dialect, hook, event, message, part))

    # Calls

    def _call_up(self) -> None:
        while not self._stopping and (turn := self._turns.next()) is not None:
            task = asyncio.create_task(self._call(turn))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _call(self, turn: Turn | None) -> None:
        """One of the calls under way: as long as there are turns, one after the other in the same task."""
        loop = asyncio.get_running_loop()
        while turn is not None:
            started = loop.time()
            try:
                await self._attempt(turn.post)
            finally:
                self._turns.done(turn, loop.time() - started)
            turn = None if self._stopping else self._turns.next()
            self._call_up()  # an endpoint that has just proved itself may have more calls at once

    async def _attempt(self, post: Post) -> None:
        hook = post.hook
        if post.id in self._stale:
            return self._put_back(post)
        if post.event.hook != hook.id and (hook.id in self._ended or hook.state != "active"):
            return self._done(post, HOOK_ENDED)
        dialect = self._dialects.get(hook.dialect)
        if dialect is None:
            return self._done(post, NO_DIALECT)
        started = asyncio.get_running_loop().time()
        answer = await self._say(post, dialect)
        if answer is None:
            return self._done(post, NOTHING_TO_SAY)
        n = post.attempts + 1
        verdict = judge(answer, n - post.base, dialect, f"{self._seed}:{post.id}:{n}")
        return self._done(post, verdict, self._attempt_of(post.id, n, answer, started), dialect.disables)

    def _put_back(self, post: Post) -> None:
        self._stale.discard(post.id)
        self._here.pop(post.id, None)
        self._keep(Later(post.id, self._clock.now()))

    def _attempt_of(self, delivery: int, n: int, answer: Reply | Failed, started: float) -> Attempt:
        error, body = (answer.reason, b"") if isinstance(answer, Failed) else ("", answer.body)
        ms = int((asyncio.get_running_loop().time() - started) * 1000)
        return Attempt(
            delivery, n, self._clock.now(), answer.status or 0, error, redacted(body) if body else "", ms
        )

    async def _say(self, post: Post, dialect: Dialect | Calling) -> Reply | Failed | None:
        """Words the event and calls the hook; None: there is nothing to say."""
        notice = Notice(
            identifier=identifier(post.event), event=post.event, message=post.message, hook=post.hook,
            at=self._real_now(), part=post.part,
        )  # fmt: skip
        reason = "dialect"
        try:
            if isinstance(dialect, Calling):
                call = await dialect.call(notice) if post.hook.url else None
                if call is None:
                    return None
                reason = "internal"
                return await self._client.post(
                    post.hook.url, call.headers, call.body, method=call.method, query=call.query
                )
            body = dialect.body(notice)
            if body is None:
                return None
            headers = {**CONTENT, **dialect.headers(notice, body)}
            reason = "internal"
            return await self._client.post(post.hook.url, headers, body)
        except Failed as failed:
            return failed
        except Exception as error:  # one hook's bad luck, or a fault of ours, stops nobody else's deliveries
            log.error("hook.failed", hook=post.hook.public_id, part=reason, error=type(error).__name__)
            return Failed(reason)

    # Results

    def _done(self, post: Post, verdict: Verdict, attempt: Attempt = NO_CALL, disables: bool = False) -> None:
        now, n = self._clock.now(), attempt.n or post.attempts
        self.outcomes[verdict.state] += attempt.n > 0
        outcome = Outcome(
            post.id, verdict.state, n, verdict.status, verdict.error, now, attempt.reply, attempt.ms
        )
        spoken_for = attempt.n == 0 or (attempt.n == 1 and verdict.state == "delivered")
        self._keep(
            Finished(
                id=post.id, hook=post.hook.id, outcome=None if verdict is NOTHING_TO_SAY else outcome,
                due_at=now + verdict.wait, now=now, blames=verdict.blames and disables, gone=verdict.gone,
                attempt=None if spoken_for else attempt,
            )
        )  # fmt: skip

    def _keep(self, result: Finished | Later) -> None:
        self._results.append(result)
        self._has_results.set()

    async def _keep_results(self) -> None:
        while True:
            await self._has_results.wait()
            self._has_results.clear()
            while self._results:
                try:
                    await self._keep_batch()
                except (Unavailable, Refusal) as error:
                    log.warning("hooks.postponed", topic="post", error=str(error))
                    await asyncio.sleep(RETRY_SECONDS)

    async def _keep_batch(self) -> None:
        """Keeps results; what fails to be kept stays owed, and is made again in the end."""
        async with self._keeping:
            batch, self._results = self._results[:BATCH], self._results[BATCH:]
            try:
                outcomes = await self._store.write_all(self._finish, batch)
            except BaseException:  # keeping a result twice changes nothing
                self._results = batch + self._results
                raise
            for result, disabled in zip(batch, outcomes, strict=True):
                if isinstance(disabled, Exception):
                    log.error("hooks.not_kept", delivery=result.id, error=type(disabled).__name__)
                elif disabled:
                    self.end([disabled])
                if isinstance(result, Finished):  # what was put back may have come again meanwhile
                    self._here.pop(result.id, None)
                    self._stale.discard(result.id)
        self._due.wake()
