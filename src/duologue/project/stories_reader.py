"""Stories and rules of classic assistants, each step with its place; test stories are kept apart."""

from typing import Any

from duologue.core.stories import ActionStep, Story, UserStep
from duologue.project.fields import Fields, describe, is_items, is_mapping
from duologue.project.places import Kind, Place, Places
from duologue.project.story_steps import StoryStepReader

_STORY_KEYS = ("story", "steps", "metadata")
_RULE_KEYS = ("rule", "steps", "metadata", "condition", "conversation_start", "wait_for_user_input")


class StoriesReader:
    """Reads the `stories` and `rules` of one file after the other."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.stories: list[Story] = []
        self.rules: list[Story] = []
        self.tests: list[Story] = []
        """Test stories: never learned from, but checked for names that do not exist."""

    def read(self, fields: Fields, *, is_test: bool) -> None:
        """Take the stories and rules of one file."""
        for entry in fields.entries("stories"):
            self._keep(entry, "test" if is_test else "story", is_rule=False)
        for entry in fields.entries("rules"):
            self._keep(entry, "test" if is_test else "rule", is_rule=True)

    def add_trigger(self, intent: str, action: str, place: Place) -> None:
        """Take an intent that triggers an action by itself, as Rasa 1 had it: a rule says the same."""
        number = str(len(self.rules))
        self._places.note(place, "rule", number)
        steps = (UserStep(intent=intent), ActionStep(name=action))
        for position in range(len(steps)):
            self._places.note(place, "story_step", "rule", number, str(position))
        self.rules.append(
            Story(name=f"{intent} triggers {action}", is_rule=True, steps=steps, source=str(place))
        )

    def _keep(self, entry: Fields, kind: Kind, *, is_rule: bool) -> None:
        word = "rule" if is_rule else "story"
        name = entry.text(word)
        if name is None:
            entry.problems.warn(entry.place, f"A {word} has no name.", f"Add `{word}:` with a name.")
        what = f"the {word} `{name}`"
        entry.warn_unknown(_RULE_KEYS if is_rule else _STORY_KEYS, f"{what[0].upper()}{what[1:]}")
        if not _has_steps(entry):
            entry.problems.error(
                entry.place, f"{what[0].upper()}{what[1:]} has no `steps`.", "Add them, or remove it."
            )
        kept = {"story": self.stories, "rule": self.rules, "test": self.tests}[kind]
        number = str(len(kept))
        self._places.note(entry.place, kind, number)
        reader = StoryStepReader(entry.problems, what, is_test=kind == "test")
        steps = reader.read(entry, "steps")
        condition = reader.read_condition(entry) if is_rule else ()
        for position, (place, _) in enumerate((*steps, *condition)):
            self._places.note(place, "story_step", kind, number, str(position))
        kept.append(
            Story(
                name=name or "",
                steps=tuple(step for _, step in steps),
                is_rule=is_rule,
                condition=tuple(step for _, step in condition),
                is_conversation_start=is_rule and entry.flag("conversation_start", default=False),
                waits_for_user_input=not is_rule or entry.flag("wait_for_user_input", default=True),
                source=str(entry.place),
                metadata=_read_metadata(entry),
            )
        )


def _has_steps(entry: Fields) -> bool:
    steps = entry.data.get("steps")
    return is_items(steps) and bool(steps)


def _read_metadata(entry: Fields) -> dict[str, Any]:
    value = entry.data.get("metadata")
    if value is None or is_mapping(value):
        return entry.mapping("metadata")
    entry.problems.warn(
        entry.place.at("metadata"), f"`metadata` must be a mapping, not {describe(value)}; it is ignored."
    )
    return {}
