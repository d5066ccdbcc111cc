"""The actions that the platform brings along: they change the stack and the slots, or say something again."""

from collections.abc import Awaitable, Callable

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.events import (
    BotSpoke,
    ConversationRestarted,
    Event,
    RoutingSessionEnded,
    SessionEnded,
    SlotWasSet,
)
from duologue.core.messages import BotMessage
from duologue.core.search_options import SEARCH_POLICY
from duologue.core.slots import DoesNotFitError, Rejection, Slot, SlotType, fit_value
from duologue.core.stack import START, FlowFrame, Frame, FrameType, PatternFrame, find_active_flow
from duologue.core.values import OpenData, SlotValue
from duologue.dialogue.action_scene import ActionScene
from duologue.dialogue.classic_actions import (
    ask_affirmation,
    ask_rephrase,
    deactivate_loop,
    fall_back,
    go_back,
    revert_fallback_events,
)
from duologue.dialogue.session import start_session
from duologue.flows.editing import (
    StackEditor,
    build_context,
    build_interruption_context,
    group_frames,
    make_frame,
)
from duologue.flows.refusals import find_refusals, is_refused
from duologue.ports.knowledge_source import KnowledgeQuery

_NONE_WORDS: frozenset[str] = frozenset(
    {"none", "neither", "no", "nothing", "keins", "keine", "nein", "nichts"}
)

_TYPE_REJECTIONS = {
    SlotType.BOOL: "utter_boolean_slot_rejection",
    SlotType.FLOAT: "utter_float_slot_rejection",
    SlotType.CATEGORICAL: "utter_categorical_slot_rejection",
}


DefaultAction = Callable[[ActionScene], Awaitable[tuple[Event, ...]]]


async def run_slot_rejections(scene: ActionScene) -> tuple[Event, ...]:
    """Refuse what does not fit the slot's type, or what one of the question's rejections refuses."""
    context = scene.context
    slot = scene.domain.slots.get(str(context.get("collect") or context.get("validate")))
    if slot is None:
        return ()
    slots = scene.domain.get_slot_values(scene.state.slots)
    value = slots.get(slot.name)
    if value is None:
        return ()
    try:
        fitted = fit_value(slot, value)
    except DoesNotFitError:
        rejection = _TYPE_REJECTIONS.get(slot.type, "utter_internal_error_rasa")
        return await _refuse(scene, slot, rejection)
    slots[slot.name] = fitted
    for raw in context.get("rejections") or ():
        rejection = Rejection(condition=raw["if"], utter=raw["utter"])
        try:
            if is_refused(rejection, slots):
                return await _refuse(scene, slot, rejection.utter)
        except DefinitionError:
            return await _refuse(scene, slot, "utter_internal_error_rasa")
    if fitted == value and type(fitted) is type(value):
        return ()
    return (SlotWasSet(name=slot.name, value=fitted),)


async def _refuse(scene: ActionScene, slot: Slot, utter: str) -> tuple[Event, ...]:
    # Said before the slot is emptied, so that the wording may name the refused value.
    said = await scene.say(utter, value=scene.state.slots.get(slot.name), slot=slot.name)
    return (SlotWasSet(name=slot.name, value=None), *said)


async def cancel_flow(scene: ActionScene) -> tuple[Event, ...]:
    """Take the frames that the running pattern names off the stack, and reset the slots of their flows."""
    editor = scene.edit()
    editor.cancel_frames(set(scene.context.get("canceled_frames") or ()))
    _offer_interrupted(editor)
    return editor.finish()


def _offer_interrupted(editor: StackEditor) -> None:
    """Under the running pattern, ask about a flow that was interrupted by the one that is gone now."""
    running = editor.stack[-1:]
    below = editor.stack[:-1]
    waiting = find_active_flow(below)
    if waiting is None or waiting.step_id == START:
        return
    pattern = editor.require_flow("pattern_continue_interrupted")
    context = build_interruption_context(below, editor.flows, editor.language)
    editor.stack = [*below, make_frame(pattern, FrameType.REGULAR, context), *running]


async def correct_flow_slot(scene: ActionScene) -> tuple[Event, ...]:
    """Write the corrected values, and go back to the earliest question that they answer."""
    editor = scene.edit()
    context = scene.context
    corrected: dict[str, SlotValue] = context.get("corrected_slots") or {}
    for name, value in corrected.items():
        editor.set_slot(name, value, "correction")
    frame_id, step_id = context.get("reset_frame_id"), context.get("reset_step_id")
    if frame_id and step_id:
        _go_back(editor, str(frame_id), str(step_id))
    # Under the running pattern: it says what changed, then the domain's validation has its say.
    editor.stack[-1:-1] = find_refusals(editor.events, editor.slots, editor.stack, scene.flows, scene.domain)
    return editor.finish()


