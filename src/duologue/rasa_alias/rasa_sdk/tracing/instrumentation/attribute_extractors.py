"""What the spans around our methods tell; each function takes what the method takes."""

# pyright: basic

import asyncio
import json
from typing import Any

from ...executor import ActionExecutor, CollectingDispatcher
from ...forms import ValidationAction
from ...interfaces import Tracker
from ...types import ActionCall, DomainDict


def extract_attrs_for_action_executor(
    self: ActionExecutor,
    action_call: ActionCall,
    sink: asyncio.Queue | None = None,
    dispatcher: CollectingDispatcher | None = None,
) -> dict[str, Any]:
    """Tell who called which action."""
    noted: dict[str, Any] = {"sender_id": action_call.get("sender_id", "None")}
    if action_name := action_call.get("next_action"):
        noted["action_name"] = action_name
    return noted


def extract_attrs_for_validation_action(
    self: ValidationAction, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> dict[str, Any]:
    """Tell which slots are checked."""
    return {
        "class_name": type(self).__name__,
        "sender_id": tracker.sender_id,
        "slots_to_validate": json.dumps(list(tracker.slots_to_validate())),
        "action_name": self.name(),
    }


def extract_attrs_for_action_executor_create_api_response(
    events: list[dict[str, Any]], messages: list[dict[str, Any]]
) -> dict[str, Any]:
    """Tell the kinds of events, the slots they set, and the responses an action gave."""
    slots = [
        event.get("name")
        for event in events
        if event.get("event") == "slot" and event.get("name") != "requested_slot"
    ]
    return {
        "events": _list_once(event.get("event") for event in events),
        "slots": _list_once(slots),
        "utters": json.dumps([message["response"] for message in messages if message.get("response")]),
        "message_count": len(messages),
    }


def _list_once(names: Any) -> str:
    return json.dumps(list(dict.fromkeys(names)))
