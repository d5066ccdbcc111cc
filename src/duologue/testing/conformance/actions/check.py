"""One promise of the protocol, and how it is tried."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from duologue.testing.conformance.actions.answers import Answer, Json, Outcome
from duologue.testing.conformance.actions.door import Door, MismatchError, Transport

EVERYWHERE = frozenset(Transport)
OVER_HTTP = frozenset({Transport.HTTP})
OVER_GRPC = frozenset({Transport.GRPC})


class Part(StrEnum):
    """What a check is about."""

    PROTOCOL = "protocol"
    """Holds for every server, whatever its actions."""
    BEHAVIOUR = "behaviour"
    """Needs the reference actions."""
    STREAMING = "streaming"
    """Needs the reference actions and a transport that streams."""
    EXTENSIONS = "extensions"
    """What Duologue's own server does beyond the protocol, and a server may announce."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One promise."""

    name: str
    """A sentence without capital and full stop, unique in the suite."""
    part: Part
    # The kinds of doors differ; the transports below say which kind `run` gets.
    run: Callable[[Any], Awaitable[None]]
    """Raises `MismatchError` where the promise is not kept."""
    transports: frozenset[Transport] = EVERYWHERE
    actions: tuple[str, ...] = ()
    """The reference actions it needs."""
    feature: str | None = None
    """Tried only on servers that announce this."""


def require(holds: bool, sentence: str) -> None:
    """Raise `MismatchError` with this sentence unless it holds."""
    if not holds:
        raise MismatchError(sentence)


def require_outcome(answer: Answer, wanted: Outcome, what: str) -> None:
    """Complain about a call that ended another way."""
    require(
        answer.outcome is wanted,
        f"{what} ends in {answer.outcome} ({answer.status}) instead of {wanted}.",
    )


async def require_result(door: Door, body: Json, *, key: str | None = None) -> Answer:
    """The result of a call that has to give one."""
    answer = await door.call(body, key=key)
    require_outcome(answer, Outcome.RESULT, body["next_action"])
    return answer


def require_texts(answer: Answer, texts: list[str], what: str) -> None:
    """Complain about responses of other texts."""
    found = [response.get("text") for response in answer.responses]
    require(found == texts, f"{what} answers with the texts {found} instead of {texts}.")


def read_slots(answer: Answer, what: str) -> dict[str, Any]:
    """The slots that a result sets, in order; complains about any other event."""
    others = [event.get("event") for event in answer.events if event.get("event") != "slot"]
    require(not others, f"{what} answers with the events {others}, where it only sets slots.")
    return {event.get("name", ""): event.get("value") for event in answer.events}


def require_slots(answer: Answer, slots: Mapping[str, Any], what: str) -> None:
    """Complain about other slots than these, or another order."""
    found = read_slots(answer, what)
    require(
        list(found) == list(slots) and all(is_same(slots[name], found[name]) for name in slots),
        f"{what} sets {found} instead of {dict(slots)}.",
    )


def is_same(wanted: object, found: object) -> bool:
    """Say whether two JSON values are the same; 1 and 1.0 are, 1 and true are not."""
    match wanted, found:
        case (bool() | None, _) | (_, bool() | None):
            return wanted is found
        case dict(), dict():
            left, right = msgspec.convert(wanted, Json), msgspec.convert(found, Json)
            return left.keys() == right.keys() and all(is_same(left[name], right[name]) for name in left)
        case list(), list():
            pairs = zip(msgspec.convert(wanted, list[Any]), msgspec.convert(found, list[Any]), strict=False)
            return len(wanted) == len(found) and all(is_same(*pair) for pair in pairs)  # pyright: ignore[reportUnknownArgumentType] open JSON
        case _:
            return wanted == found
