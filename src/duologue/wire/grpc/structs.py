"""Plain JSON as a `google.protobuf.Struct`, and back.

A Struct knows one kind of number, the double. What is whole is read as an integer, so that 5 does not become 5.0 on the way;
integers beyond 2**53 lose digits.
"""

import functools
import math
import re
import struct
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec
from google.protobuf.struct_pb2 import Struct, Value

from duologue.core.values import OpenData

_LARGEST_WHOLE = 2.0**53
DEEPEST = 30
"""Levels of lists and objects: libraries of protobuf refuse messages with more than 100 levels, and a Struct needs three for each."""

# What follows writes the bytes of a Struct by hand, since building a tree of messages for each number and text takes far
# longer. In its .proto: Struct.fields = 1 is a map, so each member is a message {key = 1, value = 2}; Value is a oneof
# {null = 1, number = 2, string = 3, bool = 4, struct = 5, list = 6}; ListValue.values = 1.
_MEMBER = _KEY = _ITEM = b"\x0a"
_MEMBER_VALUE = b"\x12"
_NULL = b"\x08\x00"
_NUMBER = b"\x11"
_TEXT = b"\x1a"
_FLAGS = (b"\x20\x00", b"\x20\x01")
_OBJECT = b"\x2a"
_LIST = b"\x32"

_pack_double = struct.Struct("<d").pack
_SHORT_LENGTHS = tuple(bytes([length]) for length in range(128))
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def encode_struct(data: Mapping[str, object]) -> bytes:
    """The object as the bytes of a Struct.

    Raises:
        ValueError: it nests too deep, or JSON cannot hold it.
    """
    try:
        return _encode_members(data, DEEPEST)
    except (TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error


def _encode_members(data: Mapping[str, object], levels: int) -> bytes:
    if not levels:
        raise ValueError(f"it nests lists and objects more than {DEEPEST} deep")
    parts: list[bytes] = []
    for name, value in data.items():
        key = _encode_key(name)
        encoded = _encode_value(value, levels)
        size = len(encoded)
        length = _SHORT_LENGTHS[size] if size < 128 else encode_length(size)
        size += len(key) + len(length)
        parts += (
            _MEMBER,
            _SHORT_LENGTHS[size] if size < 128 else encode_length(size),
            key,
            length,
            encoded,
        )
    return b"".join(parts)


# The same names come again and again; the bound is there for names that people make up.
@functools.lru_cache(maxsize=2048, typed=True)
def _encode_key(name: object) -> bytes:
    key = _encode_text(str(name))
    return _KEY + encode_length(len(key)) + key + _MEMBER_VALUE


def _encode_value(value: object, levels: int) -> bytes:
    # By how often they come; subclasses and everything else take the long way.
    kind = type(value)
    if kind is str:
        text = _encode_text(cast("str", value))
        return _TEXT + encode_length(len(text)) + text
    if value is None:
        return _NULL
    if kind is float or kind is int:
        number = cast("float", value)
        # As in JSON, which has no other numbers either.
        return _NUMBER + _pack_double(number) if math.isfinite(number) else _NULL
    if kind is bool:
        return _FLAGS[cast("bool", value)]
    if kind is dict:
        members = _encode_members(cast("OpenData", value), levels - 1)
        return _OBJECT + encode_length(len(members)) + members
    if kind is list or kind is tuple:
        items = _encode_items(cast("Sequence[object]", value), levels - 1)
        return _LIST + encode_length(len(items)) + items
    return _encode_other(value, levels)


def _encode_items(items: Sequence[object], levels: int) -> bytes:
    if not levels:
        raise ValueError(f"it nests lists and objects more than {DEEPEST} deep")
    parts: list[bytes] = []
    for item in items:
        encoded = _encode_value(item, levels)
        parts += (_ITEM, encode_length(len(encoded)), encoded)
    return b"".join(parts)


def _encode_other(value: object, levels: int) -> bytes:
    """A kind of value that JSON has no word for, written as it is over HTTP: a date as text, an enum as its value."""
    plain = cast("object", msgspec.to_builtins(value, str_keys=True))
    if type(plain) is type(value):
        raise ValueError(f"JSON cannot hold a value of type {type(value).__name__}")
    return _encode_value(plain, levels)


def _encode_text(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()


def encode_length(length: int) -> bytes:
    """The length of a field, as it stands before its content."""
    if length < 128:
        return _SHORT_LENGTHS[length]
    encoded = bytearray()
    while length > 127:
        encoded.append(length & 127 | 128)
        length >>= 7
    encoded.append(length)
    return bytes(encoded)


def read_struct(message: Struct) -> OpenData:
    """The object that a Struct holds."""
    return {name: _read_value(value) for name, value in message.fields.items()}


def _read_value(message: Value) -> object:
    match message.WhichOneof("kind"):
        case "string_value":
            return message.string_value
        case "number_value":
            number = message.number_value
            return int(number) if number.is_integer() and abs(number) <= _LARGEST_WHOLE else number
        case "bool_value":
            return message.bool_value
        case "struct_value":
            return read_struct(message.struct_value)
        case "list_value":
            return [_read_value(item) for item in message.list_value.values]
        case _:
            return None
