"""The story of a turn."""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec.structs import replace

from duologue.core import commands as cmd
from duologue.core.domain import Domain
from duologue.core.errors import ActionRejectedError, DuologueError, FlowError, StorageUnavailableError
from duologue.core.events import (
    ACTION_LISTEN,
    ACTION_SESSION_START,
    REPEATED,
    ActionExecuted,
    ActionRejected,
    BotSpoke,
    ConversationResumed,
    Event,
    SlotWasSet,
    TurnCutOff,
    TurnFailed,
    UserReverted,
    UserSpoke,
)
from duologue.core.ids import FrameId
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.reminders import Reminder
from duologue.core.state import State
from duologue.core.understanding import Evidence, Understanding
from duologue.dialogue.clean_up import clean_up
from duologue.dialogue.interpret import interpret
from duologue.dialogue.perform import Performer
from duologue.dialogue.policies.policy import ActionChooser
from duologue.dialogue.policy_turns import PolicyTurns
from duologue.dialogue.session import expire, is_expired, needs_session, start_session
from duologue.dialogue.turn import Checkpoint, Turn, TurnReport
from duologue.flows.editing import StackEditor, group_frames
from duologue.flows.flow import Flows
from duologue.flows.machine import FlowMachine, Listen
from duologue.flows.offers import Offers
from duologue.telemetry.spans import mark_failed
from duologue.understanding.payloads import understand_reminder

MAX_ACTIONS = 1000
"""Actions of one turn; more than that is a runaway."""

_STARTING = (cmd.StartFlow, cmd.SessionStart, cmd.SessionEnd, cmd.Restart, cmd.UserSilence)
"""Commands by which a reminder does something."""

