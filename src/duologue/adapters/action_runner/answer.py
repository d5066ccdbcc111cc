"""What an action answered, checked before it becomes part of a conversation."""

from typing import NoReturn

from msgspec.structs import replace

from duologue.core.errors import ActionError
from duologue.core.events import Event, UserSpoke
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionResult
from duologue.wire.encoding import encode_json
from duologue.wire.events import parse_event
from duologue.wire.members import MalformedError, Members, decode_json, is_list, is_object

DEEPEST = 64
"""Levels of lists and objects in an answer; what is nested deeper is not read again for sure."""
_LISTS = ("buttons", "elements", "quick_replies")
_TEXTS = ("response", "template", "image")


def parse_answer(action_name: str, answer: object) -> ActionResult:
    """The result in an answer of the action protocol: `{"events": […], "responses": […]}`.

    Raises:
        ActionError: it is not what the protocol says; the text names the action.
    """
    if not is_object(answer):
        _refuse(action_name, "the answer must be an object with `events` and `responses`")
    if not _is_shallow(answer, DEEPEST):
        _refuse(action_name, f"it nests lists and objects more than {DEEPEST} deep")
    members = Members(answer, "the answer")
    try:
        return ActionResult(
            events=tuple(
                _own(parse_event(event)) for event in members.get_list("events") if not _is_stack(event)
            ),
            responses=tuple(_check_response(response) for response in members.get_list("responses")),
        )
    except MalformedError as error:
        _refuse(action_name, str(error).rstrip("."), error)


def require_plain(action_name: str, answer: object) -> object:
    """The answer of an action that ran in this process, as it would have come over the network.

    Raises:
        ActionError: JSON cannot hold it.
    """
    try:
        return decode_json(encode_json(answer), "The answer")
    except (MalformedError, TypeError, ValueError, OverflowError, RecursionError) as error:
        _refuse(action_name, f"JSON cannot hold it ({error})", error)


def _refuse(action_name: str, reason: str, cause: Exception | None = None) -> NoReturn:
    raise ActionError(
        f"The action {action_name!r} answered with something that is of no use: {reason}.",
        action_name=action_name,
    ) from cause


def _is_stack(event: object) -> bool:
    """A change of the dialogue stack, which is the platform's own; it means nothing without the stack before it."""
    return is_object(event) and event.get("event") == "stack"


def _own(event: Event) -> Event:
    """The event as a part of this turn: an action may hand back old ones, whose message is stored already."""
    if isinstance(event, UserSpoke) and event.message_id is not None:
        return replace(event, message_id=None)
    return event


def _check_response(response: object) -> OpenData:
    if not is_object(response):
        raise MalformedError("a response must be an object")
    what = "a response"
    members = Members(response, what)
    for name in _TEXTS:
        members.find_text(name)
    for name in _LISTS:
        members.get_list(name)
    if not all(is_object(button) for button in members.get_list("buttons")):
        raise MalformedError(f"a button of {what} must be an object")
    return {**response, "text": _read_text(response.get("text")), "custom": _read_custom(response)}


def _read_text(text: object) -> str | None:
    # Authors pass a number now and then; people see it as it is written.
    if text is None or isinstance(text, str):
        return text
    return encode_json(text).decode()


def _read_custom(response: OpenData) -> OpenData:
    custom = response.get("custom")
    if custom is None or is_object(custom):
        return custom or {}
    return {"custom": custom}


def _is_shallow(value: object, levels: int) -> bool:
    if is_object(value):
        return levels > 0 and all(_is_shallow(item, levels - 1) for item in value.values())
    if is_list(value):
        return levels > 0 and all(_is_shallow(item, levels - 1) for item in value)
    return True
