"""Entities are found by what a project's examples and tables name."""

import logging

import pytest

from duologue.core.understanding import Entity
from duologue.project.entity_marks import read_marks
from duologue.understanding.entity_finder import EntityFinder

FLIGHTS = (
    "from [Rome]{'entity': 'city', 'role': 'from'} to [Bern]{'entity': 'city', 'role': 'to'}",
    "fly to [Rome]{'entity': 'city', 'role': 'to'}",
    "I leave from [Bern]{'entity': 'city', 'role': 'from'}",
    "a pizza with [cheese]{'entity': 'topping', 'group': '1'} and one with [ham]{'entity': 'topping', 'group': '2'}",
    "to [NY]{'entity': 'city', 'role': 'to', 'value': 'New York'} please",
)
NAMES = tuple(f"my name is [{name}](name)" for name in ("Ada", "Grace", "Alan", "Edsger"))


def find(text: str, *marked: str, **tables: object) -> tuple[Entity, ...]:
    examples = [read_marks(one.replace("'", '"')) for one in marked]
    return EntityFinder(examples, **tables).find(text)  # type: ignore[arg-type]


def values(found: tuple[Entity, ...]) -> list[tuple[str, object]]:
    return [(entity.entity, entity.value) for entity in found]


def test_a_value_of_an_example_is_found_whatever_its_case_and_accents() -> None:
    (found,) = find("Wohin? ROMÉ!", "to [Rome](city)")

    assert (found.entity, found.value, found.start, found.end) == ("city", "Rome", 7, 11)


def test_the_words_around_it_tell_the_role() -> None:
    found = find("fly from Bern to Rome", *FLIGHTS)

    assert [(entity.value, entity.role) for entity in found] == [("Bern", "from"), ("Rome", "to")]


@pytest.mark.parametrize(
    ("text", "role"), [("to Vienna", "to"), ("leave from Vienna", "from"), ("Vienna", None)]
)
def test_the_words_around_it_tell_the_role_of_a_value_that_no_example_has(
    text: str, role: str | None
) -> None:
    (found,) = find(text, *FLIGHTS, lookups={"city": ["Vienna"]})

    assert (found.value, found.role) == ("Vienna", role)


def test_a_role_that_no_example_has_is_not_made_up() -> None:
    (found,) = find("to Bern", "from [Bern]{'entity': 'city', 'role': 'from'}")

    assert found.role == "from"


def test_groups_are_kept() -> None:
    assert [entity.group for entity in find("cheese, ham", *FLIGHTS)] == ["1", "2"]


def test_another_value_stands_for_a_spelling() -> None:
    assert values(find("to ny", *FLIGHTS)) == [("city", "New York")]


def test_synonyms_are_spellings_of_known_values() -> None:
    found = find(
        "the big apple or NYC",
        lookups={"city": ["New York"]},
        synonyms={"Big Apple": "New York", "NYC": "New York"},
    )

    assert values(found) == [("city", "New York"), ("city", "New York")]


def test_the_longest_value_wins() -> None:
    assert values(
        find("new york city hall", lookups={"city": ["York", "New York"], "place": ["City Hall"]})
    ) == [
        ("city", "New York"),
        ("place", "City Hall"),
    ]


def test_a_regular_expression_named_like_an_entity_finds_whole_words() -> None:
    tables = {"regexes": {"code": [r"[a-z]\d{3}"], "other": [r"\d+"]}, "entities": ["code"]}

    assert values(find("code A123, not XA1234", **tables)) == [("code", "A123")]


def test_a_regular_expression_that_cannot_be_read_is_told_and_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert find("(", regexes={"code": ["("]}, entities=["code"]) == ()

    assert "nlu.regex_not_usable" in caplog.text


def test_a_new_value_is_found_in_a_sentence_otherwise_as_in_the_examples() -> None:
    assert values(find("My name is Barbara Liskov", *NAMES)) == [("name", "Barbara Liskov")]
    assert find("my name is not so important to you", *NAMES) == ()


def test_an_entity_with_few_values_has_no_others() -> None:
    assert find("I want to fly", "I want to [pay](wish)", "I want to [leave](wish)") == ()


def test_a_text_without_values_has_none() -> None:
    assert find("hello there", *FLIGHTS, *NAMES) == ()
