"""A simulated server: the real assistant over ports that delay, fail, stand still and die."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from duologue.adapters.lock_store.in_process import InProcessLockStore
from duologue.core.errors import ActionError, StorageUnavailableError
from duologue.core.events import ReminderScheduled, SlotWasSet
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.dialogue.engine import Understander
from duologue.dialogue.turn import TurnReport
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.ports.clock import to_datetime
from duologue.ports.lock_store import LockHold
from duologue.ports.tracker_store import (
    TrackerStore,
)
from duologue.project.definition import AssistantDefinition
from duologue.runtime.assistant import Assistant
from duologue.runtime.build import build_assistant
from duologue.runtime.timers import Timers
from duologue.testing.simulation.simulated_project import REMINDER_INTENT
from duologue.testing.simulation.virtual_loop import NobodyListensError
from duologue.testing.simulation.world import LOCK_LIFETIME, World
from duologue.testing.wrapped_store import WrappedTrackerStore

Result = TypeVar("Result")

BOOT_SECONDS = 0.5
FIRST_SECOND = 1_700_000_000.0
"""What the clocks say when a world begins, in seconds since the epoch."""


class ServerDiedError(NobodyListensError):
    """The process is gone: nothing of it runs on."""


class PlayedProcess:
    """The life of one process: everything that it does to the outside passes through `step`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_dead = asyncio.get_running_loop().create_future()
        self._runs = asyncio.Event()
        self._runs.set()

    async def step(self) -> None:
        """Between any two awaits of a server it may die, or stand still for long."""
        self._require_life()
        await self.world.travel()
        await self._runs.wait()
        self._require_life()

    def _require_life(self) -> None:
        if self.is_dead.done():
            raise ServerDiedError

    def die(self) -> None:
        self._runs.set()
        if not self.is_dead.done():
            self.is_dead.set_result(None)

    def stand_still(self) -> None:
        self._runs.clear()

    def go_on(self) -> None:
        self._runs.set()

    async def operate(self, what: str, effect: Callable[[], Awaitable[Result]]) -> Result:
        """An operation on something outside: the way there, its effect, and the way back.

        Raises:
            StorageUnavailableError: it failed, and only the world knows whether it had its effect.
        """
        world = self.world
        await self.step()
        if world.strikes("stalled operation", world.rates.stalled):
            await asyncio.sleep(world.chance.uniform(0.5, 5.0))
            await self.step()
        if world.strikes(f"{what} refused", world.rates.refused):
            raise StorageUnavailableError("The played store is away.")
        result = await effect()
        is_lost = world.strikes(f"answer of {what} lost", world.rates.answer_lost)
        await self.step()
        if is_lost:
            raise StorageUnavailableError("The played store did not answer.")
        return result


class PlayedStore(WrappedTrackerStore):
    """The tracker store as one server sees it."""

    def __init__(self, process: PlayedProcess, store: TrackerStore) -> None:
        super().__init__(store)
        self._process = process

    async def around(self, method: str, call: Callable[[], Awaitable[Result]]) -> Result:
        if method == "load":
            self._process.world.turns += 1
        return await self._process.operate(method, call)

    async def close(self) -> None:
        """The store belongs to the world."""


class PlayedLocks:
    """The lock store as one server sees it."""

    def __init__(self, process: PlayedProcess) -> None:
        self._process = process
        self._own = InProcessLockStore()

    def hold(self, conversation_id: ConversationId) -> AbstractAsyncContextManager[LockHold]:
        return self._hold(conversation_id)

    @asynccontextmanager
    async def _hold(self, conversation_id: ConversationId) -> AsyncGenerator[LockHold]:
        process, locks = self._process, self._process.world.locks
        await process.step()
        if locks.is_away:
            async with self._own.hold(conversation_id) as hold:
                yield hold
            return
        ticket = locks.take_ticket(conversation_id, process)
        try:
            await ticket.is_served
            await process.step()
            yield LockHold(fence=ticket.fence)
        finally:
            if not process.is_dead.done():  # the dead give nothing back
                locks.give_back(conversation_id, ticket)

    async def close(self) -> None:
        """Nothing to let go of."""


