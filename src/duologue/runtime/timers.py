"""Looks again and again for conversations in which something is due, and has it done."""

import asyncio
import logging
import math
import random
from typing import Protocol

import msgspec

from duologue.core.ids import ConversationId
from duologue.ports.clock import Clock
from duologue.runtime.assistant import ClosingError
from duologue.runtime.timer_turns import TimerReport

INTERVAL = 1.0
"""Seconds between two looks."""
BATCH = 100
"""Conversations that are asked for in one look, beside those that are put aside."""
MOST_UNDER_WAY = 8
"""Conversations that one process works on at the same time; users' messages need the rest of it."""
LONGEST_PAUSE = 60.0
"""Seconds between two looks at most, while the store is away."""
LONGEST_ASIDE = 3600.0
"""Seconds for which a conversation is put aside at most, because it fails or because nothing is due in it."""

_log = logging.getLogger(__name__)


class TimedAssistant(Protocol):
    """What timers need of an assistant."""

    async def list_due(self, *, limit: int = 100) -> list[ConversationId]:
        """Conversations in which something is due."""
        ...

    async def run_timers(self, conversation_id: ConversationId) -> TimerReport:
        """Do what is due in one of them."""
        ...


class _Aside(msgspec.Struct, frozen=True, kw_only=True):
    until: float
    """On the clock that never goes back."""
    failures: int = 0


class Timers:
    """Runs the timers of one assistant in this process; any number of processes may do the same.

    Each looks at its own pace and in an order of its own, so that they seldom meet; where they do, the store lets
    one of them win. What a process has put aside is kept in its memory only.
    """

    def __init__(
        self,
        assistant: TimedAssistant,
        clock: Clock,
        *,
        interval: float = INTERVAL,
        batch: int = BATCH,
        most_under_way: int = MOST_UNDER_WAY,
        chance: random.Random | None = None,
    ) -> None:
        self._assistant = assistant
        self._clock = clock
        self._interval = interval
        self._batch = batch
        self._most_under_way = most_under_way
        self._chance = chance or random.Random()
        self._aside: dict[ConversationId, _Aside] = {}
        self._under_way: dict[ConversationId, asyncio.Task[None]] = {}
        self._failed_looks = 0
        self._is_stopped = False
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look; once."""
        if self._loop is None and not self._is_stopped:
            self._loop = asyncio.create_task(self._look_for_ever())

    def stop(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._is_stopped = True
        if self._loop is not None:
            self._loop.cancel()

    async def close(self) -> None:
        """Stop, and wait for nothing: a turn that is under way is the assistant's to finish or to break off."""
        self.stop()
        tasks = [*self._under_way.values(), *([self._loop] if self._loop is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settle(self) -> None:
        """Wait for what is under way."""
        if self._under_way:
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def look(self) -> bool:
        """Begin what is due, as much as may be under way at once; whether there is more.

        Raises:
            Exception: the store does not say what is due.
        """
        limit = self._batch + len(self._aside) + len(self._under_way)
        due = await self._assistant.list_due(limit=limit)
        if len(due) < limit:  # all there are: what is not among them was done, here or elsewhere
            still = set(due)
            self._aside = {one: aside for one, aside in self._aside.items() if one in still}
        ready = [one for one in due if one not in self._under_way and not self._is_aside(one)]
        self._chance.shuffle(ready)
        free = 0 if self._is_stopped else max(0, self._most_under_way - len(self._under_way))
        for conversation_id in ready[:free]:
            task = asyncio.create_task(self._run(conversation_id))
            self._under_way[conversation_id] = task
        return len(ready) > free

    def _is_aside(self, conversation_id: ConversationId) -> bool:
        aside = self._aside.get(conversation_id)
        return aside is not None and aside.until > self._clock.monotonic()

    async def _look_for_ever(self) -> None:
        while not self._is_stopped:
            if await self._try_to_look() and self._under_way:
                await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
            else:
                pause = min(self._interval * 2**self._failed_looks, max(self._interval, LONGEST_PAUSE))
                await asyncio.sleep(pause * self._chance.uniform(0.75, 1.25))

    async def _try_to_look(self) -> bool:
        try:
            has_more = await self.look()
        except (
            Exception
        ) as error:  # the store is away, as turns find out too: once it is back, all that is due is done
            if not self._failed_looks:
                _log.warning("timers.waiting", exc_info=error)
            self._failed_looks = min(self._failed_looks + 1, 30)
            return False
        if self._failed_looks:
            _log.info("timers.going_on")
        self._failed_looks = 0
        return has_more

    async def _run(self, conversation_id: ConversationId) -> None:
        try:
            report = await self._assistant.run_timers(conversation_id)
        except ClosingError:
            pass
        except Exception as error:  # one conversation that cannot be done must not keep the others waiting
            self._put_aside_failing(conversation_id, error)
        else:
            self._aside.pop(conversation_id, None)
            if not report.fired:
                self._put_aside_idle(conversation_id, report.wake_at)
        finally:
            self._under_way.pop(conversation_id, None)

    def _put_aside_failing(self, conversation_id: ConversationId, error: Exception) -> None:
        before = self._aside.get(conversation_id)
        failures = before.failures + 1 if before else 1
        if failures == 1:
            extra = {"conversation_id": conversation_id}
            _log.warning("timers.conversation_failed", exc_info=error, extra=extra)
        seconds = min(self._interval * 2 ** min(failures - 1, 30), LONGEST_ASIDE)
        until = self._clock.monotonic() + seconds * self._chance.uniform(1.0, 1.25)
        self._aside[conversation_id] = _Aside(until=until, failures=failures)

    def _put_aside_idle(self, conversation_id: ConversationId, wake_at: float | None) -> None:
        """The store calls it due and its state does not: another process was quicker, or the domain has changed since.

        The next look tells which. In the second case the time in the store stays wrong until somebody speaks, since
        only an append could mend it and there is nothing to record.
        """
        seconds = (math.inf if wake_at is None else wake_at) - self._clock.now()
        until = self._clock.monotonic() + min(max(seconds, self._interval), LONGEST_ASIDE)
        self._aside[conversation_id] = _Aside(until=until)
