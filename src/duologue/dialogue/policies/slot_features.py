"""What a slot's value says to policies: a few numbers, by the type of the slot."""

import math
from typing import TypeAlias

from duologue.core.slots import Slot, SlotType
from duologue.core.values import SlotValue

SlotFeature: TypeAlias = tuple[float, ...] | str
"""Numbers, or `MUST_BE_EMPTY` where a rule says that the slot must not be set."""

MUST_BE_EMPTY = "should_not_be_set"
"""What a rule writes as `null`: of a slot, that it is empty; of a loop, that none is active."""

_NOTHING = (0.0, 0.0)


def is_featurized(slot: Slot) -> bool:
    """Whether policies look at the slot at all."""
    is_open = slot.type is SlotType.ANY and slot.class_name is None
    return slot.influence_conversation and not slot.is_builtin and not is_open


def featurize_slot(slot: Slot, value: SlotValue) -> SlotFeature | None:
    """The numbers that stand for the value; None where policies see the slot as not set."""
    if isinstance(value, str) and value == MUST_BE_EMPTY:
        return MUST_BE_EMPTY
    if value is None:
        return None
    numbers = _numbers_of(slot, value)
    return numbers if any(numbers) else None


def _numbers_of(slot: Slot, value: SlotValue) -> tuple[float, ...]:
    match slot.type:
        case SlotType.TEXT | SlotType.ANY:
            return (1.0,)
        case SlotType.BOOL:
            return _of_bool(value)
        case SlotType.FLOAT:
            return _of_float(slot, value)
        case SlotType.LIST:
            return (1.0,) if not isinstance(value, (list, tuple, dict, str)) or value else (0.0,)
        case SlotType.CATEGORICAL:
            return _of_category(slot, value)


def _of_bool(value: SlotValue) -> tuple[float, ...]:
    if isinstance(value, bool | int | float):
        return (1.0, float(value == 1))
    if isinstance(value, str):
        word = value.strip().lower()
        if word.isnumeric():
            return (1.0, float(float(word) == 1.0))
        if word in ("true", "false"):
            return (1.0, float(word == "true"))
    return _NOTHING


def _of_float(slot: Slot, value: SlotValue) -> tuple[float, ...]:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return _NOTHING
    if math.isnan(number):
        return _NOTHING
    capped = max(slot.min_value, min(slot.max_value, number))
    return (1.0, (capped - slot.min_value) / (abs(slot.max_value - slot.min_value) or 1.0))


def _of_category(slot: Slot, value: SlotValue) -> tuple[float, ...]:
    """One place for each value of the domain, and a last one for all others."""
    values = [allowed.lower() for allowed in slot.values]
    if "__other__" not in values:
        values.append("__other__")
    wanted = str(value).lower()
    place = values.index(wanted if wanted in values else "__other__")
    return tuple(float(position == place) for position in range(len(values)))
