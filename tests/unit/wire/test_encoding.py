"""Odd characters in what a person sends stop no turn."""

from duologue.core.events import UserSpoke
from duologue.core.understanding import Entity, Understanding
from duologue.wire.events import encode_event


def test_half_a_character_deep_inside_values_becomes_the_replacement_character() -> None:
    broken = Entity(entity="x", value=["\ud800", {"\udfff": "fine"}])
    spoken = UserSpoke(text="/greet", understanding=Understanding(entities=(broken,)))
    assert encode_event(spoken).decode().count("\N{REPLACEMENT CHARACTER}") == 2
