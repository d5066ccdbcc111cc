"""Events as Structs, and back, each worked out once: a conversation's events travel again with every call."""

import functools

import msgspec
from google.protobuf.struct_pb2 import Struct

from duologue.core.events import Event
from duologue.core.values import OpenData
from duologue.wire.events import format_event
from duologue.wire.grpc.structs import encode_struct, read_struct

MOST_EVENTS = 4096
LARGE = 4096
"""Bytes of an event that is worked out anew each time, so that what is kept stays small."""


class EventMemory:
    """Keeps the latest events as the bytes of Structs. For one thread."""

    def __init__(self) -> None:
        self._encoded: dict[bytes, bytes] = {}

    def encode(self, event: Event) -> bytes:
        """The event's public JSON as the bytes of a Struct.

        Raises:
            ValueError: it nests too deep, or JSON cannot hold it.
        """
        key = _find_key(event)
        if key is None:
            return encode_struct(format_event(event))
        encoded = self._encoded.get(key)
        if encoded is None:
            if len(self._encoded) >= MOST_EVENTS:
                del self._encoded[next(iter(self._encoded))]  # the one that came first
            encoded = self._encoded[key] = encode_struct(format_event(event))
        return encoded


def _find_key(event: Event) -> bytes | None:
    """What is the same for equal events only, and costs a twentieth of encoding them; None for what is not kept."""
    try:
        key = msgspec.json.encode(event)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    return key if len(key) <= LARGE else None


def read_event(message: Struct) -> OpenData:
    """The JSON of an event. Each time another object: authors may change what they are given."""
    data = message.SerializeToString()
    return read_struct(message) if len(data) > LARGE else msgspec.json.decode(_read_text(data))


@functools.lru_cache(maxsize=MOST_EVENTS)
def _read_text(data: bytes) -> bytes:
    return msgspec.json.encode(read_struct(Struct.FromString(data)))
