"""Things that a message names."""

import pytest

from duologue.understanding.answers.thing import find_things

GENERAL = frozenset({"item", "product", "order"})


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("I'd like to send back my trousers from order 210033", "trousers"),
        ("how can i get rid of an old couch", "old couch"),
        ("I left my red umbrella on the bus", "red umbrella"),
        ("do you still have the Harbour raincoat in medium?", "Harbour raincoat"),
    ],
)
def test_a_thing_is_named_after_an_article_or_a_possessive(text: str, thing: str) -> None:
    assert [name for name, _ in find_things(text, languages=("en",), general=GENERAL)] == [thing]


@pytest.mark.parametrize(
    "text",
    [
        "I want to return an item because the colour is wrong",
        "I was at the station",
        "send money to Anna",
        "",
    ],
)
def test_what_names_no_certain_thing_gives_none(text: str) -> None:
    assert find_things(text, languages=("en",), general=GENERAL) == []