_LISTENING: tuple[Event, ...] = (ActionExecuted(name=ACTION_LISTEN),)

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
        chooser: ActionChooser | None = None,
        max_characters: int | None = 420,
        clarify_on_multiple_start_flows: bool = False,
    ) -> None:
        """`chooser` are the policies of an assistant that has a classic part; `max_characters` bound its messages."""
        self._flows = flows
        self._domain = domain
        self._understander = understander
        self._performer = performer
        self._machine = FlowMachine(flows, domain)
        self._policies = PolicyTurns(chooser, performer) if chooser is not None else None
        self._max_characters = max_characters
        self._clarifies_starts = clarify_on_multiple_start_flows

    async def run_turn(self, turn: Turn) -> TurnReport:
        """Answer one message; everything that happened is recorded in the turn's tracker."""
        if turn.state.session.is_terminated and turn.message.text != "/session_start":
            return turn.report()
        if turn.message.reminder is not None:
            return await self._run_reminder(turn.message.reminder, turn)
        await self._open_session(turn)
        understanding = await self._understand(turn)
        turn.record(_user_spoke(turn.message, understanding))
        if turn.state.is_paused and not _restarts(understanding):
            return turn.report()
        return await self._respond(understanding, turn)

    async def _run_reminder(self, reminder: Reminder, turn: Turn) -> TurnReport:
        """Do what a reminder asks for; one that asks for nothing that is on offer is recorded and no more.

        It begins no session: nobody came. But what it asks the user must not be forgotten at the answer, so a
        session that was silent for too long goes on.
        """
        if turn.state.session.is_inactive and not turn.state.is_paused:
            turn.renew_session_id()
            turn.record(ConversationResumed())
        understanding = understand_reminder(reminder, self._offer(turn.state))
        if self._policies is not None and not understanding.commands:
            understanding = replace(understanding, is_for_policies=True)
        turn.record(_user_spoke(turn.message, understanding))
        if turn.state.is_paused:
            return turn.report()
        if understanding.commands and _has_code_changed(self._clean_up(understanding, turn)):
            await self._respond(understanding, turn)  # it tells of the change; then the reminder has its turn
        if understanding.is_for_policies:
            return await self._respond(understanding, turn)
        if not any(isinstance(command, _STARTING) for command in self._clean_up(understanding, turn)):
            _log.warning("reminder.nothing_to_do", extra={**_log_fields(turn), "intent": reminder.intent})
            return turn.report()
        return await self._respond(understanding, turn)

    async def _respond(self, understanding: Understanding, turn: Turn) -> TurnReport:
        checkpoint = turn.mark()
        try:
            await self._answer(understanding, turn)
        except StorageUnavailableError:  # nothing could be stored of an apology either
            raise
        except Exception as error:  # whatever the project's code raises must not cost the conversation
            await self._fail(error, turn, checkpoint)
        if turn.has_lost_listener:
            turn.record(TurnCutOff(metadata={"delivered": len(turn.delivered)}))
        return turn.report()

    async def _open_session(self, turn: Turn) -> None:
        state = turn.state
        if not needs_session(state) and not state.session.is_terminated:
            if not is_expired(state, self._domain, turn.clock.now()):
                return
            if not state.session.is_inactive:  # unless a timer was quicker
                turn.record(*expire())
            if not self._domain.session.start_session_after_expiry:
                turn.renew_session_id()
                turn.record(ConversationResumed())
                return
        if turn.message.metadata:
            metadata = turn.message.metadata
            turn.record(SlotWasSet(name="session_started_metadata", value=metadata, filled_by="channel"))
        if ACTION_SESSION_START not in self._domain.custom_actions:
            turn.record(*start_session(turn.state, self._domain))
            return
        checkpoint = turn.mark()
        try:
            await self._performer.perform(ACTION_SESSION_START, turn)
        except StorageUnavailableError:
            raise
        except Exception as error:  # an assistant that cannot greet still answers
            _log.error("session.start_failed", exc_info=error, extra=_log_fields(turn))
            turn.rewind(checkpoint)
            turn.record(*start_session(turn.state, self._domain))

    async def _understand(self, turn: Turn) -> Understanding:
        text = turn.message.text
        if not text.strip() and self._flows.user_flows:
            return _refuse_input("rasa_internal_error_user_input_empty")
        most = self._max_characters
        if most is not None and len(text) > most and not text.startswith("/"):
            return _refuse_input("rasa_internal_error_user_input_too_long", max_characters=most)
        try:
            return await self._understander.understand(turn.message, self._offer(turn.state))
        except Exception as error:  # it promises not to raise; a message must not be lost if it does
            _log.error("turn.not_understood", exc_info=error, extra=_log_fields(turn))
            return _refuse_input("rasa_internal_error_default")

    def _offer(self, state: State) -> Offers:
        return Offers(state, self._flows, self._domain)

    async def _answer(self, understanding: Understanding, turn: Turn) -> None:
        commands = self._clean_up(understanding, turn)
        turn.record(*interpret(commands, turn.state, self._flows, self._domain))
        if self._policies is not None and understanding.is_for_policies:
            if await self._policies.answer(turn, _make_end_check(turn)):
                await self._act(turn)
            return
        for name in self._domain.every_turn_actions:
            await self._performer.perform(name, turn)
        await self._act(turn)

    def _clean_up(self, understanding: Understanding, turn: Turn) -> tuple[cmd.Command, ...]:
        offers = self._offer(turn.state)
        return clean_up(understanding.commands, offers, clarify_starts=self._clarifies_starts)

    async def _act(self, turn: Turn, *, closing: tuple[Event, ...] = _LISTENING) -> None:
        has_ended = _make_end_check(turn)
        for _ in range(MAX_ACTIONS):
            if has_ended():
                return
            name = self._choose(turn)
            if name is None:
                turn.record(*closing)
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

    async def _fail(self, error: Exception, turn: Turn, checkpoint: Checkpoint) -> None:
        """Give up what the turn did, keep the message and what was shown, and say that something went wrong."""
        _log.error("turn.failed", exc_info=error, extra=_log_fields(turn))
        mark_failed(type(error).__name__)
        failed = {frame.frame_id for group in group_frames(turn.state.stack)[-1:] for frame in group}
        turn.rewind(checkpoint)
        if isinstance(error, ActionRejectedError):
            turn.record(ActionRejected(name=error.action_name, policy="FlowPolicy", confidence=1.0))
        turn.record(TurnFailed(error_type=type(error).__name__, reason=_explain(error)))
        self._cancel_groups(failed, turn)
        after_failure = turn.mark()
        try:
            report = (cmd.ReportError(),)
            turn.record(*interpret(report, turn.state, self._flows, self._domain))
            await self._act(turn, closing=_close_failed(checkpoint.state))
        except Exception as second:
            _log.error("turn.error_pattern_failed", exc_info=second, extra=_log_fields(turn))
            turn.rewind(after_failure)
            await self._apologise(turn, closing=_close_failed(checkpoint.state))

    async def _apologise(self, turn: Turn, *, closing: tuple[Event, ...]) -> None:
        """The last resort where even the error pattern fails: words of our own, and nothing runs after them."""
        while turn.state.stack and not self._machine.is_waiting(turn.state.stack):
            self._cancel_groups({turn.state.stack[-1].frame_id}, turn)
        turn.record(BotSpoke(message=BotMessage(text=_LAST_RESORT)))
        spoken = turn.tracker.new_events[-1]
        assert isinstance(spoken, BotSpoke), "it was recorded a line above"
        turn.record(*closing)
        await turn.show(spoken)

    def _cancel_groups(self, frame_ids: set[FrameId], turn: Turn) -> None:
        """Take the flows that these frames belong to off the stack; one that this turn began is gone already."""
        editor = StackEditor(self._flows, self._domain, turn.state)
        for group in group_frames(turn.state.stack):
            if any(frame.frame_id in frame_ids for frame in group):
                editor.cancel_frames({frame.frame_id for frame in group})
        turn.record(*editor.finish())


