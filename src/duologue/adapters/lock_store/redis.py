"""Locks among the turns of many processes, kept in Redis; in this process alone while Redis is away."""

import asyncio
import logging
import secrets
from collections import deque
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from types import TracebackType

from duologue.adapters.lock_store.redis_options import RedisLockStoreOptions
from duologue.adapters.lock_store.redis_scripts import RELEASE, SCRIPTS, TAKE
from duologue.adapters.lock_store.redis_wire import RedisLockWire
from duologue.adapters.redis_connection import RedisConnection
from duologue.adapters.redis_keys import make_key, make_root
from duologue.adapters.redis_node import Reply
from duologue.core.errors import StorageRefusedError
from duologue.core.ids import ConversationId
from duologue.ports.clock import Clock, SystemClock
from duologue.ports.lock_store import LockHold, LockStore

_PATIENCE = 0.6
"""Seconds that Redis may take; if it takes so long twice, turns go on without it."""
_TICK = 1.0
"""Seconds between two looks at what waits, what has to be renewed and whether Redis is back."""
_WAITER_LIFETIME = 10.0
"""Seconds without a sign of life after which a waiter's ticket lapses."""
_MEMORY = 3600.0
"""Seconds that the last number of a conversation is kept; numbers grow with the clock anyway."""

_log = logging.getLogger(__name__)


class _Claim:
    """One turn that holds a lock or waits for it."""

    __slots__ = ("came", "hold", "is_first", "line", "number", "shown_at", "ticket")

    def __init__(self, line: "_Line", ticket: str) -> None:
        self.line = line
        self.ticket = ticket
        self.number: int | None = None
        """What Redis numbered the ticket with; None if Redis never did."""
        self.is_first = False
        """Redis says that the ticket is the first in its queue."""
        self.shown_at = 0.0
        self.hold: LockHold | None = None
        self.came: asyncio.Future[None] | None = None


class _Line:
    """The turns of this process for one conversation, in the order in which they came; the first may hold the lock."""

    __slots__ = ("claims", "keys", "last_fence")

    def __init__(self, keys: tuple[bytes, bytes]) -> None:
        self.claims: deque[_Claim] = deque()
        self.keys = keys
        self.last_fence = 0


