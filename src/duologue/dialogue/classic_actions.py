"""Default actions of classic assistants: going back, and what is said where a message is in doubt."""

import logging

from duologue.core.events import (
    ACTION_LISTEN,
    ActionExecuted,
    BotSpoke,
    Event,
    LoopActivated,
    SlotWasSet,
    UserReverted,
)
from duologue.core.messages import BotMessage, Button
from duologue.core.nlu_options import FALLBACK_INTENT
from duologue.core.state import State
from duologue.dialogue.action_scene import ActionScene
from duologue.dialogue.loops.two_stage_fallback import OUT_OF_SCOPE
from duologue.dialogue.repeated_message import repeat_message
from duologue.dialogue.slot_extraction import REQUESTED_SLOT

_ASK_AFFIRMATION = "action_default_ask_affirmation"
_ASK_REPHRASE = "action_default_ask_rephrase"

_log = logging.getLogger(__name__)


async def go_back(scene: ActionScene) -> tuple[Event, ...]:
    """Take back this message and the one before."""
    return (*await scene.say("utter_back"), UserReverted(), UserReverted())


async def deactivate_loop(scene: ActionScene) -> tuple[Event, ...]:
    """End the running form; the slots it filled stay."""
    return (LoopActivated(name=None), SlotWasSet(name=REQUESTED_SLOT, value=None))


async def fall_back(scene: ActionScene) -> tuple[Event, ...]:
    """Say that the message was not understood; for policies it was never said, so that it leads nowhere wrong."""
    if not _is_classic(scene.state):
        has_default = scene.responses.has_response("utter_default")
        return await scene.say("utter_default" if has_default else "utter_ask_rephrase")
    if not scene.responses.has_response("utter_default"):
        _log.warning("fallback.nothing_to_say", extra={"response": "utter_default"})
    return (*await scene.say("utter_default"), UserReverted())


async def ask_rephrase(scene: ActionScene) -> tuple[Event, ...]:
    """Ask for other words."""
    if _is_classic(scene.state):
        return await scene.say("utter_ask_rephrase")
    return await fall_back(scene)


async def ask_affirmation(scene: ActionScene) -> tuple[Event, ...]:
    """Ask whether the likeliest intent is meant; a project that has better words writes an action of this name."""
    intent = _find_likeliest_intent(scene.state)
    if intent is None:
        return ()
    wording = intent.replace("_", " ").replace("/", " ")
    message = BotMessage(
        text=f"I am not sure that I understood. Is it about “{wording}”?",
        buttons=(
            Button(title="Yes", payload=f"/{intent}"),
            Button(title="No", payload=f"/{OUT_OF_SCOPE}"),
        ),
    )
    return (BotSpoke(message=message, metadata={"utter_action": _ASK_AFFIRMATION}),)


async def revert_fallback_events(scene: ActionScene) -> tuple[Event, ...]:
    """After the old two-stage fallback: as if the user had said at once what is clear now."""
    state = scene.state
    performed = _list_performed(state)
    repeated = repeat_message(state)
    if repeated is None or performed[:1] not in ((_ASK_REPHRASE,), (_ASK_AFFIRMATION,)):
        return ()
    rephrasing = (UserReverted(), UserReverted(), UserReverted(), ActionExecuted(name=ACTION_LISTEN))
    if performed[0] == _ASK_REPHRASE:
        return (*rephrasing, repeated)
    affirming = (UserReverted(), UserReverted(), ActionExecuted(name=ACTION_LISTEN))
    return (*affirming, *(rephrasing if performed[1:2] == (_ASK_REPHRASE,) else ()), repeated)


def _is_classic(state: State) -> bool:
    message = state.last_message
    return message is not None and message.understanding.is_for_policies


def _find_likeliest_intent(state: State) -> str | None:
    """The intent of the message; where it is the fallback, the next one in the ranking."""
    message = state.last_message
    if message is None or message.understanding.intent is None:
        return None
    ranking = message.understanding.intent_ranking
    name = message.understanding.intent.name
    return ranking[1].name if name == FALLBACK_INTENT and len(ranking) > 1 else name


def _list_performed(state: State) -> tuple[str, ...]:
    """The actions of the session that still count, latest first, without the listening."""
    if state.history is None:
        return ()
    moments = (state.history.latest, *reversed(state.history.moments))
    return tuple(name for one in moments if (name := one.last_action) and name != ACTION_LISTEN)
