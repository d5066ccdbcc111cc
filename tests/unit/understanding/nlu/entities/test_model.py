"""A labeller that learned from few marked sentences finds values it never saw."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from duologue.core.errors import DefinitionError
from duologue.core.understanding import Entity
from duologue.ports.sentence_encoder import EncodedText
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.entities.model import EntityModel
from duologue.understanding.nlu.entities.options import EntityOptions, is_split, settle_commas
from duologue.understanding.nlu.message import TrainingExample

_MARKED = re.compile(r"\[([^]]+)]\((\w+)(?::(\w+))?\)")
_SENTENCES = """\
my name is [Bob](name)
my name is [Alice](name)
I am [Mary](name)
I am [Peter](name)
hello this is [Sophie](name)
you can call me [Tom](name)
call me [Olivia](name) please
a flight from [Paris](city:from) to [Rome](city:to)
a flight from [New York](city:from) to [Oslo](city:to)
fly from [Berlin](city:from) to [Cairo](city:to) tomorrow
book a trip to [Madrid](city:to) from [San Diego](city:from)
a ticket from [Lima](city:from)
take me to [Tokyo](city:to)
hello
good morning to you
what can you do
where is my ticket
cancel my flight
is this the right number
I am not happy
call me back later
"""
_PLAIN = NluResources(language="en")


def _read(marked: str) -> TrainingExample:
    text, entities, behind = "", [], 0
    for found in _MARKED.finditer(marked):
        text += marked[behind : found.start()]
        value, name, role = found.groups()
        entities.append(
            Entity(entity=name, value=value, start=len(text), end=len(text) + len(value), role=role)
        )
        text += value
        behind = found.end()
    return TrainingExample(text=text + marked[behind:], entities=tuple(entities))


def _read_all(sentences: str) -> list[TrainingExample]:
    return [_read(line) for line in sentences.splitlines()]


@cache
def _train() -> EntityModel:
    return EntityModel.train(_read_all(_SENTENCES), resources=_PLAIN)


def _find(model: EntityModel, text: str) -> list[tuple[str, str | None, str]]:
    found = model.predict(text)
    assert all(text[entity.start : entity.end] == entity.value for entity in found)
    return [(entity.entity, entity.role, str(entity.value)) for entity in found]


@pytest.mark.parametrize("name", ["Bob", "Ahmed", "Zoltan"])
def test_a_name_never_seen_is_found_by_what_stands_before_it(name: str) -> None:
    assert _find(_train(), f"my name is {name}") == [("name", None, name)]


def test_roles_are_told_apart() -> None:
    found = _find(_train(), "a flight from Kyoto to Lisbon")
    assert found == [("city", "from", "Kyoto"), ("city", "to", "Lisbon")]


@pytest.mark.parametrize("text", ["hello", "what can you do for me", "cancel my ticket", "", "?!"])
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert _find(_train(), text) == []


def test_what_is_found_says_who_found_it_and_how_sure() -> None:
    [entity] = _train().predict("my name is Bob")
    assert entity.extractor == "DIETClassifier"
    assert entity.confidence is not None
    assert 0.5 < entity.confidence <= 1


@pytest.mark.slow
def test_trained_twice_it_is_the_same_and_restored_it_answers_alike() -> None:
    files = _train().dump()
    again = EntityModel.train(_read_all(_SENTENCES), resources=_PLAIN)
    assert again.dump() == files
    restored = EntityModel.restore(files, _PLAIN)
    text = "fly from Rio de Janeiro to Bonn"
    assert restored.predict(text) == _train().predict(text)
    assert restored.labels == _train().labels


def test_without_marked_examples_it_finds_nothing_and_can_be_stored() -> None:
    model = EntityModel.train([TrainingExample(text="hello"), TrainingExample(text="bye")], resources=_PLAIN)
    assert model.labels == ()
    assert EntityModel.restore(model.dump(), _PLAIN).predict("my name is Bob") == []


@pytest.mark.parametrize(
    "example",
    [
        TrainingExample(text="", entities=(Entity(entity="city", value="x", start=0, end=3),)),
        TrainingExample(text="Rome", entities=(Entity(entity="city", value="Rome"),)),
        TrainingExample(text="?", entities=(Entity(entity="city", value="?", start=0, end=1),)),
        TrainingExample(
            text="New York",
            entities=(
                Entity(entity="city", value="New York", start=0, end=8),
                Entity(entity="state", value="York", start=4, end=8),
            ),
        ),
    ],
)
def test_odd_examples_do_not_stop_the_training(example: TrainingExample) -> None:
    model = EntityModel.train([example, TrainingExample(text="hello")], resources=_PLAIN)
    assert isinstance(model.predict("New York"), list)


@pytest.mark.slow
def test_a_lookup_table_tells_values_that_no_example_holds() -> None:
    table = ("pad thai", "ramen", "goulash", "pizza", "tacos", "sushi", "paella", "falafel")
    sentences = "\n".join(
        [
            *(f"I want [{dish}](dish) now" for dish in table[:5]),
            "I want it now",
            "I want help now",
            "I want more now",
        ]
    )
    model = EntityModel.train(_read_all(sentences), resources=NluResources(lookups={"dish": table}))
    assert _find(model, "I want falafel now") == [("dish", None, "falafel")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("choice", "values"),
    [
        (True, ["milk", "bread", "eggs"]),
        (False, ["milk, bread", "eggs"]),
        ({"item": True}, ["milk", "bread", "eggs"]),
        ({"default": True}, ["milk", "bread", "eggs"]),
        (None, ["milk, bread", "eggs"]),
    ],
)
def test_an_author_or_the_examples_decide_whether_commas_part_entities(
    choice: bool | dict[str, bool] | None, values: list[str]
) -> None:
    sentences = "\n".join(f"buy [{first}, {second}](item) and [{third}](item)" for first, second, third in [
        ("milk", "bread", "eggs"), ("tea", "milk", "sugar"), ("bread", "eggs", "tea"), ("sugar", "eggs", "milk"),
    ])  # fmt: skip
    options = EntityOptions(split_by_comma=choice)
    model = EntityModel.train(_read_all(sentences), resources=_PLAIN, options=options)
    assert [value for _, _, value in _find(model, "buy milk, bread and eggs")] == values


def test_commas_part_entities_where_no_example_says_otherwise() -> None:
    marked = TrainingExample(text="buy milk", entities=(Entity(entity="item", value="milk", start=4, end=8),))
    listed = "in Paris, Texas"
    place = TrainingExample(
        text=listed, entities=(Entity(entity="place", value=listed[3:], start=3, end=15),)
    )
    options = settle_commas(EntityOptions(split_by_comma={"box": False}), [marked, place])
    assert [is_split(options, name) for name in ("item", "place")] == [True, None]


def test_what_was_asked_decides_what_a_bare_number_is() -> None:
    examples = [
        TrainingExample(
            text=str(number),
            entities=(Entity(entity=name, value=str(number), start=0, end=1),),
            metadata={"requested_slots": [name]},
        )
        for number in range(1, 10)
        for name in ("people", "time")
    ]
    model = EntityModel.train(examples, resources=_PLAIN)
    assert [entity.entity for entity in model.predict("4", asked=["people"])] == ["people"]
    assert [entity.entity for entity in model.predict("4", asked=["time"])] == ["time"]


def test_what_was_asked_tells_roles_apart_without_any_example_of_questions() -> None:
    cities = ("Oslo", "Rome", "Lima", "Cairo", "Paris", "Tokyo", "Berlin", "Madrid")
    sentences = [f"[{city}](city:{role})" for city in cities for role in ("from", "to")]
    model = EntityModel.train(_read_all("\n".join(sentences)), resources=_PLAIN)
    found = [model.predict("Rome", asked=["place", f"city#{role}"])[0].role for role in ("from", "to")]
    assert found == ["from", "to"]


@pytest.mark.parametrize("asked", ["name", "city#from"])
@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("what can you do", []),
        ("cancel my flight", []),
        ("my name is Bob", [("name", None, "Bob")]),
        ("a flight from Kyoto to Lisbon", [("city", "from", "Kyoto"), ("city", "to", "Lisbon")]),
    ],
)
def test_what_was_asked_changes_nothing_that_the_text_makes_clear(
    text: str, values: list[object], asked: str
) -> None:
    found = _train().predict(text, asked=[asked])
    assert [(entity.entity, entity.role, entity.value) for entity in found] == values


class _LetterEncoder:
    """Tells of each word whether it begins with a capital."""

    name = "letters-1"
    width = token_width = 2

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        return [self._encode(text) for text in texts]

    def _encode(self, text: str) -> EncodedText:
        words = list(re.finditer(r"\S+", text))
        return EncodedText(
            sentence=np.zeros(2, dtype=np.float32),
            tokens=np.array([[w.group()[0].isupper(), 1] for w in words], dtype=np.float32).reshape(-1, 2),
            spans=np.array([w.span() for w in words], dtype=np.int32).reshape(-1, 2),
        )


@pytest.mark.slow
def test_what_was_learned_with_an_encoder_needs_the_same_one() -> None:
    resources = NluResources(encoder=_LetterEncoder())
    model = EntityModel.train(_read_all(_SENTENCES), resources=resources)
    assert _find(model, "my name is Bob") == [("name", None, "Bob")]
    assert EntityModel.restore(model.dump(), resources).predict("I am Mary") == model.predict("I am Mary")
    with pytest.raises(
        DefinitionError, match="trained with the sentence encoder `letters-1`, and here is none"
    ):
        EntityModel.restore(model.dump(), _PLAIN)
