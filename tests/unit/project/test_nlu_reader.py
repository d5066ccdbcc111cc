"""NLU training data in all its forms."""

from pathlib import Path

import pytest

from duologue.project.definition import IntentExample
from duologue.project.entity_marks import EntityMarkError, read_marks
from tests.unit.project.written_project import read_definition, read_written


@pytest.mark.parametrize(
    ("marked", "text", "entities"),
    [
        ("hello", "hello", []),
        ("[x] marks the spot", "[x] marks the spot", []),
        (
            "fly to [Rome](city) today",
            "fly to Rome today",
            [{"start": 7, "end": 11, "entity": "city", "value": "Rome"}],
        ),
        (
            '[NY](city:New York) and [LA]{"entity": "city", "role": "to", "group": "1", "value": "Los Angeles"}',
            "NY and LA",
            [
                {"start": 0, "end": 2, "entity": "city", "value": "New York"},
                {"start": 7, "end": 9, "entity": "city", "value": "Los Angeles", "role": "to", "group": "1"},
            ],
        ),
        (
            '[new york]{"entity": "city"}',
            "new york",
            [{"start": 0, "end": 8, "entity": "city", "value": "new york"}],
        ),
        (
            '[two tickets][{"entity": "number", "value": 2}, {"entity": "thing"}]',
            "two tickets",
            [
                {"start": 0, "end": 11, "entity": "number", "value": 2},
                {"start": 0, "end": 11, "entity": "thing", "value": "two tickets"},
            ],
        ),
        ("去[北京](城市)吧", "去北京吧", [{"start": 1, "end": 3, "entity": "城市", "value": "北京"}]),
    ],
)
def test_entity_marks_are_taken_out_of_the_text(
    marked: str, text: str, entities: list[dict[str, object]]
) -> None:
    assert read_marks(marked) == (text, entities)


@pytest.mark.parametrize("marked", ["[a]{entity: city}", '[a]{"role": "x"}'])
def test_a_broken_mark_is_refused(marked: str) -> None:
    with pytest.raises(EntityMarkError):
        read_marks(marked)


def test_all_forms_of_training_data_are_read(tmp_path: Path) -> None:
    data = read_definition(
        tmp_path,
        {
            "data/nlu.yml": """\
                version: "3.1"
                nlu:
                  - intent: fly
                    metadata: {kind: travel}
                    examples: |
                      - to [NY](city:New York)
                      - now
                  - intent: faq/hours
                    examples:
                      - when do you open
                      - text: |
                          until when
                        metadata: {sentiment: neutral}
                  - synonym: Paris
                    examples: |
                      - city of light
                  - lookup: city
                    examples:
                      - Rome
                      - Bern
                  - regex: zip
                    examples: |
                      - \\d{5}
                """
        },
    ).training_data
    assert data.examples == (
        IntentExample(
            intent="fly",
            text="to NY",
            entities=({"start": 3, "end": 5, "entity": "city", "value": "New York"},),
            metadata={"kind": "travel"},
        ),
        IntentExample(intent="fly", text="now", metadata={"kind": "travel"}),
        IntentExample(intent="faq/hours", text="when do you open"),
        IntentExample(intent="faq/hours", text="until when", metadata={"sentiment": "neutral"}),
    )
    assert data.synonyms == {"NY": "New York", "city of light": "Paris"}
    assert data.lookups == {"city": ("Rome", "Bern")}
    assert data.regexes == {"zip": (r"\d{5}",)}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "{examples: a}",
            "data/nlu.yml:1: error: An entry of `nlu` must be one of `intent`, `synonym`, `lookup`, `regex`.",
        ),
        ("{intent: , examples: a}", "data/nlu.yml:1: error: The `intent` has no name."),
        (
            "{intent: a, examples: 'hello'}",
            "data/nlu.yml:1: warning: The example `hello` does not begin with `- `; it is ignored. Begin it with `- `.",
        ),
        (
            "{intent: a, examples: ['[x]{city}']}",
            'data/nlu.yml:1: error: An example of `a` has a broken entity mark: `{city}` is not JSON. Write `{"entity": "…", "value": "…"}`, with double quotes.',
        ),
        (
            "{intent: a, example: ['x']}",
            "data/nlu.yml:1: warning: The intent `a` has an unknown key `example`; it is ignored. Did you mean `examples`?",
        ),
    ],
)
def test_what_is_not_right_in_training_data_is_named(tmp_path: Path, entry: str, message: str) -> None:
    reading = read_written(tmp_path, {"data/nlu.yml": f"nlu: [{entry}]\n"})
    assert [problem.format() for problem in reading.problems] == [message]


def test_other_markdown_beside_the_data_is_left_alone(tmp_path: Path) -> None:
    reading = read_written(tmp_path, {"data/README.md": "# About\n- a list\n", "data/f.yml": "stories: []\n"})
    assert len(reading.problems) == 0
