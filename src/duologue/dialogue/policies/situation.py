"""What policies see of a moment: names of intent, entities, action, loop and the numbers of slots."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

from duologue.core.domain import Domain
from duologue.core.history import Moment
from duologue.core.slots import Slot
from duologue.core.understanding import Entity
from duologue.core.values import SlotValue
from duologue.dialogue.policies.slot_features import featurize_slot, is_featurized

INTENT, TEXT, ENTITIES = "intent", "text", "entities"
ACTION, ACTION_TEXT, LOOP = "action", "action_text", "loop"
SLOT = "slot:"
"""Prefix of the slots' keys."""

Feature: TypeAlias = str | tuple[str | float, ...]
Situation: TypeAlias = dict[str, Feature]
"""One moment as policies see it; what is not so has no key. Without an action it is the beginning."""

_SEPARATOR = "#"


class Featurizer:
    """Turns moments into situations, by what the domain says about intents, entities and slots."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._wanted: dict[str, frozenset[str] | None] = {}

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """The slots that influence the conversation."""
        return {name: slot for name, slot in self.domain.slots.items() if is_featurized(slot)}

    @cached_property
    def _initial(self) -> Mapping[str, SlotValue]:
        initial = {name: slot.initial_value for name, slot in self.slots.items()}
        return {name: value for name, value in initial.items() if value is not None}

    def see(self, moment: Moment, *, by_text: bool | None = None, omits_unset: bool = False) -> Situation:
        """The situation of a moment.

        Args:
            by_text: whether the words of the message count, and not its intent; None: as the moment says.
            omits_unset: slots that hold only their initial value are left out.
        """
        situation: Situation = {}
        self._see_message(situation, moment, moment.is_featurized_by_text if by_text is None else by_text)
        if moment.action_text:
            situation[ACTION_TEXT] = moment.action_text
        elif moment.last_action is not None:
            situation[ACTION] = moment.last_action
        if moment.active_loop is not None:
            situation[LOOP] = moment.active_loop
        self._see_slots(situation, moment.slots, omits_unset=omits_unset)
        return situation

    def _see_message(self, situation: Situation, moment: Moment, by_text: bool) -> None:
        if by_text:
            if moment.text:
                situation[TEXT] = moment.text
            return
        if moment.intent is None:
            if moment.text:
                situation[TEXT] = moment.text
        elif moment.intent.name:
            situation[INTENT] = moment.intent.name
        if moment.entities and (labels := self._label_entities(moment.entities, moment.intent)):
            situation[ENTITIES] = labels

    def _see_slots(self, situation: Situation, slots: Mapping[str, SlotValue], *, omits_unset: bool) -> None:
        for name, slot in self.slots.items():
            value = slots[name] if name in slots else None if omits_unset else self._initial.get(name)
            if value is not None and (feature := featurize_slot(slot, value)) is not None:
                situation[SLOT + name] = feature

    def _label_entities(self, entities: Sequence[Entity], intent: object) -> tuple[str, ...]:
        labels = {label for entity in entities for label in _labels_of(entity)}
        wanted = self._list_wanted(getattr(intent, "name", None) or "")
        return tuple(sorted(labels if wanted is None else labels & wanted))

    def _list_wanted(self, intent: str) -> frozenset[str] | None:
        """The entities that count with an intent; None for all, of an intent the domain does not know."""
        if intent not in self._wanted:
            self._wanted[intent] = self._choose_wanted(intent)
        return self._wanted[intent]

    def _choose_wanted(self, intent: str) -> frozenset[str] | None:
        known = self.domain.intents.get(intent)
        if known is None:
            return None
        ignored = {name for name, entity in self.domain.entities.items() if not entity.influence_conversation}
        if known.use_entities is None:
            used = {name for name in self.domain.entities if name not in ignored}
        else:
            used = set(known.use_entities)
        excluded = set(known.ignore_entities) or ignored
        return frozenset(self._with_parts(used) - self._with_parts(excluded))

    def _with_parts(self, names: set[str]) -> set[str]:
        """The entities, and each with its roles and groups."""
        parts = {
            f"{name}{_SEPARATOR}{part}"
            for name in names
            if (entity := self.domain.entities.get(name)) is not None
            for part in (*entity.roles, *entity.groups)
        }
        return names | parts


def _labels_of(entity: Entity) -> tuple[str, ...]:
    parts = [part for part in (entity.role, entity.group) if part is not None]
    return (entity.entity, *(f"{entity.entity}{_SEPARATOR}{part}" for part in parts))


def format_situations(situations: Sequence[Situation]) -> str:
    """One text for equal situations; what memories are kept by."""
    return json.dumps(situations, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def parse_situation(data: Mapping[str, object]) -> Situation:
    """A situation as it comes back from JSON, which knows no tuples."""
    return {key: tuple(value) if isinstance(value, list) else str(value) for key, value in data.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
