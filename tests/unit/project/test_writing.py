"""What is written is read back the same."""

from pathlib import Path

import pytest

from duologue.core.stories import (
    ActionStep,
    BotStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Story,
    StoryEntity,
    UserStep,
)
from duologue.project.definition import IntentExample
from duologue.project.entity_marks import read_marks, write_marks
from duologue.project.writing.nlu_text import write_nlu
from duologue.project.writing.story_text import write_stories
from duologue.project.writing.yaml_text import write_yaml
from duologue.project.yaml_reader import parse_yaml
from tests.unit.project.written_project import read_definition

STEPS = (
    CheckpointStep(name="begin", slots=(SlotStep(name="size", value="small"),)),
    UserStep(intent="greet"),
    UserStep(text="hello"),
    UserStep(
        intent="book",
        text="to Rome",
        entities=(StoryEntity(entity="city", value="roma", role="to", start=3, end=7),),
    ),
    UserStep(
        intent="book",
        entities=(
            StoryEntity(entity="city", value="Rome", group="1"),
            StoryEntity(entity="people", value=2),
            StoryEntity(entity="date"),
        ),
        metadata={"channel": "web"},
    ),
    UserStep(
        intent="inform", text='/inform{"city": "Rome"}', entities=(StoryEntity(entity="city", value="Rome"),)
    ),
    OrStep(alternatives=(UserStep(intent="yes"), UserStep(intent="sure"))),
    ActionStep(name="book_form"),
    LoopStep(name="book_form"),
    SlotStep(name="requested_slot", value=None),
    SlotStep(name="city", has_value=False),
    SlotStep(name="people", value=3, is_negated=True),
    LoopStep(name=None),
    BotStep(text="Done.\nReally."),
    CheckpointStep(name="end"),
)


def test_stories_and_rules_are_read_back(tmp_path: Path) -> None:
    story = Story(name="all: of it", steps=STEPS, metadata={"author": "me"}, source="data/s.yml:3")
    rule = Story(
        name="rule",
        steps=(ActionStep(name="utter_x"),),
        is_rule=True,
        condition=(SlotStep(name="a", value=True), LoopStep(name="f")),
        is_conversation_start=True,
        waits_for_user_input=False,
        source="data/s.yml:57",
    )
    data = read_definition(tmp_path, {"data/s.yml": write_stories((story, rule))}).training_data
    assert data.stories[0].steps == story.steps
    assert data.stories[0].metadata == story.metadata
    assert data.rules[0].condition == rule.condition
    assert (data.rules[0].is_conversation_start, data.rules[0].waits_for_user_input) == (True, False)


def test_nlu_data_is_read_back(tmp_path: Path) -> None:
    city = {"start": 3, "end": 5, "entity": "city", "value": "New York", "role": "to"}
    examples = (
        IntentExample(intent="book", text="to NY", entities=(city,)),
        IntentExample(intent="book", text="book: [now]"),
        IntentExample(intent="faq/hours", text="when", metadata={"kind": "faq", "mood": "calm"}),
        IntentExample(intent="faq/hours", text="until when", metadata={"kind": "faq"}),
        IntentExample(intent="odd", text="two\nlines"),
    )
    written = write_nlu(
        examples,
        synonyms={"NY": "New York", "NYC": "New York"},
        lookups={"city": ("Rome", "yes")},
        regexes={"zip": ("[0-9]{5}",)},
    )
    assert written.count("synonym:") == 1
    data = read_definition(tmp_path, {"data/n.yml": written}).training_data
    assert data.examples == examples
    assert data.synonyms == {"NY": "New York", "NYC": "New York"}
    assert data.lookups == {"city": ("Rome", "yes")}
    assert data.regexes == {"zip": ("[0-9]{5}",)}


@pytest.mark.parametrize(
    "entities",
    [
        [{"start": 0, "end": 2, "entity": "a:b", "value": "ab"}],
        [{"start": 0, "end": 2, "entity": "x", "value": 7, "group": "1"}],
        [{"start": 0, "end": 2, "entity": "x", "value": "ab"}, {"start": 0, "end": 2, "entity": "y", "value": "q"}],
        [{"start": 3, "end": 5, "entity": "x", "value": "cd"}, {"start": 0, "end": 2, "entity": "x", "value": "ab"}],
    ],
)  # fmt: skip
def test_marks_are_read_back(entities: list[dict[str, object]]) -> None:
    text, found = read_marks(write_marks("ab cd", entities))
    assert text == "ab cd"
    assert found == sorted(entities, key=lambda entity: str(entity["start"]))


@pytest.mark.parametrize(
    "value",
    ["yes", "1e3", "0x1F", "null", "", " a ", "a: b", "# a", "- a", "1_000", "on", "2024-01-01", "a\nb", "a \nb\n"],
)  # fmt: skip
def test_a_text_stays_a_text(value: str) -> None:
    assert parse_yaml(write_yaml({"key": value, "list": [value]}))[0] == {"key": value, "list": [value]}
