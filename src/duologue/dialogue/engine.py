"""The story of a turn."""

import logging
from typing import Protocol

from duologue.core import commands as cmd
from duologue.core.domain import Domain
from duologue.core.errors import ActionRejectedError, DuologueError, FlowError
from duologue.core.events import (
    ACTION_LISTEN,
    ACTION_SESSION_START,
    ActionExecuted,
    BotSpoke,
    TurnFailed,
    UserSpoke,
)
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.stack import find_active_chain
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.understanding import Evidence, Understanding
from duologue.dialogue.clean_up import clean_up
from duologue.dialogue.interpret import group_frames, interpret
from duologue.dialogue.perform import Performer
from duologue.dialogue.session import expire, is_expired, needs_session, start_session
from duologue.dialogue.turn import Turn, TurnReport
from duologue.flows.editing import StackEditor
from duologue.flows.flow import Flows
from duologue.flows.machine import FlowMachine, Listen
from duologue.flows.offers import Offers

MAX_ACTIONS = 1000
"""Actions of one turn; more than that is a runaway."""

_LAST_RESORT = "I am sorry, something went wrong on my side. Please try again later."

_log = logging.getLogger(__name__)


class Understander(Protocol):
    """Words become commands."""

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
        """What the message asks for in this state. Never raises for anything the user wrote."""
        ...


class DialogueEngine:
    """Runs turns of one assistant; keeps nothing between them."""

    def __init__(
        self,
        *,
        flows: Flows,
        domain: Domain,
        understander: Understander,
        performer: Performer,
        max_characters: int = 420,
        clarify_on_multiple_start_flows: bool = False,
    ) -> None:
        self._flows = flows
        self._domain = domain
        self._understander = understander
        self._performer = performer
        self._machine = FlowMachine(flows, domain)
        self._max_characters = max_characters
        self._clarifies_starts = clarify_on_multiple_start_flows

    async def run_turn(self, turn: Turn) -> TurnReport:
        """Answer one message; everything that happened is recorded in the turn's tracker."""
        if turn.state.session.is_terminated and turn.message.text != "/session_start":
            return turn.report()
        await self._open_session(turn)
        understanding = await self._understand(turn)
        turn.record(_user_spoke(turn.message, understanding))
        if turn.state.is_paused:
            return turn.report()
        checkpoint = turn.tracker.state, len(turn.tracker.new_events)
        try:
            await self._answer(understanding, turn)
        except Exception as error:  # whatever the project's code raises must not cost the conversation
            await self._fail(error, turn, checkpoint)
        return turn.report()

    async def _open_session(self, turn: Turn) -> None:
        state = turn.state
        if not needs_session(state) and not state.session.is_terminated:
            if not is_expired(state, self._domain, turn.clock.now()):
                return
            turn.record(*expire(self._domain))
            if not self._domain.session.start_session_after_expiry:
                return
        if ACTION_SESSION_START not in self._domain.custom_actions:
            turn.record(*start_session(turn.state, self._domain))
            return
        before = turn.state, len(turn.tracker.new_events)
        try:
            await self._performer.perform(ACTION_SESSION_START, turn)
        except Exception as error:
            _log.error("session.start_failed", exc_info=error, extra=_log_fields(turn))
            _rewind(turn, before)
            turn.record(*start_session(turn.state, self._domain))

    async def _understand(self, turn: Turn) -> Understanding:
        text = turn.message.text
        if not text.strip():
            return _refuse_input("rasa_internal_error_user_input_empty")
        if len(text) > self._max_characters and not text.startswith("/"):
            return _refuse_input(
                "rasa_internal_error_user_input_too_long", max_characters=self._max_characters
            )
        return await self._understander.understand(turn.message, self._offer(turn.state))

    def _offer(self, state: State) -> Offers:
        return Offers(state, self._flows, self._domain)

    async def _answer(self, understanding: Understanding, turn: Turn) -> None:
        commands = clean_up(
            understanding.commands, self._offer(turn.state), clarify_starts=self._clarifies_starts
        )
        turn.record(*interpret(commands, turn.state, self._flows, self._domain))
        await self._act(turn)

    async def _act(self, turn: Turn) -> None:
        for _ in range(MAX_ACTIONS):
            if turn.state.session.is_terminated:
                return
            name = self._choose(turn)
            if name is None:
                turn.record(ActionExecuted(name=ACTION_LISTEN))
                return
            await self._performer.perform(name, turn)
        raise FlowError(f"the turn was given up after {MAX_ACTIONS} actions: the flows run in circles")

    def _choose(self, turn: Turn) -> str | None:
        """The next action, or None to listen."""
        followup = turn.state.followup_action
        if followup is not None:
            return None if followup == ACTION_LISTEN else followup
        advance = self._machine.advance(turn.state)
        turn.record(*advance.events)
        return None if isinstance(advance.step, Listen) else advance.step.name

    async def _fail(self, error: Exception, turn: Turn, checkpoint: tuple[State, int]) -> None:
        """Give up what the turn did, keep the message and what was shown, and say that something went wrong."""
        _log.error("turn.failed", exc_info=error, extra=_log_fields(turn))
        shown = list(turn.delivered)
        _rewind(turn, checkpoint)
        turn.tracker.record(*shown)
        turn.record(TurnFailed(error_type=type(error).__name__, reason=_explain(error)))
        after_failure = turn.state, len(turn.tracker.new_events)
        try:
            self._cancel_active_flow(turn)
            report = (cmd.ReportError(),)
            turn.record(*interpret(report, turn.state, self._flows, self._domain))
            await self._act(turn)
        except Exception as second:
            _log.error("turn.error_pattern_failed", exc_info=second, extra=_log_fields(turn))
            _rewind(turn, after_failure)
            self._cancel_active_flow(turn)
            turn.record(BotSpoke(message=BotMessage(text=_LAST_RESORT)), ActionExecuted(name=ACTION_LISTEN))
            spoken = turn.tracker.new_events[-2]
            if isinstance(spoken, BotSpoke):
                await turn.show(spoken)

    def _cancel_active_flow(self, turn: Turn) -> None:
        chain = find_active_chain(turn.state.stack)
        if not chain:
            return
        group = next(group for group in group_frames(turn.state.stack) if chain[-1] in group)
        editor = StackEditor(self._flows, self._domain, turn.state)
        editor.cancel_frames({frame.frame_id for frame in group})
        turn.record(*editor.finish())


def _user_spoke(message: UserMessage, understanding: Understanding) -> UserSpoke:
    return UserSpoke(
        text=message.text,
        understanding=understanding,
        channel=message.channel,
        message_id=message.message_id,
        user_id=message.user_id,
        metadata=message.metadata,
    )


def _refuse_input(error_type: str, **info: object) -> Understanding:
    return Understanding(
        commands=(cmd.ReportError(error_type=error_type, info=info),),
        evidence=(Evidence(rung="input check", reason=error_type),),
    )


def _rewind(turn: Turn, checkpoint: tuple[State, int]) -> None:
    state, length = checkpoint
    kept = turn.tracker.new_events[:length]
    fresh = Tracker(state)
    fresh.base_length = turn.tracker.base_length
    fresh.new_events = kept
    turn.tracker = fresh


def _explain(error: Exception) -> str:
    """One line for the record; an author's exception may hold personal data, so only our own text is kept."""
    if isinstance(error, ActionRejectedError | DuologueError):
        return str(error)
    return type(error).__name__


def _log_fields(turn: Turn) -> dict[str, object]:
    return {"conversation_id": turn.message.conversation_id, "turn": turn.state.turns}
