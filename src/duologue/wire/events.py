"""Events as the world spells them: `{"event": "slot", "timestamp": …, "metadata": …, "name": …, "value": …}`."""

from collections.abc import Callable
from typing import TypedDict, assert_never

from duologue.core import events as ev
from duologue.core.events import Event
from duologue.core.stack import Stack
from duologue.core.values import OpenData
from duologue.wire.encoding import encode_json
from duologue.wire.members import Members, decode_json, require_object
from duologue.wire.messages import format_reply_data, parse_reply
from duologue.wire.stack import format_update, parse_update
from duologue.wire.understanding import (
    format_entity,
    format_understanding,
    parse_entity,
    parse_understanding,
)

_ENVELOPE = ("event", "timestamp", "metadata")


def get_type_name(event: Event) -> str:
    """The event's public type name."""
    if isinstance(event, ev.OtherEvent):
        return event.type_name
    return str(event.__struct_config__.tag)


def format_event(event: Event) -> OpenData:
    """The event's public JSON; a time that is not known yet is null."""
    formatted: OpenData = {
        "event": event.__struct_config__.tag,
        "timestamp": event.timestamp or None,
        "metadata": event.metadata,
    }
    formatted.update(_format_fields(event))
    return formatted


def encode_event(event: Event) -> bytes:
    """The event's public JSON as bytes."""
    return encode_json(format_event(event))


def decode_event(encoded: bytes | str, *, stack: Stack = ()) -> Event:
    """The event in its public JSON; see `parse_event`."""
    return parse_event(decode_json(encoded, "An event"), stack=stack)


def parse_event(data: object, *, stack: Stack = ()) -> Event:
    """The event in its public JSON, of ours or of others; types that we do not know become `OtherEvent`.

    `stack` is the dialogue stack before the event: other servers write only what changes in it.

    Raises:
        MalformedError: a member is missing or of the wrong type.
    """
    item = require_object(data, "An event")
    type_name = Members(item, "an event").require_text("event")
    members = Members(item, f"the event `{type_name}`")
    envelope: _Envelope = {
        "timestamp": members.find_number("timestamp") or 0.0,
        "metadata": members.get_object("metadata"),
    }
    if type_name == "stack":
        update = members.require_text("update")
        return ev.StackChanged(stack=parse_update(update, stack), **envelope)
    parse = _PARSERS.get(type_name, _parse_other)
    return parse(item, members, envelope)


# The order of the cases is by how often a turn has them.
def _format_fields(event: Event) -> OpenData:  # one case per event: long, flat and exhaustive
    match event:
        case ev.ActionExecuted():
            return {
                "name": event.name,
                "policy": event.policy,
                "confidence": event.confidence,
                "action_text": event.action_text,
                "hide_rule_turn": event.hide_rule_turn,
            }
        case ev.SlotWasSet():
            return _format_slot(event)
        case ev.StackChanged():
            return {"update": format_update(event.stack)}
        case ev.BotSpoke():
            return _format_bot(event)
        case ev.UserSpoke():
            return _format_user(event)
        case ev.FlowStarted():
            return {"flow_id": event.flow_id}
        case ev.FlowCompleted() | ev.FlowInterrupted() | ev.FlowResumed() | ev.FlowCancelled():
            return {"flow_id": event.flow_id, "step_id": event.step_id}
        case ev.ActionRejected():
            return {"name": event.name, "policy": event.policy, "confidence": event.confidence}
        case ev.EntitiesAdded():
            return {"entities": [format_entity(entity) for entity in event.entities]}
        case ev.UserFeaturized():
            return {"use_text_for_featurization": event.use_text_for_featurization}
        case ev.SessionStarted():
            return {"session_id": event.session_id}
        case ev.SessionPaused():
            return {"reason": event.reason}
        case ev.ReminderScheduled():
            return {
                "intent": event.intent,
                "entities": event.entities,
                "date_time": event.date_time,
                "name": event.name,
                "kill_on_user_msg": event.kill_on_user_message,
            }
        case ev.ReminderCancelled():
            return {"name": event.name, "intent": event.intent, "entities": event.entities}
        case ev.FollowupRequested() | ev.LoopActivated():
            return {"name": event.name}
        case ev.LoopInterrupted():
            return {"is_interrupted": event.is_interrupted}
        case ev.StoryExported():
            return {"path": event.path}
        case ev.AgentSpoke():
            return {"text": event.text, "data": event.data}
        case ev.TurnFailed():
            return {"error_type": event.error_type, "reason": event.reason}
        case ev.OtherEvent():
            return {"event": event.type_name, **event.data}
        case (
            ev.SessionEnded()
            | ev.ConversationInactive()
            | ev.ConversationRestarted()
            | ev.SlotsReset()
            | ev.ConversationPaused()
            | ev.ConversationResumed()
            | ev.UserReverted()
            | ev.ActionReverted()
            | ev.RoutingSessionEnded()
            | ev.TurnCutOff()
        ):
            return {}
        case _:
            assert_never(event)


