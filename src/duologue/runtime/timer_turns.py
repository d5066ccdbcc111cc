"""Turns that nobody asked for: a session expires, a reminder comes due."""

import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from msgspec.structs import replace

from duologue.core.domain import Domain
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage
from duologue.core.tracker import Tracker
from duologue.core.values import OpenData
from duologue.dialogue.engine import DialogueEngine
from duologue.dialogue.timers import Timer, find_due, find_wake_time, run_timer
from duologue.ports.clock import Clock
from duologue.runtime.conversations import Conversations

MOST_AT_ONCE = 20
"""Timers of one conversation that are done in a row; an action that sets one in the past again and again waits."""

Push = Callable[[ConversationId, str, Sequence[BotMessage]], Awaitable[None]]
"""Hands what the assistant says by itself to whoever can bring it to the user: conversation, channel, replies."""

_log = logging.getLogger(__name__)


class TimerReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a conversation came to."""

    fired: tuple[Timer, ...] = ()
    """What was due, in the order in which it was done; each is stored."""
    replies: tuple[BotMessage, ...] = ()
    channel: str = ""
    """Where the user was last."""
    wake_at: float | None = None
    """When there is something to do next, by the state of the conversation."""


class TimerTurns:
    """Does what is due in a conversation, each thing in a commit of its own, and each exactly once.

    What is due is looked up in the conversation as it is under its lock. Whoever does it at the same time elsewhere
    is refused when it appends, loads again, and finds nothing due any more.
    """

    def __init__(
        self,
        *,
        engine: DialogueEngine,
        conversations: Conversations,
        domain: Domain,
        clock: Clock,
        stamp: OpenData,
    ) -> None:
        self._engine = engine
        self._conversations = conversations
        self._domain = domain
        self._clock = clock
        self._stamp = stamp

    async def run(
        self, conversation_id: ConversationId, *, now: float | None = None, push: Push | None = None
    ) -> TimerReport:
        """Do what is due in a conversation.

        Raises:
            StorageUnavailableError: what is not in the record yet is still due.
        """
        report = TimerReport()
        while len(report.fired) < MOST_AT_ONCE:
            one = await self._run_next(conversation_id, self._clock.now() if now is None else now)
            if not one.fired:
                return replace(report, wake_at=one.wake_at)
            report = TimerReport(
                fired=(*report.fired, *one.fired),
                replies=(*report.replies, *one.replies),
                channel=one.channel,
                wake_at=one.wake_at,
            )
            if push is not None and one.replies:
                await _push(push, conversation_id, one)
        return report

    async def _run_next(self, conversation_id: ConversationId, now: float) -> TimerReport:
        report = TimerReport()

        async def work(tracker: Tracker, _: int | None) -> None:
            nonlocal report
            timer = find_due(tracker.state, self._domain, now)
            replies = await self._run_timer(timer, tracker) if timer else ()
            report = TimerReport(
                fired=(timer,) if timer else (),
                replies=replies,
                channel=tracker.state.channel,
                wake_at=find_wake_time(tracker.state, self._domain),
            )

        await self._conversations.take_turn(conversation_id, work)
        return report

    async def _run_timer(self, timer: Timer, tracker: Tracker) -> tuple[BotMessage, ...]:
        return await run_timer(timer, tracker, engine=self._engine, clock=self._clock, stamp=self._stamp)


async def _push(push: Push, conversation_id: ConversationId, report: TimerReport) -> None:
    try:
        await push(conversation_id, report.channel, report.replies)
    except Exception as error:  # what was said is stored; the channel's trouble is not the conversation's
        _log.warning("push.failed", exc_info=error, extra={"conversation_id": conversation_id})
