"""Values to JSON bytes, whatever odd characters a person's text holds."""

import re
from typing import cast

import msgspec

from duologue.wire.members import is_list, is_object

_ENCODER = msgspec.json.Encoder()
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def encode_json(value: object) -> bytes:
    """UTF-8 JSON. Half a surrogate pair, which has no UTF-8, becomes U+FFFD: no text may stop a turn."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return _ENCODER.encode(_mend(msgspec.to_builtins(value)))


def _mend(value: object) -> object:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, tuple):
        return [_mend(item) for item in cast("tuple[object, ...]", value)]
    if is_list(value):
        return [_mend(item) for item in value]
    if is_object(value):
        return {_mend(name): _mend(item) for name, item in value.items()}
    return value
