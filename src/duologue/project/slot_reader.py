"""Slots of the domain: types, mappings, validation, and the spellings of earlier versions."""

from typing import Any

from duologue.core.slots import (
    MappingCondition,
    MappingType,
    Rejection,
    Slot,
    SlotMapping,
    SlotType,
    SlotValidation,
)
from duologue.project.fields import Fields, is_scalar, text_of
from duologue.project.problems import suggest_name

_SLOT_KEYS = frozenset(
    (
        "auto_fill",
        "influence_conversation",
        "initial_value",
        "is_builtin",
        "mappings",
        "max_value",
        "min_value",
        "shared_for_coexistence",
        "type",
        "validation",
        "value_reset_delay",
        "values",
    )
)
_MAPPING_KEYS = frozenset(
    (
        "action",
        "allow_nlu_correction",
        "coexistence_system",
        "conditions",
        "entity",
        "group",
        "intent",
        "not_intent",
        "role",
        "run_action_every_turn",
        "type",
        "value",
    )
)
_TYPE_NAMES = frozenset(slot_type.value for slot_type in SlotType)
_MAPPING_NAMES = frozenset(mapping_type.value for mapping_type in MappingType)
_OLD_TYPES = {
    "unfeaturized": SlotType.ANY,
    "boolean": SlotType.BOOL,
    "str": SlotType.TEXT,
    "string": SlotType.TEXT,
}
_CLASSES = {
    "AnySlot": SlotType.ANY,
    "BooleanSlot": SlotType.BOOL,
    "CategoricalSlot": SlotType.CATEGORICAL,
    "FloatSlot": SlotType.FLOAT,
    "ListSlot": SlotType.LIST,
    "TextSlot": SlotType.TEXT,
    "UnfeaturizedSlot": SlotType.ANY,
}
"""The classes behind Rasa's own types, which a domain that Rasa wrote names by their path."""


def find_earlier_type(written: str) -> SlotType | None:
    """The type that an older spelling means; None if it is none."""
    module, _, name = written.rpartition(".")
    if module.startswith("rasa."):
        return _CLASSES.get(name)
    return _OLD_TYPES.get(written)


def is_unfeaturized(written: object) -> bool:
    """Whether the type says that the slot does not influence the conversation."""
    return isinstance(written, str) and written.rpartition(".")[2] in ("unfeaturized", "UnfeaturizedSlot")


def read_slot(name: str, fields: Fields) -> Slot:
    """One slot; what cannot be read falls back to the defaults and is noted."""
    fields.warn_unknown(_SLOT_KEYS, f"The slot `{name}`")
    slot_type, class_name = _read_type(name, fields)
    unfeaturized = is_unfeaturized(fields.data.get("type"))
    return Slot(
        name=name,
        type=slot_type,
        class_name=class_name,
        values=_read_values(name, fields, slot_type),
        initial_value=fields.data.get("initial_value"),
        min_value=fields.number("min_value", 0.0),
        max_value=fields.number("max_value", 1.0),
        influence_conversation=fields.flag("influence_conversation", default=not unfeaturized),
        mappings=read_mappings(fields),
        shared_for_coexistence=fields.flag("shared_for_coexistence", default=False),
        validation=_read_validation(fields),
    )


def _read_type(name: str, fields: Fields) -> tuple[SlotType, str | None]:
    written = fields.text("type")
    if written is None:
        fields.problems.warn(
            fields.place,
            f"The slot `{name}` has no type; it is taken as `any`.",
            "Add `type: text` or another.",
        )
        return SlotType.ANY, None
    if written in _TYPE_NAMES:
        return SlotType(written), None
    known = find_earlier_type(written)
    if known is not None:
        fields.problems.warn(
            fields.place.at("type"),
            f"The slot type `{written}` is an older spelling.",
            f"Write `{known.value}`.",
        )
        return known, None
    if "." in written:
        return SlotType.ANY, written
    fields.problems.error(
        fields.place.at("type"),
        f"The slot `{name}` has the unknown type `{written}`.",
        suggest_name(written, SlotType) or f"Known types are {', '.join(SlotType)}.",
    )
    return SlotType.ANY, None


def _read_values(name: str, fields: Fields, slot_type: SlotType) -> tuple[str, ...]:
    if slot_type is not SlotType.CATEGORICAL:
        if fields.has("values"):
            fields.problems.warn(
                fields.place.at("values"),
                f"Only categorical slots have `values`; those of `{name}` are ignored.",
            )
        return ()
    values: list[str] = []
    for place, item in fields.items("values"):
        if is_scalar(item):
            values.append(text_of(item))
        elif item is not None:
            fields.refuse_at(place, f"A value of the slot `{name}` must be a text.")
    return tuple(values)


def read_mappings(fields: Fields, key: str = "mappings") -> tuple[SlotMapping, ...]:
    """The slot mappings under a key: a list, or a lone mapping as Rasa 2 allowed."""
    mappings = (_read_mapping(entry) for entry in fields.entries(key))
    return tuple(mapping for mapping in mappings if mapping is not None)


def _read_mapping(fields: Fields) -> SlotMapping | None:
    written = fields.text("type")
    if written is None or written not in _MAPPING_NAMES:
        fields.problems.error(
            fields.place.at("type"),
            f"`{written}` is not a slot mapping." if written else "A slot mapping has no `type`.",
            suggest_name(written or "", MappingType) or f"Known mappings are {', '.join(MappingType)}.",
        )
        return None
    fields.warn_unknown(_MAPPING_KEYS, "The slot mapping")
    return SlotMapping(
        type=MappingType(written),
        entity=fields.text("entity"),
        role=fields.text("role"),
        group=fields.text("group"),
        intents=fields.texts("intent"),
        not_intents=fields.texts("not_intent"),
        value=fields.data.get("value"),
        action=fields.text("action"),
        run_action_every_turn=fields.text("run_action_every_turn"),
        coexistence_system=fields.text("coexistence_system"),
        allow_nlu_correction=fields.flag("allow_nlu_correction", default=False),
        conditions=tuple(_read_condition(entry) for entry in fields.entries("conditions")),
    )


def _read_condition(fields: Fields) -> MappingCondition:
    fields.warn_unknown(("active_flow", "active_loop", "requested_slot"), "The mapping condition")
    return MappingCondition(
        active_flow=fields.text("active_flow"),
        active_loop=fields.text("active_loop"),
        requested_slot=fields.text("requested_slot"),
    )


def _read_validation(fields: Fields) -> SlotValidation | None:
    if not fields.has("validation"):
        return None
    inner = fields.child("validation")
    inner.warn_unknown(("rejections", "refill_utter"), "The slot validation")
    return SlotValidation(rejections=read_rejections(inner), refill_utter=inner.text("refill_utter"))


def read_rejections(fields: Fields) -> tuple[Rejection, ...]:
    """The `rejections` of a collect step or of a slot."""
    rejections: list[Rejection] = []
    for entry in fields.entries("rejections"):
        condition: Any = entry.text("if")
        utter = entry.text("utter")
        if condition is None or utter is None:
            missing = "if" if condition is None else "utter"
            entry.problems.error(
                entry.place, f"A rejection has no `{missing}`.", "It needs `if` and `utter`."
            )
            continue
        entry.warn_unknown(("if", "utter"), "The rejection")
        rejections.append(Rejection(condition=condition, utter=utter))
    return tuple(rejections)
