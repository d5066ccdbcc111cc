"""Appends as DynamoDB's items keep within what DynamoDB takes."""

import json
from typing import Any

import pytest

from duologue.adapters.tracker_store.dynamodb_items import (
    EncodedAppend,
    encode_append,
    list_parts,
    make_transaction,
    pack,
    unpack,
)
from duologue.adapters.tracker_store.pending_append import prepare_append
from duologue.core.events import Event, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId

LONGEST = "🦊" * 255
LARGE = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(300_000))


def encode(*events: Event, expected: int = 0, conversation_id: str = "anna") -> EncodedAppend:
    return encode_append(
        prepare_append(ConversationId(conversation_id), events, expected=expected, snapshot=None)
    )


def measure(item: Any) -> int:
    return len(json.dumps(item, default=lambda data: data.decode("latin-1")).encode())


def test_a_usual_append_is_one_transaction_of_three_items() -> None:
    encoded = encode(UserSpoke(text="hi", message_id="m-1", timestamp=1.0), SlotWasSet(name="n", value=1))
    assert not encoded.is_long
    assert len(make_transaction(encoded, "i", "table", is_noted=False)) == 3


def test_the_longest_ids_fit_into_keys() -> None:
    encoded = encode(UserSpoke(text="hi", message_id=LONGEST, timestamp=1.0), conversation_id=LONGEST)
    for part in make_transaction(encoded, "0" * 16, "table", is_noted=False):
        (action,) = part.values()
        key = action.get("Key") or action["Item"]
        assert len(key["pk"]["S"].encode()) <= 2048
        assert len(key["sk"]["S"].encode()) <= 1024


def test_a_large_event_goes_into_parts_that_each_fit() -> None:
    encoded = encode(SlotWasSet(name="document", value=LARGE))
    assert encoded.has_parts
    parts = list_parts(encoded, "i")
    assert len(parts) > 1
    assert all(len(part["data"]["B"]) < 390_000 for part in parts)
    assert b"".join(part["data"]["B"] for part in parts) == encoded.events
    assert measure(make_transaction(encoded, "i", "table", is_noted=True)) < 10_000


@pytest.mark.parametrize(("count", "is_long"), [(90, False), (91, True)])
def test_more_messages_than_a_transaction_takes_make_an_append_long(count: int, is_long: bool) -> None:
    encoded = encode(*(UserSpoke(text="x", message_id=str(n), timestamp=1.0) for n in range(count)))
    assert encoded.is_long is is_long
    assert len(make_transaction(encoded, "i", "table", is_noted=is_long)) <= 100


@pytest.mark.parametrize("data", [b"", b"{}", b'{"a": "b"}' * 1000, LARGE.encode()])
def test_what_is_packed_comes_back(data: bytes) -> None:
    assert unpack(pack(data)) == data
    assert len(pack(data)) <= len(data)
