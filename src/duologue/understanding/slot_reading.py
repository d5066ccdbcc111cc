"""Values that a message gives for slots that nobody asked for yet."""

from collections.abc import Iterable, Sequence

import msgspec

from duologue.core import commands as cmd
from duologue.core.slots import MappingType, Slot
from duologue.flows.offers import Offers, may_be_filled_by_words
from duologue.flows.steps import CollectStep
from duologue.understanding.answers.answer import AnswerValue, Span
from duologue.understanding.answers.answer_kind import AnswerKind, guess_answer_kind
from duologue.understanding.answers.choice import Choice
from duologue.understanding.date_form import find_date_form, write_date, write_time
from duologue.understanding.known_values import KnownValue
from duologue.understanding.scene import Scene
from duologue.understanding.slot_spotter import SlotText, SpottedSlot, spot_slots


class FoundValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value for a slot, and where the message says it."""

    command: cmd.SetSlot
    span: Span
    confidence: float = 1.0


def spot_values(text: str, slots: Sequence[Slot], scene: Scene) -> list[cmd.SetSlot]:
    """Values for these slots that the text gives for certain: those the project's data knows, and those whose form tells."""
    return [found.command for found in find_values(text, slots, scene)]


def find_values(text: str, slots: Sequence[Slot], scene: Scene) -> list[FoundValue]:
    """As `spot_values`, with the places of the values."""
    fillable = [slot for slot in slots if may_be_said(slot)]
    found: dict[str, FoundValue] = {}
    for known in scene.known_values.find(text):
        for slot in fillable:
            if _takes_entity(slot, known, scene.offers):
                command = cmd.SetSlot(name=slot.name, value=known.value, extractor="NLU")
                found.setdefault(slot.name, FoundValue(command=command, span=(known.start, known.end)))
    texts = [
        describe_slot(slot, scene.offers)
        for slot in fillable
        if slot.name not in found and may_be_filled_by_words(slot)
    ]
    kinds = {slot.name: slot.kind for slot in texts}
    for spotted in spot_slots(text, slots=texts, languages=scene.languages, today=scene.today):
        said = _write(text, spotted, kinds[spotted.slot], scene.offers)
        command = cmd.SetSlot(name=spotted.slot, value=said, extractor="LOCAL")
        value = FoundValue(command=command, span=spotted.span, confidence=spotted.confidence)
        found.setdefault(spotted.slot, value)
    return list(found.values())


def _write(text: str, spotted: SpottedSlot, kind: AnswerKind, offers: Offers) -> AnswerValue:
    """The value as the slot wants it: dates and times in the user's words unless a form is asked for."""
    if spotted.normalised is None or spotted.value != spotted.normalised:
        return spotted.value
    if kind is AnswerKind.DATE:
        return write_date(text, spotted.span, spotted.normalised, find_date_form(spotted.slot, offers))
    if kind is AnswerKind.TIME:
        return write_time(text, spotted.span, spotted.normalised, find_date_form(spotted.slot, offers))
    return spotted.value


def list_slots_of(flow_id: str, offers: Offers) -> list[Slot]:
    """The slots that a flow asks for, in a fixed order."""
    names = sorted(offers.get_slots_of(flow_id))
    return [offers.domain.slots[name] for name in names if name in offers.domain.slots]


def list_open_slots(offers: Offers, *, but: str = "") -> list[Slot]:
    """Slots of the flow under way that hold nothing yet."""
    return [
        offers.domain.slots[name]
        for name in sorted(offers.active_slots)
        if offers.slots.get(name) is None and name != but
    ]


def may_be_said(slot: Slot) -> bool:
    return may_be_filled_by_words(slot) or slot.is_filled_by(MappingType.FROM_ENTITY)


def _takes_entity(slot: Slot, known: KnownValue, offers: Offers) -> bool:
    return any(
        mapping.type is MappingType.FROM_ENTITY
        and mapping.entity == known.entity
        and (mapping.role is None or mapping.role == known.role)
        and offers.applies(mapping)
        for mapping in slot.mappings
    )


def describe_slot(slot: Slot, offers: Offers) -> SlotText:
    description = find_description(slot.name, offers)
    return SlotText(
        name=slot.name,
        kind=guess_answer_kind(slot.type.value, slot.name, description=description),
        description=description,
        choices=tuple(_choices_of(slot, offers)),
    )


def _choices_of(slot: Slot, offers: Offers) -> Iterable[Choice]:
    titles: dict[str, list[str]] = {value: [] for value in slot.values}
    for variation in offers.domain.responses.get(f"utter_ask_{slot.name}", ()):
        for button in variation.buttons:
            for value in slot.values:
                if button.payload.rstrip(")").casefold().endswith(f"={value}".casefold()):
                    translated = (t.title for t in button.translation.values() if t.title)
                    titles[value].extend((button.title, *translated))
    return (Choice(value=value, titles=tuple(names)) for value, names in titles.items())


def find_description(slot: str, offers: Offers) -> str:
    """What the first step that asks for the slot says about it."""
    for flow in offers.flows.flows_by_slot.get(slot, ()):
        for step in flow.steps:
            if isinstance(step, CollectStep) and step.slot == slot and step.description:
                return step.description
    return ""
