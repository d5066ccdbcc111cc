"""Everything that simulated servers share: time, chance, what is stored, who holds which lock, what was done outside."""

import asyncio
import random
from collections import Counter, defaultdict, deque

import msgspec

from duologue.core.ids import ConversationId
from duologue.ports.tracker_store import TrackerStore
from duologue.testing.simulation.played_database import PlayedDatabase


class FaultRates(msgspec.Struct, frozen=True, kw_only=True):
    """How much goes wrong. Rates are chances for each operation; times are virtual seconds."""

    latency: float = 0.002
    """Mean time of one way to a store, a lock store or an action, and back."""
    refused: float = 0.02
    """An operation fails before it has had an effect."""
    answer_lost: float = 0.02
    """It has had its effect, and the caller hears of a failure."""
    action_failed: float = 0.02
    stalled: float = 0.01
    """An operation takes as long as a few patient clients wait."""
    kills: float = 0.15
    """A second: a server dies on the spot; another takes its place."""
    pauses: float = 0.15
    """A second: a server stands still, longer than locks live, and goes on as if nothing had been."""
    lock_flushes: float = 0.1
    """A second: the lock store forgets everything."""
    lock_outages: float = 0.1
    """A second: the lock store is away for a while, and servers keep their order alone."""
    clock_jumps: float = 0.1
    """A second: the clock of a server is set forward or back."""


NO_FAULTS = FaultRates(
    refused=0,
    answer_lost=0,
    action_failed=0,
    stalled=0,
    kills=0,
    pauses=0,
    lock_flushes=0,
    lock_outages=0,
    clock_jumps=0,
)
LOCK_LIFETIME = 1.0
"""Virtual seconds until the lock of a server that has died, or stands still, is somebody else's."""


class Ticket:
    """A place in the queue for a lock."""

    __slots__ = ("fence", "is_served", "owner")

    def __init__(self, owner: object, fence: int) -> None:
        self.owner = owner
        self.fence = fence
        self.is_served: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class SharedLocks:
    """A lock store as all servers see it: fair, and forgetful when told to be."""

    def __init__(self) -> None:
        self.is_away = False
        self._queues: defaultdict[ConversationId, deque[Ticket]] = defaultdict(deque)
        self._last_fence = 0

    def take_ticket(self, conversation_id: ConversationId, owner: object) -> Ticket:
        self._last_fence += 1
        ticket = Ticket(owner, self._last_fence)
        self._queues[conversation_id].append(ticket)
        self._serve(conversation_id)
        return ticket

    def give_back(self, conversation_id: ConversationId, ticket: Ticket) -> None:
        queue = self._queues[conversation_id]
        if ticket in queue:
            queue.remove(ticket)
            self._serve(conversation_id)

    def lapse(self, owner: object) -> None:
        """What a server that nobody hears of held goes to the others; where it waited, it goes ahead without a lock."""
        for conversation_id, queue in self._queues.items():
            lapsed = [ticket for ticket in queue if ticket.owner is owner]
            for ticket in lapsed:
                queue.remove(ticket)
                if not ticket.is_served.done():
                    ticket.is_served.set_result(None)
            if lapsed:
                self._serve(conversation_id)

    def flush(self) -> None:
        """Everything is forgotten, and everybody who waits goes ahead at once."""
        for queue in self._queues.values():
            for ticket in queue:
                if not ticket.is_served.done():
                    ticket.is_served.set_result(None)
        self._queues.clear()

    def _serve(self, conversation_id: ConversationId) -> None:
        queue = self._queues[conversation_id]
        if queue and not queue[0].is_served.done():
            queue[0].is_served.set_result(None)


class Effects:
    """What actions did outside, each once for its key, as a payment service would."""

    def __init__(self) -> None:
        self._done: dict[str, object] = {}
        self.differing: list[str] = []
        """Keys that came again with something else to do."""

    def do(self, key: str, what: object) -> None:
        if self._done.setdefault(key, what) != what:
            self.differing.append(key)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._done)


class World:
    """One simulated world; everything that happens in it follows from its seed."""

    def __init__(self, seed: int, rates: FaultRates) -> None:
        self.chance = random.Random(seed)
        self.rates = rates
        self.store: TrackerStore = PlayedDatabase()
        self.locks = SharedLocks()
        self.effects = Effects()
        self.happened: Counter[str] = Counter()
        """How often each kind of fault happened."""
        self.turns = 0
        """Turns that were begun: first runs, runs again, repeated messages, looks at what is due."""

    async def travel(self) -> None:
        """One way over the network."""
        await asyncio.sleep(self.chance.expovariate(1.0) * self.rates.latency)

    def strikes(self, kind: str, rate: float) -> bool:
        """Whether a fault happens now; it is counted."""
        if rate <= 0 or self.chance.random() >= rate:
            return False
        self.happened[kind] += 1
        return True
