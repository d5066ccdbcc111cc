"""The classic part of a turn: slots are extracted, then policies choose until they choose to listen."""

import logging
from collections.abc import Callable, Sequence

from duologue.core.errors import ActionRejectedError
from duologue.core.events import (
    ACTION_LISTEN,
    ACTION_SESSION_START,
    ActionExecuted,
    ActionRejected,
    Event,
    LoopActivated,
    SlotWasSet,
    UserFeaturized,
    UserSpoke,
)
from duologue.core.stack import Stack
from duologue.dialogue.loops.loop import is_loop
from duologue.dialogue.perform import Performer
from duologue.dialogue.policies.policy import ActionChooser, Prediction
from duologue.dialogue.slot_extraction import REQUESTED_SLOT, extract_slots
from duologue.dialogue.turn import Choice, Turn

MOST_PREDICTIONS = 10
"""Actions for one message, as in Rasa Open Source; policies that want more run in circles."""

_log = logging.getLogger(__name__)


class PolicyTurns:
    """Lets the policies of a classic assistant answer."""

    def __init__(self, chooser: ActionChooser, performer: Performer) -> None:
        self._chooser = chooser
        self._performer = performer

    async def answer(self, turn: Turn, has_ended: Callable[[], bool]) -> bool:
        """Answer the message that has just been recorded; whether a flow was begun, which then goes on.

        `has_ended` says that nothing more may happen in this turn.
        """
        stack = turn.state.stack
        self._leave_lost_loop(turn)
        turn.record(*await extract_slots(turn, self._performer))
        rejected: str | None = None
        for _ in range(MOST_PREDICTIONS):
            if has_ended():
                _close(turn)
                return False
            if _has_begun_flow(turn.state.stack, stack):
                return True
            prediction = self._choose(turn, rejected)
            if prediction.action == ACTION_LISTEN:
                _listen(turn, prediction)
                return False
            length = len(turn.tracker.new_events)
            try:
                await self._perform(prediction, turn)
                if prediction.action == ACTION_SESSION_START:
                    _end_beginning(turn)
                    return False
                if any(isinstance(event, UserSpoke) for event in turn.tracker.new_events[length:]):
                    turn.record(*await extract_slots(turn, self._performer))
            except ActionRejectedError as error:
                turn.record(
                    ActionRejected(
                        name=error.action_name, policy=prediction.policy, confidence=prediction.confidence
                    )
                )
            rejected = find_rejected(turn.tracker.new_events[length:])
        _log.error("policies.run_in_circles", extra={"actions": MOST_PREDICTIONS, "turn": turn.state.turns})
        turn.record(ActionExecuted(name=ACTION_LISTEN))
        return False

    def _leave_lost_loop(self, turn: Turn) -> None:
        """A form that a new version of the assistant does not have any more ends."""
        loop = turn.state.active_loop
        domain = self._performer.domain
        if loop is None or is_loop(loop, domain) or loop in domain.custom_actions:
            return
        _log.warning("form.gone", extra={"form": loop, "turn": turn.state.turns})
        turn.record(LoopActivated(name=None), SlotWasSet(name=REQUESTED_SLOT, value=None))

    def _choose(self, turn: Turn, rejected: str | None) -> Prediction:
        followup = turn.state.followup_action
        if followup is not None:
            return Prediction(action=followup, policy="followup")
        prediction = self._chooser.choose(turn.state, rejected=rejected)
        turn.record(*_list_marks(prediction, turn), *prediction.events)
        return prediction

    async def _perform(self, prediction: Prediction, turn: Turn) -> None:
        choice = _to_choice(prediction)
        if prediction.action is not None:
            await self._performer.perform(prediction.action, turn, choice)
        else:
            await self._performer.say(prediction.text or "", turn, choice)


def _list_marks(prediction: Prediction, turn: Turn) -> tuple[UserFeaturized, ...]:
    """Whether the words or the intent of the message counted is part of the record: later choices look back at it."""
    if prediction.is_end_to_end is None or turn.state.last_action != ACTION_LISTEN:
        return ()
    return (UserFeaturized(use_text_for_featurization=prediction.is_end_to_end),)


def _has_begun_flow(stack: Stack, before: Stack) -> bool:
    known = {frame.frame_id for frame in before}
    return any(frame.frame_id not in known for frame in stack)


def _close(turn: Turn) -> None:
    """Who is paused listens: the next message that is answered may be the one that goes on."""
    if turn.state.is_paused and not turn.state.session.is_terminated:
        _end_beginning(turn)


def _end_beginning(turn: Turn) -> None:
    """A session begins by listening; an action of the project may have left that out."""
    if turn.state.last_action != ACTION_LISTEN:
        turn.record(ActionExecuted(name=ACTION_LISTEN))


def _listen(turn: Turn, prediction: Prediction) -> None:
    turn.record(
        ActionExecuted(
            name=ACTION_LISTEN,
            policy=prediction.policy,
            confidence=prediction.confidence,
            hide_rule_turn=prediction.hide_rule_turn,
        )
    )


def find_rejected(events: Sequence[Event]) -> str | None:
    """The action that declined, if it is the last thing that any action did."""
    for event in reversed(events):
        match event:
            case ActionRejected(name=name):
                return name
            case ActionExecuted():
                return None
            case _:
                pass
    return None


def _to_choice(prediction: Prediction) -> Choice:
    return Choice(
        policy=prediction.policy,
        confidence=prediction.confidence,
        hide_rule_turn=prediction.hide_rule_turn,
    )
