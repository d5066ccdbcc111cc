"""What an action server answered, whatever it was asked over."""

from enum import StrEnum
from typing import Any

import msgspec

# Events, responses and slots are open JSON.
Json = dict[str, Any]


class Outcome(StrEnum):
    """How a call ended."""

    RESULT = "a result"
    NOTHING = "nothing"
    REJECTED = "a rejection"
    UNKNOWN_ACTION = "an unknown action"
    NEEDS_DOMAIN = "a demand for the domain"
    FAILED = "a failure"
    NO_SUCH_CALL = "a call that the server does not have"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one call."""

    outcome: Outcome
    status: str
    """As the transport says it: `status 404`, `NOT_FOUND`."""
    events: tuple[Json, ...] = ()
    responses: tuple[Json, ...] = ()
    action_name: str | None = None
    """Which action a refusal is about."""
    text: str = ""
    """What a refusal says."""
    features: frozenset[str] = frozenset()
    """What the server announced with it."""


class StreamStep(StrEnum):
    """What a message of a stream says."""

    START = "chunk_start"
    PIECE = "chunk"
    END = "chunk_end"
    RESULT = "final_result"
    ERROR = "error"


class StreamEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a stream."""

    step: StreamStep
    response_id: str = ""
    piece: Json = {}
    """Of a chunk: `text`, `image`, `custom` …, as far as they are there."""


class Streamed(msgspec.Struct, frozen=True, kw_only=True):
    """A stream that has ended."""

    events: tuple[StreamEvent, ...]
    answer: Answer

    def find_pieces(self) -> list[str]:
        """The texts of all chunks, in order."""
        return [event.piece.get("text", "") for event in self.events if event.step is StreamStep.PIECE]
