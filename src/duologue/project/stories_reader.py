"""Stories and rules of classic assistants, kept as written."""

from typing import Any

from duologue.project.fields import Fields, describe, is_mapping, with_text_keys
from duologue.project.places import Kind, Places

_STEP_KEYS = frozenset(
    (
        "action",
        "active_loop",
        "bot",
        "checkpoint",
        "commands",
        "entities",
        "form",
        "intent",
        "link_prefix",
        "metadata",
        "or",
        "slot_was_set",
        "slot_was_not_set",
        "user",
    )
)


class StoriesReader:
    """Reads the `stories` and `rules` of one file after the other."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.stories: list[dict[str, Any]] = []
        self.rules: list[dict[str, Any]] = []
        self.tests: list[dict[str, Any]] = []
        """Test stories: never learned from, but checked for names that do not exist."""

    def read(self, fields: Fields, *, is_test: bool) -> None:
        """Take the stories and rules of one file."""
        self._read_list(fields, "stories", "story", self.tests if is_test else self.stories, is_test=is_test)
        self._read_list(fields, "rules", "rule", self.tests if is_test else self.rules, is_test=is_test)

    def _read_list(
        self, fields: Fields, key: str, kind: Kind, kept: list[dict[str, Any]], *, is_test: bool
    ) -> None:
        for entry in fields.entries(key):
            name = entry.text(kind)
            if name is None:
                entry.problems.warn(entry.place, f"A {kind} has no name.", f"Add `{kind}:` with a name.")
            _check_steps(entry, f"the {kind} `{name}`")
            self._places.note(entry.place, "test" if is_test else kind, str(len(kept)))
            kept.append(entry.data)


def _check_steps(entry: Fields, what: str) -> None:
    steps = entry.data.get("steps")
    if not isinstance(steps, list) or not steps:
        entry.problems.error(entry.place, f"{what[0].upper()}{what[1:]} has no `steps`.")
        return
    for place, step in entry.items("steps"):
        if not is_mapping(step):
            entry.problems.error(place, f"A step of {what} must be a mapping, not {describe(step)}.")
        elif not _STEP_KEYS & with_text_keys(step).keys():
            entry.problems.error(
                place, f"A step of {what} has no known key.", "Use `intent`, `action` or another."
            )
