"""Slot mappings written in code, and whether one fits the latest message."""

from enum import Enum
from typing import Any

from duologue.sdk.payloads import DomainDict
from duologue.sdk.tracker import Tracker

# A mapping is an entry of the domain's YAML: open JSON, hence `Any`.
Mapping = dict[str, Any]
Names = str | list[str] | None


class SlotMapping(Enum):
    """The kinds of mappings; its methods make one of each."""

    FROM_ENTITY = 0
    FROM_INTENT = 1
    FROM_TRIGGER_INTENT = 2
    FROM_TEXT = 3
    CUSTOM = 4

    def __str__(self) -> str:
        """Give the name the domain uses."""
        return self.name.lower()

    @staticmethod
    def to_list(x: Any) -> list[Any]:
        """Make a list of nothing, of one thing, or of a list."""
        if x is None:
            return []
        return x if isinstance(x, list) else [x]  # pyright: ignore[reportUnknownVariableType]

    @staticmethod
    def from_entity(
        entity: str,
        intent: Names = None,
        not_intent: Names = None,
        role: str | None = None,
        group: str | None = None,
    ) -> Mapping:
        """Fill the slot from an entity."""
        return {
            **_mapping(SlotMapping.FROM_ENTITY, intent, not_intent),
            "entity": entity,
            "role": role,
            "group": group,
        }

    @staticmethod
    def from_intent(value: Any, intent: Names = None, not_intent: Names = None) -> Mapping:
        """Give the slot a value when an intent comes."""
        return {**_mapping(SlotMapping.FROM_INTENT, intent, not_intent), "value": value}

    @staticmethod
    def from_trigger_intent(value: Any, intent: Names = None, not_intent: Names = None) -> Mapping:
        """Give the slot a value when an intent starts the form."""
        return {**_mapping(SlotMapping.FROM_TRIGGER_INTENT, intent, not_intent), "value": value}

    @staticmethod
    def from_text(intent: Names = None, not_intent: Names = None) -> Mapping:
        """Fill the slot with the whole message."""
        return _mapping(SlotMapping.FROM_TEXT, intent, not_intent)

    @staticmethod
    def intent_is_desired(mapping: Mapping, tracker: Tracker, domain: DomainDict) -> bool:
        """Say whether the latest intent is one the mapping allows."""
        allowed = SlotMapping.to_list(mapping.get("intent"))
        refused = SlotMapping.to_list(mapping.get("not_intent"))
        if form_name := tracker.active_loop_name:
            refused = refused + SlotMapping._get_ignored_intents(mapping, domain, form_name)
        latest_intent: Mapping = tracker.latest_message.get("intent") or {}
        intent = latest_intent.get("name")
        return intent in allowed if allowed else intent not in refused

    @staticmethod
    def entity_is_desired(mapping: Mapping, tracker: Tracker) -> bool:
        """Say whether the latest message has the entity the mapping wants."""
        keys = ("entity", "role", "group")
        entities: list[Mapping] = tracker.latest_message.get("entities") or []
        return any(all(entity.get(key) == mapping.get(key) for key in keys) for entity in entities)

    @staticmethod
    def _get_ignored_intents(mapping: Mapping, domain: DomainDict, active_loop_name: str) -> list[str]:
        conditions: list[Mapping] = mapping.get("conditions") or []
        if not any(condition.get("active_loop") == active_loop_name for condition in conditions):
            return []
        form: Mapping = (domain.get("forms") or {}).get(active_loop_name) or {}
        return SlotMapping.to_list(form.get("ignored_intents"))


def _mapping(kind: SlotMapping, intent: Names, not_intent: Names) -> Mapping:
    return {
        "type": str(kind),
        "intent": SlotMapping.to_list(intent),
        "not_intent": SlotMapping.to_list(not_intent),
    }