def _go_back(editor: StackEditor, frame_id: str, step_id: str) -> None:
    place = next((i for i, frame in enumerate(editor.stack) if frame.frame_id == frame_id), None)
    frame = editor.stack[place] if place is not None else None
    if place is None or not isinstance(frame, FlowFrame):
        return
    above = editor.stack[place + 1 :]
    # What the flow had opened (its question, flows it called) is done anew; what came on top since stays.
    depth = 0
    while depth < len(above) and _belongs_to_flow(above[depth]):
        depth += 1
    moved = msgspec.structs.replace(frame, step_id=step_id, repeats_step=True)
    editor.stack = [*editor.stack[:place], moved, *above[depth:]]


def _belongs_to_flow(frame: Frame) -> bool:
    if isinstance(frame, FlowFrame):
        return frame.frame_type is FrameType.CALL
    return frame.flow_id in {"pattern_collect_information", "pattern_validate_slot"}


async def clarify_flows(scene: ActionScene) -> tuple[Event, ...]:
    """Nothing to do: the options are in the pattern's context already."""
    return ()


async def continue_interrupted_flow(scene: ActionScene) -> tuple[Event, ...]:
    """Bring the chosen flow on top of the other interrupted ones; where there is one only, it goes on anyhow."""
    editor = scene.edit()
    flow_id = _find_chosen(scene)
    if flow_id is None:
        if not _chose_none(scene):
            return ()
        return (*await cancel_interrupted_flows(scene), *await scene.say("utter_can_do_something_else"))
    running = [frame for frame in editor.stack if _is_bridge(frame)]
    editor.stack = [frame for frame in editor.stack if not _is_bridge(frame)]
    editor.raise_flow(flow_id)
    editor.stack.extend(running)
    return editor.finish()


def _is_bridge(frame: Frame) -> bool:
    return isinstance(frame, PatternFrame) and frame.flow_id == "pattern_continue_interrupted"


def _find_chosen(scene: ActionScene) -> str | None:
    context = scene.context
    ids: list[str] = list(context.get("interrupted_flow_ids") or ())
    names: list[str] = list(context.get("interrupted_flow_names") or ())
    if not context.get("multiple_flows_interrupted"):
        return ids[0] if ids else None
    wanted = _read_choice(scene)
    for flow_id, name in zip(ids, names, strict=False):
        if wanted in {flow_id.casefold(), name.casefold()}:
            return flow_id
    near = [
        i
        for i, n in zip(ids, names, strict=False)
        if wanted and (wanted in n.casefold() or n.casefold() in wanted)
    ]
    return near[0] if near and wanted not in _NONE_WORDS else None


def _read_choice(scene: ActionScene) -> str:
    slots = scene.domain.get_slot_values(scene.state.slots)
    return str(slots.get("interrupted_flow_to_continue") or "").casefold().strip()


def _chose_none(scene: ActionScene) -> bool:
    return bool(scene.context.get("multiple_flows_interrupted")) and _read_choice(scene) in _NONE_WORDS


async def cancel_interrupted_flows(scene: ActionScene) -> tuple[Event, ...]:
    """Drop every interrupted flow."""
    editor = scene.edit()
    ids: set[str] = set(scene.context.get("interrupted_flow_ids") or ())
    doomed = {
        frame.frame_id
        for group in group_frames([frame for frame in editor.stack if not _is_bridge(frame)])
        if any(isinstance(frame, FlowFrame) and frame.flow_id in ids for frame in group)
        for frame in group
    }
    editor.cancel_frames(doomed)
    return editor.finish()


async def clean_stack(scene: ActionScene) -> tuple[Event, ...]:
    """End every flow and pattern but the one that runs."""
    editor = scene.edit()
    running = {frame.frame_id for frame in editor.stack[-1:]}
    editor.cancel_frames({frame.frame_id for frame in editor.stack} - running)
    return editor.finish()


async def repeat_bot_messages(scene: ActionScene) -> tuple[Event, ...]:
    """Say again what was said before the user spoke, but for an open question, which is asked again anyway."""
    messages = list(scene.state.previous_replies)
    if (
        not messages and len(scene.state.stack) < 2
    ):  # nothing was said, and nothing is asked that will be asked again
        return await scene.say("utter_ask_rephrase")
    question = build_context(scene.state.stack[:-1])
    asks_with_action = bool(question.get("collect_action") or question.get("refill_action"))
    asking = [name for name in (question.get("utter"), question.get("refill_utter")) if name]
    if messages and (asks_with_action or messages[-1].response in asking):
        messages.pop()
    return tuple(BotSpoke(message=message) for message in messages)


