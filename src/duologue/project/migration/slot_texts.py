"""A slot's mappings as YAML content."""

from collections.abc import Iterable
from typing import Any

from duologue.core.slots import SlotMapping

_PLAIN = ("entity", "role", "group")


def describe_mappings(mappings: Iterable[SlotMapping]) -> list[dict[str, Any]]:
    """The entries of `mappings`."""
    return [_describe_mapping(mapping) for mapping in mappings]


def _describe_mapping(mapping: SlotMapping) -> dict[str, Any]:
    described: dict[str, Any] = {"type": mapping.type.value}
    for key in _PLAIN:
        if (value := getattr(mapping, key)) is not None:
            described[key] = value
    if mapping.value is not None:
        described["value"] = mapping.value
    for key, names in (("intent", mapping.intents), ("not_intent", mapping.not_intents)):
        if names:
            described[key] = names[0] if len(names) == 1 else list(names)
    for key in ("action", "run_action_every_turn", "coexistence_system"):
        if (value := getattr(mapping, key)) is not None:
            described[key] = value
    if mapping.conditions:
        described["conditions"] = [
            {
                key: value
                for key in ("active_flow", "active_loop", "requested_slot")
                if (value := getattr(condition, key)) is not None
            }
            for condition in mapping.conditions
        ]
    return described
