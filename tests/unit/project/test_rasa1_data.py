"""Markdown and JSON of Rasa 1 are read as if they were YAML of today."""

from pathlib import Path

import pytest

from duologue.core.domain import Variation
from duologue.core.stories import (
    ActionStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    StoryEntity,
    UserStep,
)
from duologue.project.definition import IntentExample
from tests.unit.project.written_project import read_definition, read_written

STORIES = """\
## happy path <!-- the usual one -->
> asked{"size": "small"}
* greet
  - utter_greet
* book{"city": "Rome", "people": [2, 3]} OR pay
  - book_form
  - form{"name": "book_form"}
  - slot{"city": "Rome"}
  - form{"name": null}
<!-- * greet
  - utter_hidden -->
> done

## with words
* book: to [Rome](city)
  - utter_done
"""

NLU_JSON = """\
{"rasa_nlu_data": {
  "common_examples": [
    {"text": "to NY", "intent": "book", "entities": [
      {"start": 3, "end": 5, "value": "New York", "entity": "city", "role": "to"}]},
    {"text": "hi", "intent": "greet"},
    {"intent": "greet"}
  ],
  "regex_features": [{"name": "zip", "pattern": "[0-9]{5}"}],
  "lookup_tables": [{"name": "city", "elements": ["Rome", "Oslo"]}, {"name": "street", "elements": "data/streets.txt"}],
  "entity_synonyms": [{"value": "New York", "synonyms": ["NYC", "ny"]}]
}}
"""


def test_stories_in_markdown_are_read_with_their_lines(tmp_path: Path) -> None:
    definition = read_definition(tmp_path, {"data/stories.md": STORIES})
    happy, with_words = definition.training_data.stories
    assert happy.name == "happy path"
    assert happy.source == "data/stories.md:1"
    assert happy.steps == (
        CheckpointStep(name="asked", slots=(SlotStep(name="size", value="small"),)),
        UserStep(intent="greet"),
        ActionStep(name="utter_greet"),
        OrStep(
            alternatives=(
                UserStep(
                    intent="book",
                    entities=(
                        StoryEntity(entity="city", value="Rome"),
                        StoryEntity(entity="people", value=2),
                        StoryEntity(entity="people", value=3),
                    ),
                ),
                UserStep(intent="pay"),
            )
        ),
        ActionStep(name="book_form"),
        LoopStep(name="book_form"),
        SlotStep(name="city", value="Rome"),
        LoopStep(name=None),
        CheckpointStep(name="done"),
    )
    assert with_words.source == "data/stories.md:14"
    assert with_words.steps[0] == UserStep(
        intent="book",
        text="to Rome",
        entities=(StoryEntity(entity="city", value="Rome", start=3, end=7),),
    )


def test_nlu_data_in_markdown_is_read(tmp_path: Path) -> None:
    markdown = """\
        ## intent:book
        - to [NY](city:New York)
        - to [LA]{"entity": "city", "role": "to"}
        <!-- - not this -->

        ## synonym:New York
        - big apple

        ## regex:zip
        - [0-9]{5}

        ## lookup:street
        data/streets.txt
        """
    data = read_definition(
        tmp_path, {"data/nlu.md": markdown, "data/streets.txt": "High Street\n\nLow Street\n"}
    ).training_data
    assert [example.text for example in data.examples] == ["to NY", "to LA"]
    assert data.examples[1].entities == (
        {"start": 3, "end": 5, "entity": "city", "value": "LA", "role": "to"},
    )
    assert data.synonyms == {"NY": "New York", "big apple": "New York"}
    assert data.regexes == {"zip": ("[0-9]{5}",)}
    assert data.lookups == {"street": ("High Street", "Low Street")}


def test_nlu_data_in_json_is_read(tmp_path: Path) -> None:
    reading = read_written(tmp_path, {"data/nlu.json": NLU_JSON, "data/streets.txt": "High Street\n"})
    assert [problem.format() for problem in reading.problems] == [
        "data/nlu.json:6: warning: An example has no `text`; it is ignored."
    ]
    assert reading.definition is not None
    data = reading.definition.training_data
    assert data.examples == (
        IntentExample(
            intent="book",
            text="to NY",
            entities=({"start": 3, "end": 5, "entity": "city", "value": "New York", "role": "to"},),
        ),
        IntentExample(intent="greet", text="hi"),
    )
    assert data.synonyms == {"NY": "New York", "NYC": "New York", "ny": "New York"}
    assert data.regexes == {"zip": ("[0-9]{5}",)}
    assert data.lookups == {"city": ("Rome", "Oslo"), "street": ("High Street",)}


def test_answers_of_retrieval_intents_in_markdown_become_responses(tmp_path: Path) -> None:
    markdown = "## hours\n* faq/hours\n  - We open at nine.\n  - At nine.\n## where\n* faq/where\n  - Here.\n"
    domain = read_definition(tmp_path, {"data/answers.md": markdown}).domain
    assert domain.responses["utter_faq/hours"] == (
        Variation(text="We open at nine."),
        Variation(text="At nine."),
    )
    assert domain.responses["utter_faq/where"] == (Variation(text="Here."),)


def test_an_intent_that_triggers_an_action_becomes_a_rule(tmp_path: Path) -> None:
    definition = read_definition(
        tmp_path,
        {
            "config.yml": "assistant_id: test\npolicies: [{name: MappingPolicy}]\n",
            "domain.yml": "intents: [{restart_all: {triggers: action_restart}}, greet]\n",
        },
    )
    (rule,) = definition.training_data.rules
    assert rule.is_rule
    assert rule.steps == (UserStep(intent="restart_all"), ActionStep(name="action_restart"))
    assert rule.source == "domain.yml:1"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.md", "## intent:x\n- hi\nstray\n", "data/a.md:3: warning: This line is no item of a list; it is ignored."),
        ("a.md", "## intent:x\n- hi\n## other\n- ho\n", "data/a.md:3: warning: This is no section of NLU data; what stands below it is ignored."),
        ("a.md", '## s\n* book{"a: 1}\n - utter_a\n', 'data/a.md:2: warning: `{"a: 1}` is not JSON; it is ignored.'),
        ("a.md", "## s\n* book\n - pause\n", "data/a.md:3: warning: The event `pause` in a story has no meaning today; it is ignored."),
        ("a.json", '{"rasa_nlu_data": [', "data/a.json:2: error: A `[` or `{` is never closed. Close it, or put the text in quotes."),
        ("a.json", '{"rasa_nlu_data": []}', "data/a.json:1: error: `rasa_nlu_data` must be a mapping."),
        ("a.md", "## lookup:x\ndata/gone.txt\n", "data/a.md:1: error: The lookup table `data/gone.txt` cannot be read: the file does not exist. Its path counts from the project's folder."),
    ],
)  # fmt: skip
def test_what_is_not_right_is_named_at_its_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    reading = read_written(tmp_path, {f"data/{name}": text})
    assert message in [problem.format() for problem in reading.problems]
