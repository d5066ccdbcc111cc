"""Stories and rules in every spelling, each step with its line."""

from pathlib import Path

import pytest

from duologue.core.stories import (
    ActionStep,
    BotStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    StoryEntity,
    StoryStep,
    UserStep,
)
from duologue.project.story_tests_reader import read_test_stories
from tests.unit.project.written_project import read_definition, read_written, write_project


def read_steps(folder: Path, *steps: str) -> tuple[StoryStep, ...]:
    lines = "".join(f"  - {step}\n" for step in steps)
    definition = read_definition(folder, {"data/s.yml": f"stories:\n- story: one\n  steps:\n{lines}"})
    return definition.training_data.stories[0].steps


@pytest.mark.parametrize(
    ("written", "step"),
    [
        ("intent: greet", UserStep(intent="greet")),
        ("intent: faq/hours", UserStep(intent="faq/hours")),
        ("intent: book+pay", UserStep(intent="book+pay")),
        ("{intent: book, entities: [city]}", UserStep(intent="book", entities=(StoryEntity(entity="city"),))),
        (
            "{intent: book, entities: [{city: Rome, role: to, group: 1}, {city: null}]}",
            UserStep(
                intent="book",
                entities=(
                    StoryEntity(entity="city", value="Rome", role="to", group="1"),
                    StoryEntity(entity="city"),
                ),
            ),
        ),
        (
            "{intent: book, entities: [{entity: city, value: Rome}]}",
            UserStep(intent="book", entities=(StoryEntity(entity="city", value="Rome"),)),
        ),
        ("user: hello there", UserStep(text="hello there")),
        (
            "{user: 'to [Rome](city)', intent: book}",
            UserStep(
                intent="book",
                text="to Rome",
                entities=(StoryEntity(entity="city", value="Rome", start=3, end=7),),
            ),
        ),
        (
            """user: '/inform{"city": ["Rome", "Oslo"], "people": 2}'""",
            UserStep(
                intent="inform",
                text='/inform{"city": ["Rome", "Oslo"], "people": 2}',
                entities=(
                    StoryEntity(entity="city", value="Rome"),
                    StoryEntity(entity="city", value="Oslo"),
                    StoryEntity(entity="people", value=2),
                ),
            ),
        ),
        ("action: utter_greet", ActionStep(name="utter_greet")),
        ("bot: Hello!", BotStep(text="Hello!")),
        ("active_loop: book_form", LoopStep(name="book_form")),
        ("active_loop: null", LoopStep(name=None)),
        ("checkpoint: asked", CheckpointStep(name="asked")),
        (
            "{checkpoint: asked, slot_was_set: [{city: Rome}]}",
            CheckpointStep(name="asked", slots=(SlotStep(name="city", value="Rome"),)),
        ),
        (
            "or: [{intent: yes}, {intent: sure}]",
            OrStep(alternatives=(UserStep(intent="yes"), UserStep(intent="sure"))),
        ),
        (
            "or: [{slot_was_set: [{size: small}]}, {slot_was_set: [{size: null}]}]",
            OrStep(alternatives=(SlotStep(name="size", value="small"), SlotStep(name="size"))),
        ),
        ("or: [{intent: yes}]", UserStep(intent="yes")),
    ],
)
def test_a_step_is_read_in_each_spelling(tmp_path: Path, written: str, step: StoryStep) -> None:
    assert read_steps(tmp_path, written) == (step,)


@pytest.mark.parametrize(
    ("written", "steps"),
    [
        ("slot_was_set: [{city: Rome}]", (SlotStep(name="city", value="Rome"),)),
        ("slot_was_set: [city]", (SlotStep(name="city", has_value=False),)),
        ("slot_was_set: {city: null}", (SlotStep(name="city", value=None),)),
        (
            "slot_was_set: [{city: Rome, people: 2}, size]",
            (
                SlotStep(name="city", value="Rome"),
                SlotStep(name="people", value=2),
                SlotStep(name="size", has_value=False),
            ),
        ),
        (
            "slot_was_not_set: [{city: Rome}, size]",
            (
                SlotStep(name="city", value="Rome", is_negated=True),
                SlotStep(name="size", has_value=False, is_negated=True),
            ),
        ),
    ],
)
def test_slots_of_one_step_become_a_step_each(
    tmp_path: Path, written: str, steps: tuple[StoryStep, ...]
) -> None:
    assert read_steps(tmp_path, written) == steps


