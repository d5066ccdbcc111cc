"""The dialogue stack as public JSON: a list of frames, bottom first, and the patches of `stack` events."""

from typing import Any

from duologue.core.ids import FrameId
from duologue.core.stack import START, FlowFrame, Frame, FrameType, PatternFrame, Stack, new_frame_id
from duologue.core.values import OpenData
from duologue.wire.encoding import encode_json
from duologue.wire.json_patch import apply_patch
from duologue.wire.members import MalformedError, Members, decode_json, is_list, is_object, require_object

_WHOLE = {"op": "replace", "path": ""}
_OWN_MEMBERS = frozenset({"type", "frame_id", "flow_id", "step_id", "fingerprint", "context"})


def format_stack(stack: Stack) -> list[OpenData]:
    """The frames, bottom first."""
    return [format_frame(frame) for frame in stack]


def parse_stack(data: object) -> Stack:
    """The frames of a list, bottom first."""
    if not is_list(data):
        raise MalformedError("The dialogue stack must be a list of frames.")
    return tuple(parse_frame(item) for item in data)


def format_frame(frame: Frame) -> OpenData:
    """One frame; the context of a pattern stands beside its other members."""
    formatted: OpenData = {
        "frame_id": frame.frame_id,
        "flow_id": frame.flow_id,
        "step_id": frame.step_id,
        "type": "flow" if isinstance(frame, FlowFrame) else frame.flow_id,
    }
    if frame.fingerprint:
        formatted["fingerprint"] = frame.fingerprint
    if isinstance(frame, FlowFrame):
        formatted["frame_type"] = frame.frame_type.value
        if frame.repeats_step:
            formatted["repeats_step"] = True
    elif _OWN_MEMBERS.isdisjoint(frame.context):
        formatted.update(frame.context)
    else:  # a context that uses one of our own names cannot stand beside them
        formatted["context"] = frame.context
    return formatted


def parse_frame(data: object) -> Frame:
    """One frame, of ours or as other servers write it."""
    item = require_object(data, "A frame of the dialogue stack")
    members = Members(item, "a frame of the dialogue stack")
    type_name = members.require_text("type")
    flow_id, frame_id = members.find_text("flow_id"), members.find_text("frame_id")
    common: dict[str, Any] = {  # `Any`: the constructors check what they are given by name
        "flow_id": type_name if flow_id is None else flow_id,
        "step_id": START if (step_id := members.find_text("step_id")) is None else step_id,
        "frame_id": new_frame_id() if frame_id is None else FrameId(frame_id),
        "fingerprint": members.find_text("fingerprint") or "",
    }
    if type_name == "flow":
        frame_type = _parse_frame_type(item.get("frame_type"))
        return FlowFrame(frame_type=frame_type, repeats_step=item.get("repeats_step") is True, **common)
    nested = item.get("context")
    context: OpenData = nested if is_object(nested) else {}
    beside = {name: value for name, value in item.items() if name not in _OWN_MEMBERS}
    return PatternFrame(context={**context, **beside}, **common)


def _parse_frame_type(value: object) -> FrameType:
    try:
        return FrameType(value)
    except ValueError:
        return FrameType.REGULAR


def format_update(stack: Stack) -> str:
    """A patch that replaces the whole stack, so that it can be read without the ones before it."""
    return encode_json([{"op": "replace", "path": "", "value": format_stack(stack)}]).decode()


def parse_update(update: str, stack: Stack) -> Stack:
    """The stack after a patch; `stack` is the one before it."""
    patch = decode_json(update, "The `update` of a `stack` event")
    if is_list(patch) and len(patch) == 1 and is_object(patch[0]) and _WHOLE.items() <= patch[0].items():
        return parse_stack(patch[0].get("value"))
    return parse_stack(apply_patch(format_stack(stack), patch))
