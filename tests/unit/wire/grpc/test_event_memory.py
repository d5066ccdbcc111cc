"""Events that are worked out once."""

import pytest
from google.protobuf.struct_pb2 import Struct

from duologue.core.events import SlotWasSet, UserSpoke
from duologue.wire.events import format_event
from duologue.wire.grpc import event_memory
from duologue.wire.grpc.event_memory import EventMemory, read_event
from duologue.wire.grpc.structs import encode_struct


def test_an_event_is_encoded_as_it_would_be_without_a_memory() -> None:
    memory = EventMemory()
    events = [UserSpoke(text="Hello", timestamp=1.5), SlotWasSet(name="amount", value=[1, {"a": None}])]
    for event in (*events, *events):
        assert memory.encode(event) == encode_struct(format_event(event))


def test_events_that_differ_in_one_number_are_told_apart() -> None:
    memory = EventMemory()
    encoded = {memory.encode(SlotWasSet(name="amount", value=value)) for value in (1, 2, "1", True, None)}
    assert len(encoded) == 5


def test_the_oldest_event_makes_room_for_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_memory, "MOST_EVENTS", 2)
    memory = EventMemory()
    for number in (1, 2, 3, 1):
        event = SlotWasSet(name="amount", value=number)
        assert memory.encode(event) == encode_struct(format_event(event))


def test_what_an_action_changes_in_an_event_stays_its_own_affair() -> None:
    message = Struct.FromString(encode_struct({"event": "slot", "value": [1]}))
    first = read_event(message)
    first["value"].append(2)
    assert read_event(message) == {"event": "slot", "value": [1]}


def test_a_long_event_is_read_and_written_all_the_same() -> None:
    event = UserSpoke(text="x" * 10_000)
    encoded = EventMemory().encode(event)
    assert read_event(Struct.FromString(encoded))["text"] == "x" * 10_000
