"""Entities become labels of pieces and come back."""

from duologue.core.understanding import Entity
from duologue.understanding.nlu.entities.labels import EntityKind, LabelSet, Span
from duologue.understanding.nlu.entities.pieces import read_pieces

_LABELS = LabelSet([EntityKind("city", "from"), EntityKind("city", "to"), EntityKind("date")])
_TEXT = "from New York to Rome on May 4"


def _mark(written: str, entity: str, role: str | None = None) -> Entity:
    start = _TEXT.index(written)
    return Entity(entity=entity, value=written, start=start, end=start + len(written), role=role)


def test_entities_with_roles_come_back_as_they_were_marked() -> None:
    entities = [_mark("New York", "city", "from"), _mark("Rome", "city", "to"), _mark("May 4", "date")]
    labels = _LABELS.encode(read_pieces(_TEXT), entities)
    assert list(_LABELS.decode(labels)) == [Span(0, 1, 2), Span(1, 4, 4), Span(2, 6, 7)]


def test_of_two_entities_that_overlap_the_longer_one_is_learned() -> None:
    entities = [_mark("York", "city", "to"), _mark("New York", "city", "from")]
    labels = _LABELS.encode(read_pieces(_TEXT), entities)
    assert list(_LABELS.decode(labels)) == [Span(0, 1, 2)]


def test_an_entity_that_has_begun_goes_on_or_ends_before_another_begins() -> None:
    begin, inside, end, single = 1, 2, 3, 4
    other_inside = inside + 4
    allowed = _LABELS.allowed
    assert allowed[begin, [inside, end]].all()
    assert not allowed[begin, [0, begin, single, other_inside]].any()
    assert allowed[end, [0, begin, single]].all()
    assert not allowed[0, [inside, end]].any()
