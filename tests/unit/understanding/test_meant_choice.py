"""Listed values that are meant and not said."""

import pytest

from duologue.understanding.answers.choice import Choice
from duologue.understanding.meant_choice import find_meant_choice

DAMAGE = tuple(
    Choice(value=value) for value in ("road surface", "street light", "graffiti", "something else")
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a huge hole in the road", "road surface"),
        ("a lamp post that doesn't light up any more", "street light"),
    ],
)
def test_the_value_nearest_in_meaning_is_meant(text: str, value: str) -> None:
    assert find_meant_choice(text, DAMAGE, languages=("en",), at_least=0.3, ahead=0.08) == value


@pytest.mark.parametrize("text", ["what time is it", "Tom", "", "I don't know"])
def test_what_is_near_to_none_means_none(text: str) -> None:
    assert find_meant_choice(text, DAMAGE, languages=("en",), at_least=0.3, ahead=0.08) is None
