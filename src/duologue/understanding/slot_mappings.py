"""Slots that intents, entities and whole messages fill, as the domain's mappings say."""

from collections.abc import Collection, Iterator, Sequence

from duologue.core.commands import SetSlot
from duologue.core.domain import Domain
from duologue.core.slots import DoesNotFitError, MappingType, Slot, SlotMapping, SlotType, fit_value
from duologue.core.stack import find_active_chain
from duologue.core.understanding import Entity
from duologue.core.values import SlotValue
from duologue.flows.offers import Offers, may_be_filled_by_words
from duologue.understanding.text_parser import ParsedText

EXTRACTOR = "NLU"
NLU_MAPPINGS = (
    MappingType.FROM_ENTITY,
    MappingType.FROM_INTENT,
    MappingType.FROM_TRIGGER_INTENT,
    MappingType.FROM_TEXT,
)


def has_nlu_mappings(domain: Domain) -> bool:
    """Whether any slot is filled from intents, entities or whole messages."""
    return any(mapping.type in NLU_MAPPINGS for slot in domain.slots.values() for mapping in slot.mappings)


class SlotFiller:
    """Fills the slots of one message in its state."""

    def __init__(
        self, text: str, parsed: ParsedText, intent: str | None, offers: Offers, starting: Collection[str]
    ) -> None:
        """`intent` is the one that counts, if any does; `starting` are the flows that it starts."""
        self._text = text
        self._entities = parsed.entities
        self._intent = intent
        self._offers = offers
        self._starting = frozenset(starting)
        self._under_way = {frame.flow_id for frame in find_active_chain(offers.state.stack)} | self._starting
        self._asked = offers.question.slot if offers.question else None

    def fill(self) -> tuple[SetSlot, ...]:
        """A command for each slot with a mapping that finds a value which is new and fits."""
        return tuple(self._fill_all())

    def _fill_all(self) -> Iterator[SetSlot]:
        for slot in self._offers.domain.slots.values():
            for mapping in slot.mappings:
                value = self._find_value(slot, mapping) if self._applies(mapping) else None
                if value is not None and self._is_worth_setting(slot, value):
                    yield SetSlot(name=slot.name, value=value, extractor=EXTRACTOR)
                    break

    def _applies(self, mapping: SlotMapping) -> bool:
        if mapping.intents and self._intent not in mapping.intents:
            return False
        if self._intent is not None and self._intent in mapping.not_intents:
            return False
        return not mapping.conditions or any(
            condition.active_flow in self._under_way for condition in mapping.conditions
        )

    def _find_value(self, slot: Slot, mapping: SlotMapping) -> SlotValue:
        match mapping.type:
            case MappingType.FROM_ENTITY:
                return _join([one.value for one in self._entities if self._is_of(one, mapping, slot)], slot)
            case MappingType.FROM_INTENT:
                return mapping.value if self._takes_intent(slot, mapping) else None
            case MappingType.FROM_TRIGGER_INTENT:
                return mapping.value if self._intent is not None and self._starting else None
            case MappingType.FROM_TEXT:
                # Any text would fill it; so it takes only what answers its own question.
                return self._text if slot.name == self._asked and not self._starting else None
            case MappingType.FROM_LLM | MappingType.CONTROLLED | MappingType.CUSTOM:
                return None

    def _takes_intent(self, slot: Slot, mapping: SlotMapping) -> bool:
        """A `yes` to one question is no answer to the others that have the same mapping."""
        if self._intent is None:
            return False
        is_asked_for = slot.name in self._offers.flows.flows_by_slot
        return bool(mapping.conditions) or not is_asked_for or slot.name == self._asked

    def _is_of(self, entity: Entity, mapping: SlotMapping, slot: Slot) -> bool:
        """Whether the entity is the one that the mapping names; a bare one answers the question that is open."""
        if entity.entity != mapping.entity:
            return False
        if slot.name == self._asked and entity.role is None and entity.group is None:
            return True
        return mapping.role in (None, entity.role) and mapping.group in (None, entity.group)

    def _is_worth_setting(self, slot: Slot, value: SlotValue) -> bool:
        is_asked = slot.name == self._asked
        try:
            fitted = fit_value(slot, value)
        except DoesNotFitError:
            # Words that may fill the slot are for the other rungs; otherwise its own rejection tells the user.
            return is_asked and not may_be_filled_by_words(slot)
        return is_asked or fitted != self._offers.slots.get(slot.name)


def _join(values: Sequence[SlotValue], slot: Slot) -> SlotValue:
    """All of them for a list; several are a list for a slot of any type; otherwise the first."""
    if not values:
        return None
    if slot.type is SlotType.LIST or (slot.type is SlotType.ANY and len(values) > 1):
        return list(values)
    return values[0]