class RedisLockStore:
    """A fair lock among processes.

    Every turn takes a ticket in Redis at once and waits for two things: that it is the first of its process, and that
    Redis has a ticket of this process at the head of the queue. So turns of one process exclude each other and keep
    their order whatever becomes of Redis, and while it is away the first condition is enough.
    """

    def __init__(self, options: RedisLockStoreOptions, *, clock: Clock | None = None) -> None:
        self._connection = RedisConnection(
            options, timeout=min(_PATIENCE, options.socket_timeout), scripts=SCRIPTS
        )
        self._clock = clock or SystemClock()
        self._root = f"{make_root(options.key_prefix)}lock:"
        self._process = secrets.token_hex(8)
        self._channel = f"{self._root}process:"
        self._lifetime = options.lock_lifetime
        self._tick = min(_TICK, self._lifetime / 6)
        holder = str(int(self._lifetime * 1000))
        waiter = str(int(min(_WAITER_LIFETIME, self._lifetime) * 1000))
        memory = str(int(max(_MEMORY, 2 * self._lifetime) * 1000))
        self._waiter_arguments = (self._channel, waiter, holder, memory)
        self._holder_arguments = (self._channel, holder, holder, memory)
        self._release_arguments = (self._channel, self._process, holder)
        self._lines: dict[ConversationId, _Line] = {}
        self._claims: dict[str, _Claim] = {}
        self._owed: dict[str, tuple[bytes, bytes]] = {}
        """Tickets that may still stand in Redis though nobody wants them any more."""
        self._ticket_count = 0
        self._highest_fence = 0
        self._is_away = False
        self._away_since = 0.0
        self._is_closed = False
        self._wire = RedisLockWire(self._connection, self._go_away)
        self._tasks: list[asyncio.Task[None]] = []
        self._listener: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to work with Redis, or without it if it is away.

        Raises:
            StorageRefusedError: it is there and refuses us.
        """
        try:
            await self._probe()
        except Exception as error:  # a lock store that is away stops nobody
            failure = self._connection.describe(error)
            if isinstance(failure, StorageRefusedError):
                await self._connection.close()
                raise failure from None
            self._go_away(error)
        self._tasks = [asyncio.create_task(self._wire.work()), asyncio.create_task(self._keep())]
        self._listen_anew()

    def hold(self, conversation_id: ConversationId) -> AbstractAsyncContextManager[LockHold]:
        return _Hold(self, conversation_id)

    async def close(self) -> None:
        """Give back every ticket, so that others need not wait until it lapses; turns here end as usual."""
        if self._is_closed:
            return
        self._is_closed = True
        was_away, self._is_away = self._is_away, True
        if not was_away:
            for claim in self._claims.values():
                self._send_release(claim.ticket, claim.line.keys)
                if claim.hold is not None:
                    claim.hold.is_lost = True
        self._advance_all()
        with suppress(TimeoutError):
            async with asyncio.timeout(3 * _PATIENCE):
                await self._wire.wait_until_idle()
        tasks = [*self._tasks, *([self._listener] if self._listener else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connection.close()

    # ---------------------------------------------------------------- one turn

    def enter(self, conversation_id: ConversationId) -> _Claim:
        """Stand in line; the claim's `hold` is there at once or when its `came` is done."""
        line = self._lines.get(conversation_id)
        if line is None:
            line = self._lines[conversation_id] = _Line(self._make_keys(conversation_id))
        self._ticket_count += 1
        claim = _Claim(line, f"{self._process}.{self._ticket_count}")
        line.claims.append(claim)
        self._claims[claim.ticket] = claim
        if self._is_away:
            self._advance(line)
        else:
            self._send_take(claim)
        if claim.hold is None:
            claim.came = asyncio.get_running_loop().create_future()
        return claim

    def leave(self, conversation_id: ConversationId, claim: _Claim) -> None:
        """End a claim, held or not, and let the next in."""
        line = claim.line
        line.claims.remove(claim)
        del self._claims[claim.ticket]
        if not line.claims:
            del self._lines[conversation_id]
        if not self._is_away:
            self._send_release(claim.ticket, line.keys)
        elif claim.shown_at:
            self._owed[claim.ticket] = line.keys
        self._advance(line)

    def _advance(self, line: _Line) -> None:
        """Let the first in, if its time has come."""
        if not line.claims or line.claims[0].hold is not None:
            return
        first = line.claims[0]
        if not first.is_first:
            lucky = next((claim for claim in line.claims if claim.is_first), None)
            if lucky is not None:
                # Redis has lost and found tickets; whichever of ours is at the head serves the one who came first.
                self._exchange_tickets(first, lucky)
            elif not self._is_away:
                return
        fence = max(first.number or 0, line.last_fence + 1)
        if not first.is_first:
            fence = max(fence, self._highest_fence + 1, int(self._clock.now() * 1_000_000))
        line.last_fence = fence
        self._highest_fence = max(self._highest_fence, fence)
        first.hold = LockHold(fence=fence)
        if first.came is not None and not first.came.done():
            first.came.set_result(None)

    def _exchange_tickets(self, one: _Claim, other: _Claim) -> None:
        for name in ("ticket", "number", "is_first", "shown_at"):
            mine, yours = getattr(one, name), getattr(other, name)
            setattr(one, name, yours)
            setattr(other, name, mine)
        self._claims[one.ticket], self._claims[other.ticket] = one, other

    def _advance_all(self) -> None:
        for line in [*self._lines.values()]:
            self._advance(line)

    # ---------------------------------------------------------------- Redis

    def _send_take(self, claim: _Claim) -> None:
        claim.shown_at = self._clock.monotonic()
        arguments = self._waiter_arguments if claim.hold is None else self._holder_arguments
        self._wire.send(
            claim.line.keys[0],
            TAKE.call(claim.line.keys, claim.ticket, *arguments, str(self._highest_fence)),
            partial(self._on_taken, claim.ticket),
        )

    def _on_taken(self, ticket: str, reply: Reply) -> None:
        claim = self._claims.get(ticket)
        if claim is None or reply is None:
            return
        number, is_first, was_there = int(reply[0]), bool(reply[1]), bool(reply[2])
        if claim.hold is not None and claim.number is not None and not was_there:
            claim.hold.is_lost = True
        claim.number = number
        claim.is_first = is_first
        if is_first:
            self._advance(claim.line)

    def _send_release(self, ticket: str, keys: tuple[bytes, bytes]) -> None:
        self._wire.send(
            keys[0],
            RELEASE.call(keys, ticket, *self._release_arguments),
            partial(self._on_released, ticket, keys),
        )

    def _on_released(self, ticket: str, keys: tuple[bytes, bytes], reply: Reply) -> None:
        if reply is None:
            self._owed[ticket] = keys
        elif reply:
            self._call_up(reply[0].decode(), int(reply[1]))

    def _call_up(self, ticket: str, number: int) -> _Claim | None:
        """A ticket of ours has come to the head of its queue."""
        claim = self._claims.get(ticket)
        if claim is None:
            return None
        claim.number = number
        claim.is_first = True
        self._advance(claim.line)
        return claim

    def _go_away(self, error: BaseException) -> None:
        """Go on without Redis."""
        if self._is_away:
            return
        self._is_away = True
        self._away_since = self._clock.monotonic()
        if not self._is_closed:
            _log.warning(
                "lock_store.redis_away",
                extra={"reason": str(self._connection.describe(error)), "order": "kept in this process only"},
            )
        self._advance_all()

    async def _come_back(self) -> None:
        """Try Redis; if it is there, tell it what it missed."""
        try:
            await self._probe()
        except Exception:  # the reason was said when it went away
            return
        self._is_away = False
        _log.warning(
            "lock_store.redis_back", extra={"seconds": round(self._clock.monotonic() - self._away_since, 1)}
        )
        owed, self._owed = self._owed, {}
        for ticket, keys in owed.items():
            self._send_release(ticket, keys)
        for line in self._lines.values():
            for claim in line.claims:
                claim.is_first = False
                self._send_take(claim)
        self._listen_anew()

    async def _probe(self) -> None:
        """Raise what stands in the way of working with Redis."""
        name = f"probe {self._process}"
        keys = self._make_keys(name)
        await self._connection.check_writable(keys[0] + b":write")
        ticket = f"{self._process}.0"
        for reply in await self._connection.run(
            keys[0],
            [
                TAKE.call(keys, ticket, self._channel, "1000", "1000", "1000", "0"),
                RELEASE.call(keys, ticket, *self._release_arguments),
            ],
        ):
            if isinstance(reply, Exception):
                raise reply

    def _make_keys(self, name: str) -> tuple[bytes, bytes]:
        return make_key(self._root, "queue", name), make_key(self._root, "lapses", name)

    async def _keep(self) -> None:
        """Show that we live, find out what nobody told us, and look for Redis while it is away."""
        while True:
            await asyncio.sleep(self._tick)
            if self._is_away:
                self._count_losses()
                await self._come_back()
            else:
                self._show_claims()

    def _show_claims(self) -> None:
        now = self._clock.monotonic()
        for line in self._lines.values():
            for claim in line.claims:
                pause = self._tick if claim.hold is None else self._lifetime / 3
                if now - claim.shown_at >= pause:
                    self._send_take(claim)

    def _count_losses(self) -> None:
        now = self._clock.monotonic()
        for claim in self._claims.values():
            if claim.hold is not None and claim.shown_at and now - claim.shown_at > self._lifetime:
                claim.hold.is_lost = True

    def _listen_anew(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
        self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        """Hear from other processes that a ticket of ours has come to the head of its queue."""
        while True:
            # What was said while nobody listened is found out by `_keep`.
            with suppress(Exception):
                async for message in self._connection.listen(f"{self._channel}{self._process}"):
                    ticket, _, number = message.decode().partition(" ")
                    claim = self._call_up(ticket, int(number))
                    if claim is not None and not self._is_away:
                        self._send_take(claim)  # a holder's ticket lives longer than a waiter's
            await asyncio.sleep(self._tick)


class _Hold:
    __slots__ = ("_claim", "_conversation_id", "_locks")

    def __init__(self, locks: RedisLockStore, conversation_id: ConversationId) -> None:
        self._locks = locks
        self._conversation_id = conversation_id

    async def __aenter__(self) -> LockHold:
        claim = self._claim = self._locks.enter(self._conversation_id)
        if claim.came is not None:
            try:
                await claim.came
            except BaseException:
                self._locks.leave(self._conversation_id, claim)
                raise
        assert claim.hold is not None, "whoever is let in holds the lock"
        return claim.hold

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._locks.leave(self._conversation_id, self._claim)


async def open_store(options: RedisLockStoreOptions) -> LockStore:
    """The lock store in a Redis; works in this process alone until it can be reached.

    Raises:
        StorageRefusedError: Redis is there and refuses us.
    """
    locks = RedisLockStore(options)
    await locks.open()
    return locks