def _format_slot(event: ev.SlotWasSet) -> OpenData:
    formatted: OpenData = {"name": event.name, "value": event.value}
    if event.filled_by is not None:
        formatted["filled_by"] = event.filled_by
    return formatted


def _format_bot(event: ev.BotSpoke) -> OpenData:
    message = event.message
    metadata = dict(event.metadata)
    if message.response is not None:
        metadata["utter_action"] = message.response
    if message.metadata:
        metadata["metadata"] = message.metadata
    return {"metadata": metadata, "text": message.text, "data": format_reply_data(message)}


def _format_user(event: ev.UserSpoke) -> OpenData:
    formatted: OpenData = {
        "text": event.text,
        "parse_data": format_understanding(
            event.understanding, text=event.text, message_id=event.message_id, metadata=event.metadata
        ),
        "input_channel": event.channel,
        "message_id": event.message_id,
    }
    if event.user_id is not None:
        formatted["user_id"] = event.user_id
    if event.reminder is not None:
        formatted["reminder"] = event.reminder
    return formatted


class _Envelope(TypedDict):
    """What every event carries."""

    timestamp: float
    metadata: OpenData


_Parser = Callable[[OpenData, Members, _Envelope], Event]


def _parse_user(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    parse_data = members.get_object("parse_data")
    message_id = members.find_text("message_id")
    channel = members.find_text("input_channel")
    return ev.UserSpoke(
        text=members.find_text("text") or "",
        understanding=parse_understanding(parse_data),
        channel="" if channel is None else channel,
        message_id=message_id,
        user_id=members.find_text("user_id"),
        reminder=members.find_text("reminder"),
        **envelope,
    )


def _parse_bot(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    metadata = envelope["metadata"]
    message = parse_reply(members.find_text("text"), members.get_object("data"), metadata)
    taken = {"utter_action"} if message.response is not None else set[str]()
    if message.metadata:
        taken.add("metadata")
    rest = {name: value for name, value in metadata.items() if name not in taken}
    return ev.BotSpoke(message=message, timestamp=envelope["timestamp"], metadata=rest)


def _parse_slot(item: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.SlotWasSet(
        name=members.require_text("name"),
        value=item.get("value"),
        filled_by=members.find_text("filled_by"),
        **envelope,
    )


def _parse_action(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    action_text = members.find_text("action_text")
    # An end-to-end turn has the text of the action in place of its name.
    name = members.find_text("name")
    return ev.ActionExecuted(
        name=name if name is not None else action_text or members.require_text("name"),
        policy=members.find_text("policy"),
        confidence=members.find_number("confidence"),
        action_text=action_text,
        hide_rule_turn=members.find_flag("hide_rule_turn") or False,
        **envelope,
    )


def _parse_rejection(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.ActionRejected(
        name=members.require_text("name"),
        policy=members.find_text("policy"),
        confidence=members.find_number("confidence"),
        **envelope,
    )


def _parse_entities(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    entities = tuple(parse_entity(item) for item in members.get_list("entities"))
    return ev.EntitiesAdded(entities=entities, **envelope)


def _parse_featurization(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.UserFeaturized(
        use_text_for_featurization=members.find_flag("use_text_for_featurization"), **envelope
    )


def _parse_session_start(item: OpenData, members: Members, envelope: _Envelope) -> Event:
    # Other servers name the session in the metadata only.
    source = members if "session_id" in item else Members(envelope["metadata"], "the metadata")
    return ev.SessionStarted(session_id=source.find_text("session_id") or "", **envelope)


def _parse_session_pause(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.SessionPaused(reason=members.find_text("reason"), **envelope)


def _parse_reminder(item: OpenData, members: Members, envelope: _Envelope) -> Event:
    kill = members.find_flag("kill_on_user_msg")
    if kill is None:
        kill = members.find_flag("kill_on_user_message")
    return ev.ReminderScheduled(
        intent=members.require_text("intent"),
        date_time=members.require_text("date_time"),
        name=members.find_text("name") or "",
        entities=item.get("entities"),
        kill_on_user_message=kill is not False,
        **envelope,
    )


def _parse_reminder_cancellation(item: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.ReminderCancelled(
        name=members.find_text("name"),
        intent=members.find_text("intent"),
        entities=item.get("entities"),
        **envelope,
    )


def _parse_followup(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.FollowupRequested(name=members.require_text("name"), **envelope)


def _parse_loop(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.LoopActivated(name=members.find_text("name"), **envelope)


def _parse_loop_interruption(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.LoopInterrupted(is_interrupted=members.find_flag("is_interrupted") or False, **envelope)


def _parse_form_validation(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.LoopInterrupted(is_interrupted=members.find_flag("validate") is False, **envelope)


def _parse_export(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.StoryExported(path=members.find_text("path"), **envelope)


def _parse_agent(item: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.AgentSpoke(text=members.find_text("text"), data=members.get_object("data"), **envelope)


def _parse_failure(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.TurnFailed(
        error_type=members.require_text("error_type"),
        reason=members.find_text("reason") or "",
        **envelope,
    )


def _parse_flow_start(_: OpenData, members: Members, envelope: _Envelope) -> Event:
    return ev.FlowStarted(flow_id=members.require_text("flow_id"), **envelope)


_StepOfFlow = ev.FlowInterrupted | ev.FlowResumed | ev.FlowCompleted | ev.FlowCancelled


def _flow_parser(kind: type[_StepOfFlow]) -> _Parser:
    def parse(_: OpenData, members: Members, envelope: _Envelope) -> Event:
        step_id = members.find_text("step_id") or ""
        return kind(flow_id=members.require_text("flow_id"), step_id=step_id, **envelope)

    return parse


_WithoutFields = (
    ev.SessionEnded
    | ev.ConversationInactive
    | ev.ConversationRestarted
    | ev.SlotsReset
    | ev.ConversationPaused
    | ev.ConversationResumed
    | ev.UserReverted
    | ev.ActionReverted
    | ev.RoutingSessionEnded
    | ev.TurnCutOff
)


def _plain_parser(kind: type[_WithoutFields]) -> _Parser:
    def parse(_item: OpenData, _members: Members, envelope: _Envelope) -> Event:
        return kind(**envelope)

    return parse


def _parse_other(item: OpenData, _: Members, envelope: _Envelope) -> Event:
    data = {name: value for name, value in item.items() if name not in _ENVELOPE}
    return ev.OtherEvent(type_name=item["event"], data=data, **envelope)


_PARSERS: dict[str, _Parser] = {
    "user": _parse_user,
    "bot": _parse_bot,
    "slot": _parse_slot,
    "action": _parse_action,
    "action_execution_rejected": _parse_rejection,
    "entities": _parse_entities,
    "user_featurization": _parse_featurization,
    "session_started": _parse_session_start,
    "session_ended": _plain_parser(ev.SessionEnded),
    "session_paused": _parse_session_pause,
    "conversation_inactive": _plain_parser(ev.ConversationInactive),
    "restart": _plain_parser(ev.ConversationRestarted),
    "reset_slots": _plain_parser(ev.SlotsReset),
    "reminder": _parse_reminder,
    "cancel_reminder": _parse_reminder_cancellation,
    "followup": _parse_followup,
    "pause": _plain_parser(ev.ConversationPaused),
    "resume": _plain_parser(ev.ConversationResumed),
    "rewind": _plain_parser(ev.UserReverted),
    "undo": _plain_parser(ev.ActionReverted),
    "export": _parse_export,
    "agent": _parse_agent,
    "active_loop": _parse_loop,
    "form": _parse_loop,
    "loop_interrupted": _parse_loop_interruption,
    "form_validation": _parse_form_validation,
    "flow_started": _parse_flow_start,
    "flow_interrupted": _flow_parser(ev.FlowInterrupted),
    "flow_resumed": _flow_parser(ev.FlowResumed),
    "flow_completed": _flow_parser(ev.FlowCompleted),
    "flow_cancelled": _flow_parser(ev.FlowCancelled),
    "routing_session_ended": _plain_parser(ev.RoutingSessionEnded),
    "turn_failed": _parse_failure,
    "turn_cut_off": _plain_parser(ev.TurnCutOff),
}
