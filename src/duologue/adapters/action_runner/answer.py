"""What an action answered, checked before it becomes part of a conversation."""

import asyncio
from collections.abc import Sized
from difflib import get_close_matches
from typing import NoReturn, get_args

import msgspec
from msgspec.structs import replace

from duologue.core.errors import ActionError
from duologue.core.events import Event, OtherEvent, UserSpoke
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionResult
from duologue.wire.encoding import encode_json
from duologue.wire.events import parse_event
from duologue.wire.members import MalformedError, Members, decode_json, is_list, is_object

DEEPEST = 64
"""Levels of lists and objects in an answer; what is nested deeper is not read again for sure."""
MOST_ITEMS = 1000
"""Events of an answer, and responses; more of them would hold up every other conversation while they are recorded."""
MOST_VALUES = 100_000
"""Commas of a large answer, near enough the values in it: more of them take seconds to read and to record."""
LARGE = 64 * 1024
"""Bytes of an answer that is read beside the event loop, one at a time."""
_SHOWN = 60
_LISTS = ("buttons", "elements", "quick_replies")
_TEXTS = ("response", "template", "image")
# Events of other servers that have no effect here; an action may hand them back.
_PASSED_ON = frozenset(
    {
        "agent_cancelled",
        "agent_completed",
        "agent_interrupted",
        "agent_resumed",
        "agent_started",
        "topic",
    }
)


class _Pieces(msgspec.Struct, frozen=True):
    """An answer whose events and responses are still to be decoded."""

    events: list[msgspec.Raw] | None = None
    responses: list[msgspec.Raw] | None = None


_PIECES = msgspec.json.Decoder(_Pieces)


class AnswerReader:
    """Reads answers as they came; one for each server, so that its large ones wait for each other."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def read(self, action_name: str, content: bytes) -> ActionResult:
        """The result in the body of an answer.

        Raises:
            ActionError: it is not what the protocol says.
        """
        if len(content) <= LARGE:
            return parse_answer(action_name, _decode(action_name, content))
        async with self._turn:
            return await asyncio.to_thread(_read_piecewise, action_name, content)


def _read_piecewise(action_name: str, content: bytes) -> ActionResult:
    if content.count(b",") > MOST_VALUES:
        _refuse(action_name, f"it holds more than {MOST_VALUES} values")
    # One long decode would keep every other thread from running, the event loop's among them.
    try:
        pieces = _PIECES.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return parse_answer(action_name, _decode(action_name, content))  # which says what is wrong
    events, responses = pieces.events or [], pieces.responses or []
    _require_few(action_name, events, responses)
    answer = {
        "events": [_decode(action_name, bytes(event)) for event in events],
        "responses": [_decode(action_name, bytes(response)) for response in responses],
    }
    return parse_answer(action_name, answer)


def _decode(action_name: str, content: bytes) -> object:
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        _refuse(action_name, "it is no JSON", error)


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
        events, responses = members.get_list("events"), members.get_list("responses")
        _require_few(action_name, events, responses)
        return ActionResult(
            events=tuple(_own(_parse_event(event)) for event in events if not _is_stack(event)),
            responses=tuple(check_response(response) for response in responses),
        )
    except MalformedError as error:
        _refuse(action_name, str(error).rstrip("."), error)


def _require_few(action_name: str, events: Sized, responses: Sized) -> None:
    for count, what in ((len(events), "events"), (len(responses), "responses")):
        if count > MOST_ITEMS:
            _refuse(action_name, f"it has {count} {what}, and at most {MOST_ITEMS} are taken over")


def _parse_event(data: object) -> Event:
    event = parse_event(data)
    if isinstance(event, OtherEvent) and event.type_name not in _PASSED_ON:
        # Dropped in silence, it would be missed much later, as the effect that never came.
        nearest = get_close_matches(event.type_name, _list_event_types(), 1)
        hint = f"; did you mean `{nearest[0]}`" if nearest else ""
        raise MalformedError(f"there is no kind of event `{event.type_name[:_SHOWN]}`{hint}")
    return event


def _list_event_types() -> list[str]:
    return [str(kind.__struct_config__.tag) for kind in get_args(Event) if kind is not OtherEvent]


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


def check_response(response: object) -> OpenData:
    """A message of an action as the rest of the house expects it; a piece of a streamed one too.

    Raises:
        MalformedError: a member is of the wrong type.
    """
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
