"""Found entities are right if span, name, role and group are."""

import pytest

from duologue.core.understanding import Entity
from duologue.understanding.nlu.entities.evaluation import evaluate_entities


def _make(entity: str, start: int, end: int, role: str | None = None) -> Entity:
    return Entity(entity=entity, value="", start=start, end=end, role=role)


def test_a_span_that_is_too_short_is_both_missed_and_made_up() -> None:
    report = evaluate_entities(
        [[_make("city", 0, 8), _make("date", 9, 12)]], [[_make("city", 4, 8), _make("date", 9, 12)]]
    )
    assert (report.precision, report.recall, report.f1, report.support) == (0.5, 0.5, 0.5, 2)
    assert report.by_entity["city"].f1 == 0
    assert report.by_entity["date"].f1 == 1


def test_another_role_is_another_entity() -> None:
    report = evaluate_entities([[_make("city", 0, 4, "from")]], [[_make("city", 0, 4, "to")]])
    assert report.f1 == 0


def test_what_is_found_where_nothing_is_marked_costs_precision() -> None:
    report = evaluate_entities([[], [_make("city", 0, 4)]], [[_make("city", 0, 4)], [_make("city", 0, 4)]])
    assert report.precision == pytest.approx(0.5)
    assert report.recall == 1