def test_a_rule_is_read_with_its_keys_and_its_lines(tmp_path: Path) -> None:
    reading = read_written(
        tmp_path,
        {
            "data/rules.yml": """\
                rules:
                - rule: ask again
                  condition:
                  - active_loop: book_form
                  - slot_was_set:
                    - requested_slot: city
                  conversation_start: true
                  steps:
                  - ...
                  - intent: deny
                  - action: utter_again
                  wait_for_user_input: false
                """
        },
    )
    assert reading.problems.format() == ""
    assert reading.definition is not None
    (rule,) = reading.definition.training_data.rules
    assert rule.is_rule
    assert rule.is_conversation_start
    assert not rule.waits_for_user_input
    assert rule.condition == (LoopStep(name="book_form"), SlotStep(name="requested_slot", value="city"))
    assert rule.steps == (ActionStep(name="..."), UserStep(intent="deny"), ActionStep(name="utter_again"))
    assert rule.source == "data/rules.yml:2"
    spots = [reading.places.find("story_step", "rule", "0", str(number)) for number in range(5)]
    assert [spot.line for spot in spots if spot is not None] == [9, 10, 11, 4, 6]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("intent: /greet", "warning: The intent `/greet` begins with `/`. Write `greet`."),
        ("form: book_form", "warning: `form` is the older name of `active_loop`. Rename the key."),
        (
            "action:",
            "warning: An action of the story `one` has no name; the step is ignored. Name it, or remove the step.",
        ),
        (
            "{intent: null}",
            "warning: A message of the user in the story `one` has neither an intent nor words; the step is ignored. "
            "Name the intent, or remove the step.",
        ),
        ("actoin: utter_greet", "error: A step of the story `one` has no known key. Did you mean `action`?"),
        ("just words", "error: A step of the story `one` must be a mapping, not `just words`."),
        (
            "user: '[x]{broken}'",
            'error: The message has a broken entity mark: `{broken}` is not JSON. Write `{"entity": "…", "value": "…"}`, with double quotes.',
        ),
        (
            "user: '/inform{city}'",
            'warning: `{city}` is not JSON; the entities are ignored. Write `{"entity": "value"}`.',
        ),
        (
            "or: [{action: utter_greet}]",
            "error: An alternative under `or` in the story `one` is neither an `intent` nor a `slot_was_set`.",
        ),
        (
            "{intent: greet, entities: [[city]]}",
            "error: An entity must be a name, or a name with a value, not a list.",
        ),
        (
            "slot_was_set: [[city]]",
            "error: A slot in the story `one` must be a name, or a name with a value.",
        ),
    ],
)
def test_a_step_that_is_not_right_is_named_at_its_line(tmp_path: Path, step: str, message: str) -> None:
    reading = read_written(
        tmp_path,
        {"data/s.yml": f"stories:\n- story: one\n  steps:\n  - intent: greet\n  - {step}\n"},
    )
    assert [problem.format() for problem in reading.problems] == [f"data/s.yml:5: {message}"]


def test_what_is_no_condition_is_refused(tmp_path: Path) -> None:
    reading = read_written(
        tmp_path,
        {"data/s.yml": "rules:\n- rule: r\n  condition:\n  - intent: greet\n  steps:\n  - action: a\n"},
    )
    assert [problem.format() for problem in reading.problems] == [
        "data/s.yml:4: error: A condition of the rule `r` is neither `slot_was_set` nor `active_loop`. "
        "Move it to the steps."
    ]


def test_test_stories_are_read_on_their_own(tmp_path: Path) -> None:
    story = "stories:\n- story: {}\n  steps:\n  - user: hey\n    intent: greet\n"
    root = write_project(
        tmp_path, {"tests/test_a.yml": story.format("a"), "tests/more/other.yml": story.format("b")}
    )
    in_folder = read_test_stories(root / "tests", root=root)
    assert [told.source for told in in_folder.stories] == ["tests/test_a.yml:2"]
    in_file = read_test_stories(root / "tests" / "more" / "other.yml", root=root)
    assert [told.name for told in in_file.stories] == ["b"]
    # No file is named as a test, so that all count.
    below = read_test_stories(root / "tests" / "more", root=root)
    assert [told.name for told in below.stories] == ["b"]


def test_test_stories_of_rasa_1_are_read_too(tmp_path: Path) -> None:
    root = write_project(
        tmp_path, {"tests/conversation_tests.md": "## hello\n* greet: hey\n  - utter_greet\n"}
    )
    (story,) = read_test_stories(root / "tests", root=root).stories
    assert story.steps == (UserStep(intent="greet", text="hey"), ActionStep(name="utter_greet"))