async def restart(scene: ActionScene) -> tuple[Event, ...]:
    """Forget everything and begin anew."""
    said = await scene.say("utter_restart")
    return (*said, ConversationRestarted())


async def start_new_session(scene: ActionScene) -> tuple[Event, ...]:
    """Begin a session; its own `action` events stand in what it gives."""
    return start_session(scene.state, scene.domain)


async def hang_up(scene: ActionScene) -> tuple[Event, ...]:
    """End the session; a voice channel ends the call."""
    return (SessionEnded(metadata={"_reason": "action_hangup"}),)


async def do_nothing(scene: ActionScene) -> tuple[Event, ...]:
    """A mark in the record only."""
    return ()


async def reset_routing(scene: ActionScene) -> tuple[Event, ...]:
    """Let the next message be routed afresh between the classic and the flow part of an assistant."""
    kept = {
        slot.name for slot in scene.domain.slots.values() if slot.shared_for_coexistence or slot.is_builtin
    }
    resets = tuple(
        SlotWasSet(name=name, value=scene.domain.initial_slots.get(name))
        for name in scene.state.slots
        if name not in kept
    )
    return (*resets, SlotWasSet(name="route_session_to_calm", value=None), RoutingSessionEnded())


async def answer_from_documents(scene: ActionScene) -> tuple[Event, ...]:
    """Look up what the user asked; where nothing answers it, or there is nothing to look in, say so."""
    query = _write_query(scene)
    reply = await scene.knowledge.answer(query) if scene.knowledge is not None and query.question else None
    if reply is not None:
        origin: OpenData = {
            "utter_source": SEARCH_POLICY,
            "search_query": reply.search_query,
            "search_results": list(reply.search_results),
            "sources": list(reply.sources),
        }
        return (BotSpoke(message=BotMessage(text=reply.text), metadata=origin),)
    editor = scene.edit()
    editor.push_pattern("pattern_cannot_handle", {"reason": "cannot_handle_no_relevant_answer"})
    return editor.finish()


def _write_query(scene: ActionScene) -> KnowledgeQuery:
    state = scene.state
    lines = state.transcript
    asked = next((place for place in reversed(range(len(lines))) if lines[place].is_user), len(lines))
    own = {
        name: value
        for name, value in state.slots.items()
        if value is not None and (slot := scene.domain.slots.get(name)) is not None and not slot.is_builtin
    }
    question = state.last_message.text if state.last_message else ""
    return KnowledgeQuery(question=question, earlier=lines[:asked], slots=own)


async def chat_freely(scene: ActionScene) -> tuple[Event, ...]:
    """Free small talk needs a model; without one the assistant says what it cannot do."""
    editor = scene.edit()
    editor.push_pattern("pattern_cannot_handle", {"reason": "cannot_handle_chitchat"})
    return editor.finish()


async def send_text(scene: ActionScene) -> tuple[Event, ...]:
    """Say the text that the trigger of the action carries."""
    message = scene.state.last_message
    text = message.metadata.get("text") if message else None
    return (BotSpoke(message=BotMessage(text=str(text))),) if text else ()


DEFAULT_ACTION_TABLE: dict[str, DefaultAction] = {
    "action_back": go_back,
    "action_cancel_flow": cancel_flow,
    "action_cancel_interrupted_flows": cancel_interrupted_flows,
    "action_clarify_flows": clarify_flows,
    "action_clean_stack": clean_stack,
    "action_continue_interrupted_flow": continue_interrupted_flow,
    "action_correct_flow_slot": correct_flow_slot,
    "action_deactivate_form": deactivate_loop,
    "action_deactivate_loop": deactivate_loop,
    "action_default_ask_affirmation": ask_affirmation,
    "action_default_ask_rephrase": ask_rephrase,
    "action_default_fallback": fall_back,
    "action_handoff_metric": do_nothing,
    "action_hangup": hang_up,
    "action_listen": do_nothing,
    "action_repeat_bot_messages": repeat_bot_messages,
    "action_reset_routing": reset_routing,
    "action_restart": restart,
    "action_revert_fallback_events": revert_fallback_events,
    "action_run_slot_rejections": run_slot_rejections,
    "action_send_text": send_text,
    "action_session_start": start_new_session,
    "action_trigger_chitchat": chat_freely,
    "action_trigger_search": answer_from_documents,
    "action_unlikely_intent": do_nothing,
}
