"""Entities that tables, expressions and synonyms of a project name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.core.nlu_options import RegexExtractorOptions
from duologue.core.understanding import Entity
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.extractors.lookup_table import LookupTable
from duologue.understanding.nlu.extractors.regex_extractor import RegexEntityExtractor
from duologue.understanding.nlu.extractors.synonyms import EntitySynonymMapper
from duologue.understanding.nlu.message import NluMessage, TrainingExample

RESOURCES = NluResources(
    regexes={"zip": (r"\b\d{5}\b",), "greeting": ("hello",)},
    lookups={"city": ("New York", "Rome", "York")},
)
EXAMPLES = (
    TrainingExample(
        text="in Rome 10115",
        intent="place",
        entities=(
            Entity(entity="city", value="Rome", start=3, end=7),
            Entity(entity="zip", value="10115", start=8, end=13),
        ),
    ),
)


def extract(
    text: str, options: RegexExtractorOptions, reports: list[str] | None = None
) -> list[tuple[str, str]]:
    trained = RegexEntityExtractor(options, RESOURCES, (reports if reports is not None else []).append)
    trained.train(EXAMPLES)
    extractor = RegexEntityExtractor(options, RESOURCES, print)
    extractor.restore(trained.dump())
    message = NluMessage(text=text)
    extractor.process(message)
    assert all(text[entity.start : entity.end] == entity.value for entity in message.entities)
    return [(entity.entity, entity.value) for entity in message.entities]


def test_expressions_and_tables_named_like_an_entity_are_found() -> None:
    found = extract("hello from new york, 10115", RegexExtractorOptions())
    assert found == [("zip", "10115"), ("city", "new york")]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (RegexExtractorOptions(case_sensitive=True), []),
        (RegexExtractorOptions(use_lookup_tables=False), []),
        (RegexExtractorOptions(use_word_boundaries=False), [("city", "rome"), ("city", "rome")]),
        (RegexExtractorOptions(), [("city", "rome")]),
    ],
)
def test_the_options_say_what_counts(options: RegexExtractorOptions, found: list[tuple[str, str]]) -> None:
    assert extract("romeo met rome", options) == found


def test_an_extractor_without_any_pattern_says_so() -> None:
    reports: list[str] = []
    RegexEntityExtractor(RegexExtractorOptions(), NluResources(), reports.append).train(EXAMPLES)
    assert reports == [
        "`RegexEntityExtractor` finds nothing: no regular expression and no lookup table is named like an entity."
    ]


@given(
    st.lists(st.text("ab c-", min_size=1, max_size=4), min_size=1, max_size=6), st.text("ab c-", max_size=20)
)
def test_a_table_finds_what_one_long_expression_would(entries: list[str], text: str) -> None:
    import re

    table = LookupTable(entries, is_case_sensitive=True, needs_boundaries=True)
    pattern = "|".join(rf"\b{re.escape(entry)}\b" for entry in entries)
    assert list(table.find(text)) == [found.span() for found in re.finditer(pattern, text)]


def test_a_letter_that_grows_when_folded_moves_no_place() -> None:
    table = LookupTable(["rome"], is_case_sensitive=False, needs_boundaries=True)
    assert list(table.find("İİ ROME")) == [(3, 7)]


def test_synonyms_of_the_project_and_of_its_marks_replace_values() -> None:
    trained = EntitySynonymMapper(NluResources(synonyms={"NYC": "New York"}))
    marked = TrainingExample(
        text="the eternal city",
        intent="place",
        entities=(Entity(entity="city", value="Rome", start=4, end=16),),
    )
    trained.train((marked,))
    mapper = EntitySynonymMapper(NluResources())
    mapper.restore(trained.dump())
    message = NluMessage(text="…")
    values = ("nyc", "ETERNAL CITY", "ROME", "Paris", 5, {"from": None})
    message.entities.extend(Entity(entity="city", value=value) for value in values)
    mapper.process(message)
    assert [entity.value for entity in message.entities] == [
        "New York",
        "Rome",
        "Rome",
        "Paris",
        5,
        {"from": None},
    ]
    assert [entity.extra.get("processors") for entity in message.entities[2:4]] == [
        ["EntitySynonymMapper"],
        None,
    ]
