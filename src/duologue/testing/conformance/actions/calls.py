"""Bodies of calls that the checks send."""

from collections.abc import Mapping, Sequence
from typing import Any

from duologue.testing.conformance.actions.answers import Json
from duologue.wire.action_call import PROTOCOL_VERSION

DOMAIN: Json = {
    "config": {"store_entities_as_slots": True},
    "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    "intents": ["greet", "bye", {"order": {"use_entities": ["size"]}}],
    "entities": ["size"],
    "slots": {"size": {"type": "text", "mappings": [{"type": "from_entity", "entity": "size"}]}},
    "responses": {"utter_greet": [{"text": "Hello {name}."}]},
    "actions": ["conformance_say"],
    "forms": {},
    "e2e_actions": [],
}
DIGEST = "conformance-1"
"""The digest that the calls name their domain by."""


def describe_call(
    action_name: str | None,
    *,
    sender_id: str = "conformance",
    slots: Mapping[str, Any] | None = None,
    events: Sequence[Json] = (),
    text: str = "hi",
    domain: Json | None = DOMAIN,
    digest: str | None = DIGEST,
) -> Json:
    """The body of a call, complete but for what is None."""
    body: Json = {
        "sender_id": sender_id,
        "tracker": {
            "sender_id": sender_id,
            "slots": dict(slots or {}),
            "latest_message": {
                "text": text,
                "intent": {"name": "greet", "confidence": 1.0},
                "intent_ranking": [{"name": "greet", "confidence": 1.0}],
                "entities": [],
            },
            "events": list(events),
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": "action_listen",
            "stack": [],
        },
        "version": PROTOCOL_VERSION,
    }
    if action_name is not None:
        body["next_action"] = action_name
    if domain is not None:
        body["domain"] = domain
    if digest is not None:
        body["domain_digest"] = digest
    return body


def describe_user_event(number: int, *, text: str = "hi") -> Json:
    """A `user` event of the conversation."""
    return {
        "event": "user",
        "timestamp": 1700000000.0 + number,
        "text": text,
        "parse_data": {"text": text, "intent": {"name": "greet", "confidence": 1.0}, "entities": []},
        "input_channel": "rest",
        "message_id": f"m{number}",
        "metadata": {},
    }
