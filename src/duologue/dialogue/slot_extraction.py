"""What a message of the user puts into slots: the mappings of a classic assistant, as `action_extract_slots` reads them."""

import logging
from collections.abc import Sequence

import msgspec

from duologue.core.domain import Domain
from duologue.core.errors import ActionError, FlowError
from duologue.core.events import BotSpoke, Event, SlotWasSet
from duologue.core.slots import MappingCondition, MappingType, Slot, SlotMapping, SlotType
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.core.understanding import Entity
from duologue.core.values import SlotValue
from duologue.dialogue.loops.action_host import ActionHost
from duologue.dialogue.turn import Turn

ACTION_EXTRACT_SLOTS = "action_extract_slots"
ACTION_VALIDATE_SLOT_MAPPINGS = "action_validate_slot_mappings"
REQUESTED_SLOT = "requested_slot"

_FILLED_BY = "NLU"

_log = logging.getLogger(__name__)


async def extract_slots(
    turn: Turn, host: ActionHost, *, state: State | None = None, recorded: Sequence[Event] = ()
) -> tuple[Event, ...]:
    """The slots that the latest message fills, validated; the first mapping of a slot that gives a value counts.

    Args:
        state: where the conversation stands, if not at the turn's own state.
        recorded: events that led there from the turn's own state.
    """
    reading = SlotReading(state=state or turn.state, domain=host.domain)
    events: list[Event] = []
    performed: set[str] = set()
    for slot in _list_user_slots(host.domain):
        for mapping in slot.mappings:
            if not reading.applies(mapping, slot):
                continue
            values = reading.list_values(mapping)
            if values:
                value = values if slot.type is SlotType.LIST else values[-1]
                if value is not None or reading.get_slot(slot.name) is not None:
                    events.append(SlotWasSet(name=slot.name, value=value, filled_by=_FILLED_BY))
                    break
            action = _find_action(mapping)
            if action and action not in performed:
                performed.add(action)
                events += await _run_quietly(action, turn, host, reading.state, recorded)
    # What an action said while it looked for a value is not shown: only a validation may speak here.
    found = [event for event in events if isinstance(event, SlotWasSet)]
    return await _validate(found, turn, host, reading.state, recorded)


