"""What a slot may hold, who may fill it, and how a value is fitted to its type."""

import enum
import math

import msgspec

from duologue.core.values import SlotValue


class SlotType(enum.StrEnum):
    """The type names of the domain file; a dotted class of an author counts as `any`."""

    TEXT = "text"
    BOOL = "bool"
    FLOAT = "float"
    CATEGORICAL = "categorical"
    LIST = "list"
    ANY = "any"


class MappingType(enum.StrEnum):
    """Who may fill a slot."""

    FROM_LLM = "from_llm"
    CONTROLLED = "controlled"
    CUSTOM = "custom"
    FROM_ENTITY = "from_entity"
    FROM_INTENT = "from_intent"
    FROM_TRIGGER_INTENT = "from_trigger_intent"
    FROM_TEXT = "from_text"


class MappingCondition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a mapping applies: inside a flow (CALM) or a form and its requested slot (classic)."""

    active_flow: str | None = None
    active_loop: str | None = None
    requested_slot: str | None = None


class SlotMapping(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a slot's `mappings`."""

    type: MappingType
    entity: str | None = None
    role: str | None = None
    group: str | None = None
    intents: tuple[str, ...] = ()
    not_intents: tuple[str, ...] = ()
    value: SlotValue = None
    action: str | None = None
    """`custom`: the action that fills it."""
    run_action_every_turn: str | None = None
    coexistence_system: str | None = None
    allow_nlu_correction: bool = False
    conditions: tuple[MappingCondition, ...] = ()


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """A value for which `condition` is true is refused with the response `utter`."""

    condition: str
    utter: str


class SlotValidation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Domain-level validation: checked whenever the slot is set, wherever that happens."""

    rejections: tuple[Rejection, ...]
    refill_utter: str | None = None


class Slot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One slot of the domain."""

    name: str
    type: SlotType = SlotType.ANY
    values: tuple[str, ...] = ()
    """Allowed values of a categorical slot, in the domain's casing."""
    initial_value: SlotValue = None
    min_value: float = 0.0
    max_value: float = 1.0
    influence_conversation: bool = True
    mappings: tuple[SlotMapping, ...] = ()
    shared_for_coexistence: bool = False
    validation: SlotValidation | None = None
    is_builtin: bool = False
    class_name: str | None = None
    """Dotted class of a custom slot type, kept for classic projects."""

    def is_filled_by(self, *types: MappingType) -> bool:
        """Whether one of the mapping types may fill it; a slot without mappings takes `from_llm`."""
        if not self.mappings:
            return MappingType.FROM_LLM in types
        return any(mapping.type in types for mapping in self.mappings)


class DoesNotFitError(ValueError):
    """A value cannot be made into the slot's type."""


_TRUE_WORDS = frozenset({"true", "yes", "y", "1", "on"})
_FALSE_WORDS = frozenset({"false", "no", "n", "0", "off"})


def fit_value(slot: Slot, value: SlotValue) -> SlotValue:
    """Fit `value` to the slot's type; None empties any slot.

    Raises:
        DoesNotFitError: the value has no reading in that type.
    """
    if value is None:
        return None
    match slot.type:
        case SlotType.BOOL:
            return _fit_bool(value)
        case SlotType.FLOAT:
            return _fit_float(value)
        case SlotType.CATEGORICAL:
            return _fit_category(slot, value)
        case SlotType.TEXT:
            return value if isinstance(value, str) else _text_of(value)
        case SlotType.LIST | SlotType.ANY:
            return value


def _fit_bool(value: SlotValue) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word in _TRUE_WORDS:
        return True
    if word in _FALSE_WORDS:
        return False
    raise DoesNotFitError(f"{value!r} is neither true nor false")


def _fit_float(value: SlotValue) -> float:
    try:
        number = float(value) if not isinstance(value, str) else float(value.strip().replace("_", "x"))
    except (TypeError, ValueError):
        raise DoesNotFitError(f"{value!r} is not a number") from None
    if not math.isfinite(number):
        raise DoesNotFitError(f"{value!r} is not a finite number")
    return number


def _fit_category(slot: Slot, value: SlotValue) -> str:
    wanted = str(value).strip().casefold()
    for allowed in slot.values:
        if allowed.casefold() == wanted:
            return allowed
    raise DoesNotFitError(f"{value!r} is not one of {', '.join(slot.values)}")


def _text_of(value: SlotValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
