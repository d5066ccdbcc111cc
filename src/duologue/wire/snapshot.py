"""The state of a conversation as bytes: the snapshot beside the event log."""

import msgspec

from duologue.core.state import SNAPSHOT_VERSION, State
from duologue.wire.encoding import encode_json

_PREFIX = b"%d\n" % SNAPSHOT_VERSION
_DECODER = msgspec.json.Decoder(State)


def encode_snapshot(state: State) -> bytes:
    """The snapshot: a line with `SNAPSHOT_VERSION`, then the state."""
    return _PREFIX + encode_json(state)


def decode_snapshot(encoded: bytes) -> State | None:
    """The state, or None if the snapshot has another version or cannot be read."""
    if not encoded.startswith(_PREFIX):
        return None
    try:
        return _DECODER.decode(memoryview(encoded)[len(_PREFIX) :])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
