"""Which object and which attributes the user means."""

from duologue.sdk.knowledge_base.mentions import (
    SLOT_ATTRIBUTE,
    SLOT_LAST_OBJECT,
    SLOT_LAST_OBJECT_TYPE,
    SLOT_LISTED_OBJECTS,
    SLOT_MENTION,
    SLOT_OBJECT_TYPE,
    get_attribute_slots,
    get_object_name,
    match_extracted_entities_to_object_type,
    reset_attribute_slots,
    resolve_mention,
)

from ..events import SlotSet

__all__ = [
    "SLOT_ATTRIBUTE",
    "SLOT_LAST_OBJECT",
    "SLOT_LAST_OBJECT_TYPE",
    "SLOT_LISTED_OBJECTS",
    "SLOT_MENTION",
    "SLOT_OBJECT_TYPE",
    "SlotSet",
    "get_attribute_slots",
    "get_object_name",
    "match_extracted_entities_to_object_type",
    "reset_attribute_slots",
    "resolve_mention",
]
