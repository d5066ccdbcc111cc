"""What failed is written so that it can be read again, with what came out in its place."""

import json
from pathlib import Path

from inline_snapshot import snapshot

from duologue.core.stories import ActionStep, LoopStep, SlotStep, StoryEntity, UserStep
from duologue.core.understanding import Entity
from duologue.project.story_tests_reader import read_test_stories
from duologue.testing.stories.report_files import FileWishes, write_report_files
from duologue.testing.stories.report_text import format_failure, format_summary
from duologue.testing.stories.story_report import StoryReport
from tests.unit.testing.stories.story_scene import ToldPolicies, reads, run_story, says

STEPS = [
    UserStep(
        text="hot soup", intent="order", entities=(StoryEntity(entity="dish", value="soup", start=4, end=8),)
    ),
    ActionStep(name="order_form"),
    LoopStep(name="order_form"),
    SlotStep(name="size", value="yes"),
    says("no", "deny"),
    LoopStep(),
    ActionStep(name="utter_sorry"),
]


def make_report() -> StoryReport:
    found = Entity(entity="dish", value="hot soup", start=0, end=8)
    failed = run_story(
        STEPS, ToldPolicies("order_form", "action_listen", "utter_greet"), {"hot soup": reads("order", found)}
    )
    passed = run_story([says("hi", "greet")], ToldPolicies(), {"hi": reads("greet")})
    return StoryReport(results=(failed, passed))


def test_a_failed_story_is_written_with_comments(tmp_path: Path) -> None:
    write_report_files(make_report(), tmp_path, FileWishes())
    assert (tmp_path / "failed_test_stories.yml").read_text() == snapshot(
        """\
version: "3.1"
stories:
  # tests/test_stories.yml:3
  - story: "a story"
    steps:
      - user: "hot [soup](dish)"  # predicted: order: [hot soup](dish)
        intent: order
      - action: order_form
      - active_loop: order_form
      - slot_was_set:
          - size: "yes"
      - user: "no"
        intent: deny
      - active_loop: null
      - action: utter_sorry  # predicted: utter_greet
"""
    )


def test_a_failed_story_can_be_read_again(tmp_path: Path) -> None:
    write_report_files(make_report(), tmp_path, FileWishes())
    reading = read_test_stories(tmp_path / "failed_test_stories.yml", root=tmp_path)
    assert reading.problems.format() == ""
    assert list(reading.stories[0].steps) == STEPS


def test_files_are_written_as_asked_for(tmp_path: Path) -> None:
    written = write_report_files(
        make_report(), tmp_path, FileWishes(failed=False, passed=True, warnings=False, picture=False)
    )
    assert [path.name for path in written] == ["story_report.json", "successful_test_stories.yml"]


def test_nothing_to_write_is_said(tmp_path: Path) -> None:
    write_report_files(StoryReport(results=()), tmp_path, FileWishes())
    assert (tmp_path / "failed_test_stories.yml").read_text() == "# Every test story held.\n"


def test_the_report_counts_actions_intents_and_entities_together(tmp_path: Path) -> None:
    write_report_files(make_report(), tmp_path, FileWishes())
    report = json.loads((tmp_path / "story_report.json").read_text())
    assert report["conversation_accuracy"] == {"accuracy": 0.5, "correct": 1, "with_warnings": 0, "total": 2}
    assert report["utter_sorry"]["confused_with"] == {"utter_greet": 1}
    assert report["[soup](dish)"] == {
        "precision": 0.0,
        "recall": 0.0,
        "f1-score": 0.0,
        "support": 1,
        "confused_with": {"None": 1},
    }


def test_a_failure_and_the_whole_are_told_in_words() -> None:
    report = make_report()
    assert format_failure(report.failed[0]) == snapshot(
        """\
tests/test_stories.yml:3: a story
  “hot soup”: expected the entities of “hot [soup](dish)”, but “[hot soup](dish)”
  after “no”: expected utter_sorry, but utter_greet (MemoizationPolicy, 1.00)\
"""
    )
    assert format_summary(report) == snapshot(
        """\
Stories   1 of 2 right (50.0%)
Actions   4 of 5 right (80.0%)   F1 0.800, precision 0.800
Intents   3 of 3 right (100.0%)   F1 1.000, precision 1.000
Entities  0 of 2 right (0.0%)   F1 0.000, precision 0.000
Decided by rules or known stories 100.0%\
"""
    )
