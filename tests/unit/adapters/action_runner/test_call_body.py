"""The body of a call, against what it is made of."""

import json

from duologue.adapters.action_runner.call_body import BodyWriter
from duologue.core.events import ActionExecuted, Event, SlotWasSet, UserSpoke
from duologue.wire.events import format_event
from duologue.wire.tracker import format_tracker
from tests.unit.adapters.action_runner.played_server import DOMAIN, make_call

EVENTS: list[Event] = [
    UserSpoke(text="I want to pay", timestamp=1.0, message_id="m1"),
    ActionExecuted(name="action_one", timestamp=2.0),
    SlotWasSet(name="amount", value={"sum": 5}, timestamp=2.0),
]


def read(body: bytes) -> dict[str, object]:
    return json.loads(body)


def test_the_pieces_are_the_call_of_the_protocol() -> None:
    call = make_call()
    body = read(BodyWriter().write(call, EVENTS, domain_digest="d1"))
    tracker = format_tracker(call.state, EVENTS, DOMAIN)
    assert body.pop("tracker") == json.loads(json.dumps(tracker))
    assert body == {
        "next_action": "action_one",
        "sender_id": "anna",
        "version": "3.6.0",
        "idempotency_key": "anna/m1/1",
        "domain_digest": "d1",
    }


def test_events_that_differ_a_little_are_not_taken_for_each_other() -> None:
    writer = BodyWriter()
    for value in (1, 1.0, "1", True, None, [1], {"a": 1}, 1):
        events = [SlotWasSet(name="amount", value=value, timestamp=2.0)]
        for _ in range(2):
            tracker = read(writer.write(make_call(), events, domain_digest=""))["tracker"]
            assert isinstance(tracker, dict)
            assert json.dumps(tracker["events"]) == json.dumps([format_event(events[0])])


def test_half_a_character_is_mended_wherever_it_stands() -> None:
    events = [UserSpoke(text="\ud83d", timestamp=1.0), UserSpoke(text="x" * 10_000, timestamp=1.0)]
    body = BodyWriter().write(make_call(conversation_id="\udc00"), events, domain_digest="")
    assert "\N{REPLACEMENT CHARACTER}" in body.decode()


def test_more_events_than_are_kept_are_written_too() -> None:
    writer = BodyWriter()
    events = [UserSpoke(text="Hello", timestamp=float(number)) for number in range(1, 9_000)]
    for _ in range(2):
        tracker = read(writer.write(make_call(), events, domain_digest=""))["tracker"]
        assert isinstance(tracker, dict)
        assert [event["timestamp"] for event in tracker["events"]] == [float(n) for n in range(1, 9_000)]
