"""The domain as actions and the HTTP API see it."""

from duologue.core.domain import Domain, EntityType, Form, Intent, Variation
from duologue.core.slots import Slot, SlotMapping
from duologue.core.values import OpenData
from duologue.wire.members import is_list, is_object


def format_domain(domain: Domain) -> OpenData:
    """The domain's public JSON, in the shape of a domain file with every default spelled out."""
    return {
        "config": {"store_entities_as_slots": domain.store_entities_as_slots},
        "session_config": {
            "session_expiration_time": domain.session.session_expiration_minutes,
            "carry_over_slots_to_new_session": domain.session.carry_over_slots,
            "start_session_after_expiry": domain.session.start_session_after_expiry,
        },
        "intents": [_format_intent(intent) for intent in domain.intents.values()],
        "entities": [_format_entity(entity) for entity in domain.entities.values()],
        "slots": {slot.name: _format_slot(slot) for slot in domain.slots.values()},
        "responses": {
            name: [_format_variation(variation) for variation in variations]
            for name, variations in domain.responses.items()
        },
        "actions": [*domain.actions],
        "forms": {form.name: _format_form(form) for form in domain.forms.values()},
        "e2e_actions": [*domain.e2e_actions],
    }


def copy_domain(domain: OpenData) -> OpenData:
    """A copy two levels deep: a domain is large, and an action that writes deeper into it has no reason to."""
    return {name: _copy_section(section) for name, section in domain.items()}


def _copy_section(section: object) -> object:
    if is_object(section):
        return dict(section)
    return list(section) if is_list(section) else section


def _format_intent(intent: Intent) -> object:
    options: OpenData = {}
    if intent.use_entities is not None:
        options["use_entities"] = list(intent.use_entities)
    if intent.ignore_entities:
        options["ignore_entities"] = list(intent.ignore_entities)
    return {intent.name: options} if options else intent.name


def _format_entity(entity: EntityType) -> object:
    options: OpenData = {}
    if entity.roles:
        options["roles"] = list(entity.roles)
    if entity.groups:
        options["groups"] = list(entity.groups)
    if not entity.influence_conversation:
        options["influence_conversation"] = False
    return {entity.name: options} if options else entity.name


def _format_slot(slot: Slot) -> OpenData:
    formatted: OpenData = {
        "type": slot.class_name or slot.type.value,
        "initial_value": slot.initial_value,
        "influence_conversation": slot.influence_conversation,
        "mappings": [_format_mapping(mapping) for mapping in slot.mappings],
    }
    if slot.values:
        formatted["values"] = list(slot.values)
    if slot.validation is not None:
        formatted["validation"] = {
            "rejections": [
                {"if": rejection.condition, "utter": rejection.utter}
                for rejection in slot.validation.rejections
            ],
            "refill_utter": slot.validation.refill_utter or f"utter_ask_{slot.name}",
        }
    return formatted


def _format_mapping(mapping: SlotMapping) -> OpenData:
    formatted: OpenData = {"type": mapping.type.value}
    for name in ("entity", "role", "group", "value", "action", "run_action_every_turn"):
        if (value := getattr(mapping, name)) is not None:
            formatted[name] = value
    if mapping.intents:
        formatted["intent"] = list(mapping.intents)
    if mapping.not_intents:
        formatted["not_intent"] = list(mapping.not_intents)
    if mapping.conditions:
        formatted["conditions"] = [
            {
                name: value
                for name in ("active_flow", "active_loop", "requested_slot")
                if (value := getattr(condition, name)) is not None
            }
            for condition in mapping.conditions
        ]
    return formatted


def _format_form(form: Form) -> OpenData:
    return {"required_slots": list(form.required_slots), "ignored_intents": list(form.ignored_intents)}


def _format_variation(variation: Variation) -> OpenData:
    formatted: OpenData = {}
    for name in ("text", "id", "channel", "image", "attachment", "custom", "metadata", "translation"):
        if value := getattr(variation, name):
            formatted[name] = value
    if isinstance(variation.condition, str):
        formatted["condition"] = variation.condition
    elif variation.condition:
        formatted["condition"] = [
            {"type": "slot", "name": wanted.name, "value": wanted.value} for wanted in variation.condition
        ]
    if variation.buttons:
        formatted["buttons"] = [
            {"title": button.title, "payload": button.payload, **button.extra} for button in variation.buttons
        ]
    for name in ("elements", "quick_replies"):
        if value := getattr(variation, name):
            formatted[name] = list(value)
    return formatted
