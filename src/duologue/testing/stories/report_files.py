"""The files that a run of test stories leaves: stories by how they came out, a report, a picture."""

from pathlib import Path

import msgspec

from duologue.testing.confusion_picture import draw_confusion_matrix
from duologue.testing.stories.story_files import write_results
from duologue.testing.stories.story_report import StoryReport

FAILED_FILE = "failed_test_stories.yml"
PASSED_FILE = "successful_test_stories.yml"
WARNINGS_FILE = "stories_with_warnings.yml"
REPORT_FILE = "story_report.json"
PICTURE_FILE = "story_confusion_matrix.svg"


class FileWishes(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the files are written."""

    failed: bool = True
    passed: bool = False
    warnings: bool = True
    picture: bool = True


def write_report_files(report: StoryReport, folder: Path, wishes: FileWishes) -> list[Path]:
    """Write the files into the folder; those that were written."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        REPORT_FILE: msgspec.json.format(msgspec.json.encode(report.describe()), indent=2).decode() + "\n"
    }
    if wishes.picture:
        content[PICTURE_FILE] = draw_confusion_matrix(*report.list_actions(), "Actions in test stories")
    if wishes.failed:
        content[FAILED_FILE] = write_results(report.failed, "Every test story held.")
    if wishes.passed:
        content[PASSED_FILE] = write_results(report.passed, "No test story held.")
    if wishes.warnings:
        content[WARNINGS_FILE] = write_results(report.with_warnings, "No test story came as a surprise.")
    for name, text in content.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in content]
