"""Which object and which attributes the user means."""

from collections.abc import Callable, Mapping
from typing import Any

from duologue.sdk.events import SlotSet
from duologue.sdk.payloads import EventType
from duologue.sdk.tracker import Tracker

SLOT_MENTION = "mention"
SLOT_OBJECT_TYPE = "object_type"
SLOT_ATTRIBUTE = "attribute"
SLOT_LISTED_OBJECTS = "knowledge_base_listed_objects"
SLOT_LAST_OBJECT = "knowledge_base_last_object"
SLOT_LAST_OBJECT_TYPE = "knowledge_base_last_object_type"

# Keys of objects are what the author's data has: text or numbers.
OrdinalMentions = Mapping[str, Callable[[list[Any]], Any]]


def get_object_name(
    tracker: Tracker, ordinal_mention_mapping: OrdinalMentions, use_last_object_mention: bool = True
) -> Any:
    """Find the object the user means: by a mention ("the first one"), by its name, or the one talked about last."""
    if tracker.get_slot(SLOT_MENTION):
        return resolve_mention(tracker, ordinal_mention_mapping)
    object_type = tracker.get_slot(SLOT_OBJECT_TYPE)
    if object_type and (name := tracker.get_slot(object_type)):
        return name
    return tracker.get_slot(SLOT_LAST_OBJECT) if use_last_object_mention else None


def resolve_mention(tracker: Tracker, ordinal_mention_mapping: OrdinalMentions) -> Any:
    """Find the object a mention means: a place in the last list, otherwise the one talked about last."""
    mention = tracker.get_slot(SLOT_MENTION)
    if not mention:
        return None
    listed = tracker.get_slot(SLOT_LISTED_OBJECTS)
    last = tracker.get_slot(SLOT_LAST_OBJECT)
    if listed and mention in ordinal_mention_mapping:
        try:
            return ordinal_mention_mapping[mention](listed)
        except IndexError:
            # "The fifth one" of three: the user means nothing we listed.
            return None
    return last if tracker.get_slot(SLOT_LAST_OBJECT_TYPE) else None


def get_attribute_slots(tracker: Tracker, object_attributes: list[str]) -> list[dict[str, Any]]:
    """Give the attributes whose slots are filled, as `{"name": …, "value": …}`."""
    return [
        {"name": name, "value": tracker.slots[name]}
        for name in object_attributes
        if tracker.slots.get(name) is not None
    ]


def reset_attribute_slots(tracker: Tracker, object_attributes: list[str]) -> list[EventType]:
    """Empty the filled attribute slots, so that they do not narrow the next question."""
    return [SlotSet(attribute["name"]) for attribute in get_attribute_slots(tracker, object_attributes)]


def match_extracted_entities_to_object_type(tracker: Tracker, object_types: list[str]) -> str | None:
    """Find the first entity of the latest message that names a type."""
    entities: list[dict[str, Any]] = tracker.latest_message.get("entities") or []
    return next((entity["entity"] for entity in entities if entity.get("entity") in object_types), None)
