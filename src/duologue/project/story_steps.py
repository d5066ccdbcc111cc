"""The steps of a story, in every spelling that stories were ever written in."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from duologue.core.stories import (
    ActionStep,
    BotStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    StoryStep,
    UserStep,
)
from duologue.project.fields import Fields, describe, is_mapping, is_scalar, text_of, with_text_keys
from duologue.project.places import Place
from duologue.project.problems import Problems, suggest_name
from duologue.project.story_messages import read_user_step

PlacedStep: TypeAlias = tuple[Place, StoryStep]
"""A step and where it stands."""

_STEP_KEYS = frozenset(
    (
        "action",
        "active_loop",
        "bot",
        "checkpoint",
        "entities",
        "form",
        "intent",
        "metadata",
        "or",
        "slot_was_not_set",
        "slot_was_set",
        "user",
    )
)
_UNSAID = frozenset(("commands", "link_prefix", "metadata"))
"""Keys that tools write beside the steps, and that change nothing."""
_ANYTHING = "..."
"""Stands in a rule for whatever came before, or comes after."""


class StoryStepReader:
    """Reads the steps of one story; what cannot be read is noted and left out."""

    def __init__(self, problems: Problems, what: str, *, is_test: bool) -> None:
        self._problems = problems
        self._what = what
        """The story as messages name it: the story `greeting`."""
        self._is_test = is_test

    def read(self, fields: Fields, key: str) -> list[PlacedStep]:
        """The steps under a key; one that names several slots becomes as many."""
        steps: list[PlacedStep] = []
        if not isinstance(fields.data.get(key), list):
            return steps
        for place, item in fields.items(key):
            if item == _ANYTHING:
                steps.append((place, ActionStep(name=_ANYTHING)))
            elif is_mapping(item):
                steps.extend(self._read_step(Fields(with_text_keys(item), place, self._problems)))
            else:
                self._problems.error(
                    place, f"A step of {self._what} must be a mapping, not {describe(item)}."
                )
        return steps

    def read_condition(self, fields: Fields) -> list[tuple[Place, SlotStep | LoopStep]]:
        """What must be so for a rule; only slots and the active form can be asked."""
        conditions: list[tuple[Place, SlotStep | LoopStep]] = []
        for place, step in self.read(fields, "condition"):
            if isinstance(step, SlotStep | LoopStep):
                conditions.append((place, step))
            else:
                self._problems.error(
                    place,
                    f"A condition of {self._what} is neither `slot_was_set` nor `active_loop`.",
                    "Move it to the steps.",
                )
        return conditions

    def _read_step(self, fields: Fields) -> Iterator[PlacedStep]:
        place, data = fields.place, fields.data
        if "intent" in data or "user" in data:
            step = read_user_step(fields, self._what)
            if step is not None:
                yield place, step
        elif "or" in data:
            yield from self._read_alternatives(fields)
        elif "action" in data:
            yield from self._read_action(fields)
        elif "bot" in data:
            yield place, BotStep(text=fields.text("bot") or "")
        elif "checkpoint" in data:
            slots = tuple(step for _, step in self._read_slots(fields, "slot_was_set"))
            yield place, CheckpointStep(name=fields.text("checkpoint") or "", slots=slots)
        elif "slot_was_set" in data or "slot_was_not_set" in data:
            yield from self._read_slots(fields, "slot_was_set")
            yield from self._read_slots(fields, "slot_was_not_set")
        elif "active_loop" in data or "form" in data:
            yield from self._read_loop(fields)
        elif not data.keys() <= _UNSAID:
            key = next(iter(data))
            self._problems.error(
                place,
                f"A step of {self._what} has no known key.",
                suggest_name(key, _STEP_KEYS) or "Use `intent`, `action` or another.",
            )

    def _read_action(self, fields: Fields) -> Iterator[PlacedStep]:
        name = fields.text("action")
        if name:
            yield fields.place, ActionStep(name=name.strip())
        else:
            self._problems.warn(
                fields.place,
                f"An action of {self._what} has no name; the step is ignored.",
                "Name it, or remove the step.",
            )

    def _read_loop(self, fields: Fields) -> Iterator[PlacedStep]:
        if "form" in fields.data:
            self._problems.warn(fields.place, "`form` is the older name of `active_loop`.", "Rename the key.")
        yield fields.place, LoopStep(name=fields.text("form" if "form" in fields.data else "active_loop"))

    def _read_alternatives(self, fields: Fields) -> Iterator[PlacedStep]:
        alternatives: list[UserStep | SlotStep] = []
        for entry in fields.entries("or"):
            if "intent" in entry.data or "user" in entry.data:
                step = read_user_step(entry, self._what)
                alternatives += [step] if step else []
            elif "slot_was_set" in entry.data:
                alternatives += [step for _, step in self._read_slots(entry, "slot_was_set")]
            else:
                self._problems.error(
                    entry.place,
                    f"An alternative under `or` in {self._what} is neither an `intent` nor a `slot_was_set`.",
                )
        if len(alternatives) == 1:
            yield fields.place, alternatives[0]
        elif alternatives:
            yield fields.place, OrStep(alternatives=tuple(alternatives))

    def _read_slots(self, fields: Fields, key: str) -> Iterator[tuple[Place, SlotStep]]:
        """The slots under `slot_was_set`: names, mappings from name to value, or one such mapping."""
        is_negated = key == "slot_was_not_set"
        value = fields.data.get(key)
        place = fields.place.at(key)
        if is_scalar(value) or is_mapping(value):
            yield from _read_slot(value, place, is_negated=is_negated)
            return
        for item_place, item in fields.items(key):
            if is_scalar(item) or is_mapping(item):
                yield from _read_slot(item, item_place, is_negated=is_negated)
            else:
                fields.refuse_at(
                    item_place, f"A slot in {self._what} must be a name, or a name with a value."
                )


def _read_slot(item: Any, place: Place, *, is_negated: bool) -> Iterator[tuple[Place, SlotStep]]:
    """Any, because a slot's value is whatever an author writes."""
    if is_scalar(item):
        yield place, SlotStep(name=text_of(item), has_value=False, is_negated=is_negated)
    elif is_mapping(item):
        for name, value in with_text_keys(item).items():
            yield place.at(name), SlotStep(name=name, value=value, is_negated=is_negated)