def _close_failed(heard: State) -> tuple[Event, ...]:
    """How a turn that failed ends, given the state in which its message had just been heard.

    For policies the message was never said: no story tells of such a failure, and the user may say it again.
    """
    message = heard.last_message
    history = heard.history
    if message is None or not message.understanding.is_for_policies or history is None or not history.moments:
        return _LISTENING
    was_hidden = history.moments[-1].is_hidden
    return (UserReverted(), ActionExecuted(name=ACTION_LISTEN, hide_rule_turn=was_hidden))


def _user_spoke(message: UserMessage, understanding: Understanding) -> UserSpoke:
    return UserSpoke(
        text=message.text,
        understanding=understanding,
        channel=message.channel,
        message_id=message.message_id,
        user_id=message.user_id,
        # That a message is one before once more is ours to say.
        metadata={key: value for key, value in message.metadata.items() if key != REPEATED},
        reminder=message.reminder.name if message.reminder else None,
    )


def _refuse_input(error_type: str, **info: object) -> Understanding:
    return Understanding(
        commands=(cmd.ReportError(error_type=error_type, info=info),),
        evidence=(Evidence(rung="input check", reason=error_type),),
    )


def _make_end_check(turn: Turn) -> Callable[[], bool]:
    """Whether the conversation was ended, or paused, since."""
    was_paused = turn.state.is_paused
    return lambda: turn.state.session.is_terminated or (turn.state.is_paused and not was_paused)


def _restarts(understanding: Understanding) -> bool:
    """Whether the user asks to begin anew, which is heard in a paused conversation too."""
    if understanding.is_for_policies and understanding.intent is not None:
        return understanding.intent.name == "restart"
    return any(isinstance(command, cmd.Restart) for command in understanding.commands)


def _has_code_changed(commands: Sequence[cmd.Command]) -> bool:
    return any(isinstance(command, cmd.HandleCodeChange) for command in commands)


def _explain(error: Exception) -> str:
    """One line for the record; an author's exception may hold personal data, so only our own text is kept."""
    if isinstance(error, ActionRejectedError | DuologueError):
        return str(error)
    return type(error).__name__


def _log_fields(turn: Turn) -> dict[str, object]:
    return {"conversation_id": turn.message.conversation_id, "turn": turn.state.turns}
