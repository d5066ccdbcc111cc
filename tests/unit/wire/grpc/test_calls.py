"""Calls and answers as messages: what goes in over gRPC is what would come in over HTTP."""

from duologue.wire.grpc.calls import (
    encode_call,
    encode_domain,
    format_answer,
    format_call,
    format_chunk,
    parse_answer_message,
    parse_call,
    parse_chunk,
)
from duologue.wire.grpc.messages import WebhookRequest
from duologue.wire.grpc.structs import encode_struct

TRACKER = {
    "sender_id": "anna",
    "slots": {"amount": 5, "name": None},
    "latest_message": {"text": "Hello", "intent": {"name": "greet", "confidence": 0.9}},
    "events": [{"event": "user", "text": "Hello"}, {"event": "action", "name": "action_listen"}],
    "paused": True,
    "followup_action": "action_next",
    "active_loop": {"name": "order_form"},
    "latest_action_name": "action_listen",
    "stack": [{"frame_id": "A", "flow_id": "order"}],
    "user_id": "u1",
}
DOMAIN = {
    "config": {"store_entities_as_slots": True},
    "session_config": {"session_expiration_time": 60},
    "intents": ["greet", {"bye": {"use_entities": []}}],
    "entities": ["city", {"name": {"roles": ["first"]}}],
    "slots": {"amount": {"type": "float"}},
    "responses": {"utter_greet": [{"text": "Hi"}]},
    "actions": ["action_one", {"action_two": {"send_domain": True}}],
    "forms": {"order_form": {"required_slots": ["amount"]}},
    "e2e_actions": [{"action_text": "Hi there"}],
}
CALL = {"next_action": "action_one", "sender_id": "anna", "version": "3.6.0", "tracker": TRACKER}


def test_a_call_comes_back_whole() -> None:
    body = {**CALL, "domain": DOMAIN, "domain_digest": "d1"}
    assert parse_call(format_call(body)) == body


def test_a_call_with_encoded_parts_is_the_same_call() -> None:
    body = {**CALL, "tracker": {**TRACKER, "events": []}}
    encoded = encode_call(
        body,
        events=[encode_struct(event) for event in TRACKER["events"]],  # type: ignore[union-attr]
        domain=encode_domain(DOMAIN),
        digest="d1",
    )
    assert parse_call(WebhookRequest.FromString(encoded)) == {**CALL, "domain": DOMAIN, "domain_digest": "d1"}


def test_a_domain_that_is_left_out_is_not_an_empty_one() -> None:
    without = parse_call(WebhookRequest.FromString(encode_call(CALL, events=(), domain=None, digest=None)))
    empty = parse_call(WebhookRequest.FromString(encode_call(CALL, events=(), domain=b"", digest=None)))
    assert "domain" not in without
    assert "domain_digest" not in without
    assert empty["domain"]["intents"] == []


def test_what_a_tracker_leaves_out_has_the_values_it_has_over_http() -> None:
    tracker = parse_call(format_call({"next_action": "action_one"}))["tracker"]
    assert tracker["followup_action"] is None
    assert tracker["latest_action_name"] is None
    assert tracker["paused"] is False
    assert tracker["events"] == []
    assert "user_id" not in tracker


def test_an_active_loop_holds_texts_and_nothing_that_is_false() -> None:
    loop = {"name": "order_form", "is_interrupted": True, "rejected": False}
    tracker = parse_call(format_call({**CALL, "tracker": {**TRACKER, "active_loop": loop}}))["tracker"]
    assert tracker["active_loop"] == {"name": "order_form", "is_interrupted": "true"}


def test_an_answer_comes_back_whole() -> None:
    answer = {
        "events": [{"event": "slot", "name": "amount", "value": [1, {"a": None}]}],
        "responses": [{"text": "Hi", "buttons": [{"title": "Yes", "payload": "/affirm"}], "custom": {}}],
    }
    assert parse_answer_message(format_answer(answer)) == answer


def test_a_piece_keeps_what_the_protocol_has_a_field_for() -> None:
    piece = {
        "text": "Look",
        "image": "https://example.org/i.png",
        "custom": {"a": 1},
        "attachment": "https://example.org/f.pdf",
        "buttons": [{"title": "Yes", "payload": "/affirm"}],
        "elements": [{"title": "Card"}],
    }
    chunk = format_chunk("r1", {**piece, "colour": "blue", "event": "stream_chunk"})
    assert chunk.response_id == "r1"
    assert parse_chunk(chunk) == piece


def test_a_text_that_is_none_is_sent_as_it_is_written() -> None:
    assert parse_chunk(format_chunk("r1", {"text": 5})) == {"text": "5"}