class SlotReading(msgspec.Struct, frozen=True, kw_only=True):
    """A message, read for slots in one state."""

    state: State
    domain: Domain

    def get_slot(self, name: str) -> SlotValue:
        return self.domain.get_slot_value(self.state.slots, name)

    def applies(self, mapping: SlotMapping, slot: Slot) -> bool:
        """Whether the mapping may fill the slot now, if the message has what it looks for."""
        return (
            self._is_known(mapping)
            and self._has_wanted_intent(mapping)
            and self._meets_conditions(mapping, slot)
            and not self._is_ambiguous(mapping, slot)
        )

    def list_values(self, mapping: SlotMapping) -> list[SlotValue]:
        """What the message has for the mapping, in the order it was said."""
        match mapping.type:
            case MappingType.FROM_ENTITY:
                return [entity.value for entity in self._entities if _is_wanted(entity, mapping)]
            case MappingType.FROM_INTENT:
                return [mapping.value]
            case MappingType.FROM_TRIGGER_INTENT:
                return [mapping.value] if self._is_in_loop_of(mapping) else []
            case MappingType.FROM_TEXT:
                message = self.state.last_message
                return [message.text if message else None]
            case MappingType.CUSTOM | MappingType.CONTROLLED | MappingType.FROM_LLM:
                return []

    @property
    def _entities(self) -> tuple[Entity, ...]:
        message = self.state.last_message
        return message.understanding.entities if message else ()

    @property
    def _intent(self) -> str | None:
        message = self.state.last_message
        intent = message.understanding.intent if message else None
        return intent.name if intent else None

    def _is_known(self, mapping: SlotMapping) -> bool:
        """A mapping on an entity or intent that the domain does not declare never fills anything."""
        if mapping.type is MappingType.FROM_ENTITY:
            return mapping.entity in self.domain.entities
        if mapping.type is MappingType.FROM_INTENT:
            return all(intent in self.domain.intents for intent in mapping.intents)
        return True

    def _has_wanted_intent(self, mapping: SlotMapping) -> bool:
        if mapping.intents:
            return self._intent in mapping.intents
        return self._intent not in mapping.not_intents and self._intent not in self._list_ignored(mapping)

    def _list_ignored(self, mapping: SlotMapping) -> tuple[str, ...]:
        """The intents that the running form ignores count against each of its mappings."""
        loop = self.state.active_loop
        form = self.domain.forms.get(loop) if loop else None
        if form is None:
            return ()
        if mapping.conditions and all(one.active_loop != loop for one in mapping.conditions):
            return ()
        return form.ignored_intents

    def _meets_conditions(self, mapping: SlotMapping, slot: Slot) -> bool:
        if not mapping.conditions or mapping.type is MappingType.FROM_TRIGGER_INTENT:
            return True
        if _is_loop_rejected(self.state) and self.get_slot(REQUESTED_SLOT) == slot.name:
            return False
        return any(self._meets(condition) for condition in mapping.conditions)

    def _meets(self, condition: MappingCondition) -> bool:
        if condition.active_flow is not None:
            return False
        loop = self.state.active_loop
        if condition.active_loop is None:
            return loop is None
        if condition.active_loop != loop:
            return False
        return not condition.requested_slot or condition.requested_slot == self.get_slot(REQUESTED_SLOT)

    def _is_in_loop_of(self, mapping: SlotMapping) -> bool:
        loop = self.state.active_loop
        if loop is None:
            return False
        return not mapping.conditions or any(one.active_loop == loop for one in mapping.conditions)

    def _is_ambiguous(self, mapping: SlotMapping, slot: Slot) -> bool:
        """Whether the running form has another slot for the same entity and did not ask for this one."""
        loop = self.state.active_loop
        if mapping.type is not MappingType.FROM_ENTITY or not loop:
            return False
        if self.get_slot(REQUESTED_SLOT) == slot.name:
            return False
        form = self.domain.forms.get(loop)
        if form is None or slot.name not in form.required_slots:
            return False
        rivals = [
            one
            for name in form.required_slots
            if (rival := self.domain.slots.get(name)) is not None
            for one in rival.mappings
            if one == mapping
        ]
        return len(rivals) != 1


def _list_user_slots(domain: Domain) -> list[Slot]:
    return [slot for slot in domain.slots.values() if slot.mappings and not slot.is_builtin]


def _is_wanted(entity: Entity, mapping: SlotMapping) -> bool:
    return (entity.entity, entity.role, entity.group) == (mapping.entity, mapping.role, mapping.group)


def _is_loop_rejected(state: State) -> bool:
    return state.history is not None and state.history.latest.is_loop_rejected


def _find_action(mapping: SlotMapping) -> str | None:
    match mapping.type:
        case MappingType.CUSTOM:
            return mapping.action
        case MappingType.CONTROLLED:
            return mapping.run_action_every_turn
        case _:
            return None


async def _validate(
    found: Sequence[SlotWasSet],
    turn: Turn,
    host: ActionHost,
    state: State,
    recorded: Sequence[Event],
) -> tuple[Event, ...]:
    """A slot of which the validation says nothing is valid; it empties a slot to refuse its value."""
    if ACTION_VALIDATE_SLOT_MAPPINGS not in host.domain.custom_actions:
        return tuple(found)
    validated = await _run_quietly(
        ACTION_VALIDATE_SLOT_MAPPINGS, turn, host, fold(state, found), (*recorded, *found)
    )
    named = {event.name for event in validated if isinstance(event, SlotWasSet)}
    return (*validated, *(event for event in found if event.name not in named))


async def _run_quietly(
    action: str, turn: Turn, host: ActionHost, state: State, recorded: Sequence[Event]
) -> tuple[SlotWasSet | BotSpoke, ...]:
    """Slots and replies of an action; if it fails, the message is answered without it."""
    try:
        events = await host.compute(action, turn, state, recorded)
    except (ActionError, FlowError) as error:
        _log.warning("slots.action_failed", extra={"action": action, "reason": str(error)})
        return ()
    for event in events:
        if not isinstance(event, SlotWasSet | BotSpoke):
            _log.info("slots.event_ignored", extra={"action": action, "event_type": type(event).__name__})
    return tuple(event for event in events if isinstance(event, SlotWasSet | BotSpoke))
