"""Plain JSON in the bytes of a Struct, which other libraries of protobuf read and write."""

from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from hypothesis import given, settings
from hypothesis import strategies as st

from duologue.wire.grpc.structs import DEEPEST, encode_struct, read_struct

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(texts, values, max_size=5))
def test_an_object_is_read_as_it_was_written_by_us_and_by_the_library(data: dict[str, Any]) -> None:
    message = Struct.FromString(encode_struct(data))
    assert read_struct(message) == data
    assert json_format.MessageToDict(message) == data


def test_a_text_longer_than_a_byte_can_count_is_whole() -> None:
    data = {"a" * 300: "ä" * 70_000}
    assert read_struct(Struct.FromString(encode_struct(data))) == data


@pytest.mark.parametrize(
    ("number", "read"), [(5, 5), (5.0, 5), (5.5, 5.5), (-3, -3), (2**53, 2**53), (1e300, 1e300)]
)
def test_whole_numbers_are_whole_on_the_other_side(number: float, read: float) -> None:
    (value,) = read_struct(Struct.FromString(encode_struct({"amount": number}))).values()
    assert (type(value), value) == (type(read), read)


class Mood(StrEnum):
    GOOD = "good"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ((1, 2), [1, 2]),
        (date(2031, 1, 2), "2031-01-02"),
        (Mood.GOOD, "good"),
        (float("nan"), None),
        (float("inf"), None),
        ("half a \ud83d", "half a \ufffd"),
        ({1: "one"}, {"1": "one"}),
    ],
)
def test_what_json_has_no_word_for_is_written_as_it_is_over_http(value: object, read: object) -> None:
    assert read_struct(Struct.FromString(encode_struct({"value": value}))) == {"value": read}


@pytest.mark.parametrize("value", [object(), 10**400, {"a": {object()}}])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode_struct({"value": value})


def nest(levels: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for _ in range(levels - 1):
        data = {"inner": data}
    return data


def test_the_deepest_object_is_still_read_by_the_library() -> None:
    data = nest(DEEPEST)
    assert read_struct(Struct.FromString(encode_struct(data))) == data


@pytest.mark.parametrize("data", [nest(DEEPEST + 1), {"list": [[[nest(DEEPEST - 3)]]]}])
def test_what_nests_deeper_is_refused_with_a_reason(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"more than {DEEPEST} deep"):
        encode_struct(data)