class PlayedActions:
    """The action server: it notes a number, and does so once for each key, however often it is asked."""

    def __init__(self, process: PlayedProcess) -> None:
        self._process = process

    async def run(self, call: ActionCall) -> ActionResult:
        process, world = self._process, self._process.world
        await process.step()
        if world.strikes("action failed before its effect", world.rates.action_failed):
            raise ActionError("The played action failed.", action_name=call.action_name)
        if call.action_name == "action_chime":
            world.effects.do(call.idempotency_key, "chime")
            await process.step()
            return ActionResult(responses=({"text": "A reminder."},))
        number = int(call.state.slots["number"])
        world.effects.do(call.idempotency_key, number)
        fails = world.strikes("action failed after its effect", world.rates.action_failed)
        await process.step()
        if fails:
            raise ActionError("The played action broke off.", action_name=call.action_name)
        noted: list[int] = [*(call.state.slots.get("noted") or []), number]
        events = (SlotWasSet(name="noted", value=noted), SlotWasSet(name="total", value=sum(noted)))
        return ActionResult(events=(*events, *self._set_reminder(number)))

    def _set_reminder(self, number: int) -> tuple[ReminderScheduled, ...]:
        if number % 6:
            return ()
        due = FIRST_SECOND + asyncio.get_running_loop().time() + number % 5
        return (
            ReminderScheduled(
                name=f"reminder-{number}",
                intent=REMINDER_INTENT,
                date_time=to_datetime(due).isoformat(),
                kill_on_user_message=False,
            ),
        )

    async def list_actions(self) -> frozenset[str] | None:
        return None

    async def close(self) -> None:
        """Nothing to let go of."""


class JumpingClock:
    """A server's clock: the world's time, and however wrong it was set."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return FIRST_SECOND + asyncio.get_running_loop().time() + self.offset

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class SimulatedReplica:
    """One of the servers that stand for each other; when it dies, another is started in its place."""

    def __init__(self, world: World, definition: AssistantDefinition, understander: Understander) -> None:
        self._world = world
        self._definition = definition
        self._understander = understander
        self.clock = JumpingClock()
        self._start()

    def _start(self) -> None:
        self._process = PlayedProcess(self._world)
        assistant = build_assistant(
            self._definition,
            tracker_store=PlayedStore(self._process, self._world.store),
            lock_store=PlayedLocks(self._process),
            actions=PlayedActions(self._process),
            understander=self._understander,
            clock=self.clock,
        )
        assistant.run_beside(Timers(assistant, self.clock, chance=self._world.chance))
        assistant.start()
        self._assistant: Assistant | None = assistant

    async def handle(self, message: UserMessage) -> TurnReport:
        """Send a message to it.

        Raises:
            ConnectionError: it is dead, or died before it had answered.
            DuologueError: it answered that it could not.
        """
        await self._world.travel()
        if self._assistant is None:
            raise ConnectionError("Nobody listens.")
        try:
            report = await self._assistant.handle(message)
        except ServerDiedError:
            raise ConnectionError("The connection broke.") from None
        if self._world.strikes("reply lost", self._world.rates.answer_lost):
            raise ConnectionError("The reply was lost on its way.")
        return report

    async def die(self) -> None:
        """As `kill -9` does it; after a while another process is there."""
        assistant, self._assistant = self._assistant, None
        if assistant is None:
            return
        process = self._process
        process.die()
        await assistant.close(0)
        await asyncio.sleep(LOCK_LIFETIME)
        self._world.locks.lapse(process)
        await asyncio.sleep(BOOT_SECONDS)
        self._start()

    async def stand_still(self, seconds: float) -> None:
        """As a stopped process does: its locks lapse, and then it goes on where it was."""
        process = self._process
        process.stand_still()
        await asyncio.sleep(LOCK_LIFETIME)
        self._world.locks.lapse(process)
        await asyncio.sleep(max(0.0, seconds - LOCK_LIFETIME))
        process.go_on()

    async def stop(self) -> None:
        """Finish politely."""
        if self._assistant is not None:
            await self._assistant.close()
