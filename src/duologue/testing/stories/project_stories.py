"""The test stories of a project: found, read, and run against what the project trains."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from duologue.core.domain import Domain
from duologue.core.errors import DefinitionError
from duologue.core.stories import Story
from duologue.dialogue.policies.finding import Finding
from duologue.dialogue.policies.story_paths import StoryPath, list_story_paths
from duologue.project.problems import Problem
from duologue.project.project_reader import ProjectReading
from duologue.project.story_tests_reader import read_test_stories
from duologue.runtime.opening import ProjectProblemsError
from duologue.testing.classic_model import DialogueModel
from duologue.testing.stories.story_report import StoryReport
from duologue.testing.stories.story_result import GivenResult, StepResult, StoryResult
from duologue.testing.stories.story_runner import StoryRunner

USUAL_FOLDER = "tests"


class FoundStories(msgspec.Struct, frozen=True, kw_only=True):
    """Test stories, and what is odd about them."""

    stories: tuple[Story, ...]
    warnings: tuple[Problem, ...] = ()


def find_test_stories(reading: ProjectReading, places: Sequence[Path] = ()) -> FoundStories:
    """The stories of the files and folders named; by default those below `tests` and in files `test_….yml`.

    Raises:
        DefinitionError: a place does not exist, or cannot be read.
    """
    stories: list[Story] = []
    warnings: list[Problem] = []
    for place in places or _find_usual(reading.root):
        path = place if place.exists() or place.is_absolute() else reading.root / place
        if not path.exists():
            raise DefinitionError(f"There is no file or folder {place} with test stories.")
        found = read_test_stories(path, root=reading.root)
        if found.problems.has_errors:
            raise ProjectProblemsError(found.problems.errors)
        warnings += found.problems.warnings
        stories += found.stories
    if not places:
        stories += reading.test_stories
    unique = {(story.source, story.name): story for story in stories}
    return FoundStories(stories=tuple(unique.values()), warnings=tuple(dict.fromkeys(warnings)))


def _find_usual(root: Path) -> tuple[Path, ...]:
    folder = root / USUAL_FOLDER
    return (folder,) if folder.is_dir() else ()


def list_test_paths(
    stories: Sequence[Story], domain: Domain
) -> tuple[tuple[StoryPath, ...], tuple[Finding, ...]]:
    """Every way through the test stories, and what is odd about them."""
    reading = list_story_paths([msgspec.structs.replace(story, is_rule=False) for story in stories], domain)
    return reading.paths, reading.findings


def run_stories(
    domain: Domain,
    model: DialogueModel,
    paths: Iterable[StoryPath],
    *,
    fail_fast: bool = False,
    show: Callable[[StoryResult], None] = lambda _: None,
) -> StoryReport:
    """Run the stories one after the other.

    Args:
        fail_fast: end at the first step that comes out wrong.
        show: gets every result as soon as it is known.
    """
    runner = StoryRunner(domain, model.chooser, model.parser)
    results: list[StoryResult] = []
    for path in paths:
        result = runner.run(path, stop=_is_wrong) if fail_fast else runner.run(path)
        results.append(result)
        show(result)
        if fail_fast and not result.is_right:
            break
    return StoryReport(results=tuple(results))


def _is_wrong(step: StepResult) -> bool:
    return not isinstance(step, GivenResult) and not step.is_right
