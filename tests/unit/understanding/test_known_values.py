"""Values that the project's own data names are found in a message."""

from duologue.understanding.known_values import KnownValues


def make_values() -> KnownValues:
    text = "a table in New York for Ana"
    return KnownValues.from_data(
        [
            (text, {"start": 11, "end": 19, "entity": "city"}),
            (text, {"start": 24, "end": 27, "entity": "person", "role": "guest", "value": "Ana Silva"}),
        ],
        {"cuisine": ["thai", "South Indian"]},
        {"the big apple": "New York"},
    )


def found(text: str) -> list[tuple[str, str, str | None]]:
    return [(known.entity, known.value, known.role) for known in make_values().find(text)]


def test_annotated_examples_lookup_tables_and_synonyms_are_known() -> None:
    assert found("new york, please") == [("city", "New York", None)]
    assert found("something South Indian?") == [("cuisine", "South Indian", None)]
    assert found("in The Big Apple") == [("city", "New York", None)]
    assert found("with ana") == [("person", "Ana Silva", "guest")]


def test_only_whole_words_count() -> None:
    assert found("thailand, or newyork, or Anabel") == []


def test_the_words_of_the_message_are_marked() -> None:
    text = "Thai in NEW YORK"
    assert [text[known.start : known.end] for known in make_values().find(text)] == ["Thai", "NEW YORK"]


def test_the_longest_value_wins() -> None:
    values = KnownValues([("york", "city", "York", None), ("new york", "city", "New York", None)])
    assert [known.value for known in values.find("from york to new york")] == ["York", "New York"]
