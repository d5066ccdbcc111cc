"""Training data of Rasa 1 written as YAML of today."""

from pathlib import Path
from typing import Any

import msgspec

from duologue.core.stories import ActionStep, Story, StoryStep
from duologue.project.fields import Fields, is_mapping
from duologue.project.nlu_reader import NluReader
from duologue.project.places import Place, Places
from duologue.project.problems import Problems
from duologue.project.rasa1.old_file import read_old_file
from duologue.project.stories_reader import StoriesReader
from duologue.project.writing.nlu_text import write_nlu
from duologue.project.writing.story_text import write_stories
from duologue.project.writing.yaml_text import VERSION, write_yaml

_TEST_PREFIX = "test_"
_RESPOND, _UTTER = "respond_", "utter_"


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """One file in its new form."""

    kind: str
    """`nlu`, `stories` or `responses`."""
    name: str
    """What the new file is called."""
    text: str


def convert_old_file(path: Path, *, root: Path, problems: Problems) -> Converted | None:
    """The file as YAML; None if it holds no training data.

    Raises:
        UnreadableFileError: the file cannot be read at all.
    """
    source = read_old_file(path, root=root, problems=problems)
    if source is None or not is_mapping(source.value):
        return None
    fields = Fields(source.value, Place(source), problems)
    if "nlu" in fields.data:
        return Converted(kind="nlu", name=f"{path.stem}.yml", text=_write_nlu(fields, root))
    if "responses" in fields.data:
        content: dict[str, Any] = {"version": VERSION, "responses": fields.data["responses"]}
        return Converted(kind="responses", name=f"{path.stem}.yml", text=write_yaml(content))
    is_test = "test" in path.stem
    stem = path.stem if not is_test or path.stem.startswith(_TEST_PREFIX) else f"{_TEST_PREFIX}{path.stem}"
    return Converted(kind="stories", name=f"{stem}.yml", text=_write_stories(fields, is_test=is_test))


def _write_nlu(fields: Fields, root: Path) -> str:
    reader = NluReader(Places(), root)
    reader.read(fields)
    return write_nlu(
        reader.examples, synonyms=reader.synonyms, lookups=reader.lookups, regexes=reader.regexes
    )


def _write_stories(fields: Fields, *, is_test: bool) -> str:
    reader = StoriesReader(Places())
    reader.read(fields, is_test=is_test)
    return write_stories(_rename_actions(story) for story in (*reader.stories, *reader.rules, *reader.tests))


def _rename_actions(story: Story) -> Story:
    """Retrieval actions were called `respond_…` in Rasa 1."""
    return msgspec.structs.replace(story, steps=tuple(_rename_action(step) for step in story.steps))


def _rename_action(step: StoryStep) -> StoryStep:
    if isinstance(step, ActionStep) and step.name.startswith(_RESPOND):
        return ActionStep(name=_UTTER + step.name.removeprefix(_RESPOND))
    return step
