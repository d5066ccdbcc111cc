"""Test stories: conversations that a classic assistant must get right, read from a file or a folder."""

from pathlib import Path

import msgspec

from duologue.core.stories import Story
from duologue.project.fields import Fields, is_mapping, with_text_keys
from duologue.project.places import Place, Places
from duologue.project.problems import Problems
from duologue.project.project_files import YAML_SUFFIXES, find_data_files
from duologue.project.rasa1.old_file import read_old_file
from duologue.project.stories_reader import StoriesReader
from duologue.project.yaml_reader import UnreadableFileError, YamlFile, read_yaml

_PREFIX = "test_"


class StoryTestsReading(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and what is wrong with it."""

    stories: tuple[Story, ...]
    problems: Problems
    places: Places
    """The spot of step i of story n is under `story_step`, `test`, n, i."""


def read_test_stories(place: Path, *, root: Path) -> StoryTestsReading:
    """Read the stories of a file, or of a folder's files whose names say that they are tests; if none does, of all.

    Args:
        root: messages name files relative to this folder.
    """
    problems, places = Problems(), Places()
    reader = StoriesReader(places)
    files = find_data_files(place, problems)
    if place.is_dir():
        files = tuple(path for path in files if _is_named_as_test(path)) or files
    for path in files:
        fields = _open(path, root, problems)
        if fields is not None and fields.data.keys() & {"stories", "rules"}:
            reader.read(fields, is_test=True)
    return StoryTestsReading(stories=tuple(reader.tests), problems=problems, places=places)


def _is_named_as_test(path: Path) -> bool:
    """`test_stories.yml`; in Rasa 1 it was `conversation_tests.md`."""
    return path.name.startswith(_PREFIX) or path.name.endswith("_tests.md")


def _open(path: Path, root: Path, problems: Problems) -> Fields | None:
    """The mapping of a file; None if there is none, which is noted."""
    try:
        source = _read(path, root, problems)
    except UnreadableFileError as error:
        problems.add(error.problem)
        return None
    if source is None:
        return None
    problems.extend(source.problems)
    if not is_mapping(source.value):
        return None
    return Fields(with_text_keys(source.value), Place(source), problems)


def _read(path: Path, root: Path, problems: Problems) -> YamlFile | None:
    if path.suffix in YAML_SUFFIXES:
        return read_yaml(path, root=root)
    return read_old_file(path, root=root, problems=problems)
