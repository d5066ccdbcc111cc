"""The two-stage fallback: did you mean this, could you say it in other words, and then it gives up."""

from duologue.core.events import ACTION_LISTEN, ActionExecuted, Event, LoopActivated, UserReverted, UserSpoke
from duologue.core.nlu_options import FALLBACK_INTENT
from duologue.core.state import State
from duologue.dialogue.loops.action_host import ActionHost
from duologue.dialogue.repeated_message import repeat_message
from duologue.dialogue.turn import Turn

TWO_STAGE_FALLBACK = "action_two_stage_fallback"
OUT_OF_SCOPE = "out_of_scope"
"""What the user says by refusing the intent that was offered."""


async def run_two_stage_fallback(turn: Turn, host: ActionHost) -> tuple[Event, ...]:
    """One round of it."""
    state = turn.state
    is_new = state.active_loop != TWO_STAGE_FALLBACK
    begun: tuple[Event, ...] = (LoopActivated(name=TWO_STAGE_FALLBACK),) if is_new else ()
    if _has_failed(state):
        given_up = await host.compute("action_default_fallback", turn, state)
        return (*begun, LoopActivated(name=None), *given_up)
    if _find_intent(state) not in (FALLBACK_INTENT, OUT_OF_SCOPE):
        # The doubt never was: the message is heard as if the user had said what is clear now at once.
        return (*begun, LoopActivated(name=None), UserReverted(), *_hear_again(state))
    is_doubtful = is_new or _find_intent(state) == FALLBACK_INTENT
    question = "action_default_ask_affirmation" if is_doubtful else "action_default_ask_rephrase"
    return (*begun, *await host.compute(question, turn, state))


def _has_failed(state: State) -> bool:
    doubted_twice = state.recent_intents[:2] == (FALLBACK_INTENT, FALLBACK_INTENT)
    refused_twice = state.recent_intents[:3] == (OUT_OF_SCOPE, FALLBACK_INTENT, OUT_OF_SCOPE)
    return doubted_twice or refused_twice


def _find_intent(state: State) -> str | None:
    message = state.last_message
    intent = message.understanding.intent if message else None
    return intent.name if intent else None


def _hear_again(state: State) -> tuple[ActionExecuted | UserSpoke, ...]:
    message = repeat_message(state)
    return (ActionExecuted(name=ACTION_LISTEN), message) if message else ()
