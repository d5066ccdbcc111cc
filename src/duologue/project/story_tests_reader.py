"""Test stories: conversations that a classic assistant must get right, read from a file or a folder."""

from pathlib import Path

import msgspec

from duologue.core.stories import Story
from duologue.project.data_file import open_data_file
from duologue.project.places import Places
from duologue.project.problems import Problems
from duologue.project.project_files import find_data_files
from duologue.project.stories_reader import StoriesReader

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
        fields = open_data_file(path, root=root, problems=problems)
        if fields is not None and fields.data.keys() & {"stories", "rules"}:
            reader.read(fields, is_test=True)
    return StoryTestsReading(stories=tuple(reader.tests), problems=problems, places=places)


def _is_named_as_test(path: Path) -> bool:
    """`test_stories.yml`; in Rasa 1 it was `conversation_tests.md`."""
    return path.name.startswith(_PREFIX) or path.name.endswith("_tests.md")
