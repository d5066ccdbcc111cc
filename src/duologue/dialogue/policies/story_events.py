"""What a story says, as the events that a conversation would have had."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from duologue.core.domain import Domain
from duologue.core.events import (
    ACTION_LISTEN,
    ActionExecuted,
    Event,
    LoopActivated,
    SlotWasSet,
    UserFeaturized,
    UserSpoke,
)
from duologue.core.slots import MappingType, SlotMapping, SlotType
from duologue.core.stories import (
    ActionStep,
    BotStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    StoryEntity,
    StoryStep,
    UserStep,
)
from duologue.core.understanding import Entity, Intent, Understanding
from duologue.core.values import OpenData, SlotValue
from duologue.dialogue.policies.slot_features import MUST_BE_EMPTY

SNIPPET = "..."
"""Stands in a rule for everything that may have been before it, or comes after."""

_FILLED = "filled"


def list_events(
    steps: Sequence[StoryStep], domain: Domain, *, is_rule: bool = False
) -> Iterator[tuple[int, Event]]:
    """The events of a story's steps, each with the step's position; the assistant listens before every message.

    In a rule an empty slot or loop has to be empty, while a story merely does not know it.
    """
    listens = False
    for position, step in enumerate(steps):
        if isinstance(step, UserStep) and not listens:
            yield position, ActionExecuted(name=ACTION_LISTEN)
        for event in _list_step_events(step, domain):
            yield position, _make_strict(event) if is_rule else event
        listens = isinstance(step, ActionStep) and step.name == ACTION_LISTEN


def make_message(step: UserStep) -> UserSpoke:
    """The message of a story's user."""
    base, _, key = (step.intent or "").partition("/")
    selected: OpenData = {}
    if key:
        response = {"response": {"intent_response_key": step.intent}}
        selected = {"all_retrieval_intents": [base], base: response, "default": response}
    return UserSpoke(
        text=step.text or "",
        understanding=Understanding(
            is_for_policies=True,
            intent=Intent(name=base) if base else None,
            entities=tuple(_make_entity(entity) for entity in step.entities),
            response_selector=selected,
        ),
    )


def get_slot_step_value(step: SlotStep, domain: Domain) -> SlotValue:
    """The value that a step gives its slot; one that only names the slot gives it some value."""
    if step.has_value:
        return step.value
    slot = domain.slots.get(step.name)
    if slot is None:
        return None
    match slot.type:
        case SlotType.TEXT:
            return _FILLED
        case SlotType.LIST:
            return [_FILLED]
        case _:
            return None


def list_entity_slots(entities: Sequence[Entity], domain: Domain) -> Iterator[SlotWasSet]:
    """The slots that entities of a story fill; what a form fills is for the story to say."""
    if not domain.store_entities_as_slots or not entities:
        return
    for slot in domain.slots.values():
        values = [
            entity.value
            for mapping in slot.mappings
            if _is_filled_anywhere(mapping)
            for entity in entities
            if (entity.entity, entity.role, entity.group) == (mapping.entity, mapping.role, mapping.group)
        ]
        if values:
            yield SlotWasSet(name=slot.name, value=values if slot.type is SlotType.LIST else values[-1])


def _is_filled_anywhere(mapping: SlotMapping) -> bool:
    if mapping.type is not MappingType.FROM_ENTITY:
        return False
    return not mapping.conditions or mapping.conditions[0].active_loop is None


def _make_entity(entity: StoryEntity) -> Entity:
    value = "" if entity.value is None else entity.value
    return Entity(
        entity=entity.entity,
        value=value,
        role=entity.role,
        group=entity.group,
        start=entity.start,
        end=entity.end,
    )


def _list_step_events(step: StoryStep, domain: Domain) -> Iterator[Event]:
    match step:
        case UserStep():
            message = make_message(step)
            yield message
            if message.understanding.intent is None:
                yield UserFeaturized(use_text_for_featurization=True)
            yield from list_entity_slots(message.understanding.entities, domain)
        case ActionStep():
            yield ActionExecuted(name=step.name)
        case BotStep():
            yield ActionExecuted(name=step.text, action_text=step.text)
        case SlotStep():
            if not step.is_negated:
                yield SlotWasSet(name=step.name, value=get_slot_step_value(step, domain))
        case LoopStep():
            yield LoopActivated(name=step.name)
        case OrStep():
            yield from _list_step_events(step.alternatives[0], domain)
        case CheckpointStep():
            return
        case _:
            assert_never(step)


def _make_strict(event: Event) -> Event:
    match event:
        case SlotWasSet(value=None):
            return SlotWasSet(name=event.name, value=MUST_BE_EMPTY)
        case LoopActivated(name=None):
            return LoopActivated(name=MUST_BE_EMPTY)
        case _:
            return event
