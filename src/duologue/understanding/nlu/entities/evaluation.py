"""How well found entities agree with marked ones: exact spans with name, role and group."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from duologue.core.understanding import Entity


class EntityScore(msgspec.Struct, frozen=True, kw_only=True):
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float
    f1: float
    support: int
    """How many are marked."""


class EntityReport(msgspec.Struct, frozen=True, kw_only=True):
    """Over all entities, and for each name."""

    precision: float
    recall: float
    f1: float
    support: int
    by_entity: Mapping[str, EntityScore]


def evaluate_entities(
    gold: Sequence[Sequence[Entity]], predicted: Sequence[Sequence[Entity]]
) -> EntityReport:
    """Compare text by text; `gold[i]` and `predicted[i]` are of the same text."""
    hits, marked, found = Counter[str](), Counter[str](), Counter[str]()
    for truth, guess in zip(gold, predicted, strict=True):
        spans, guesses = {_span(entity) for entity in truth}, {_span(entity) for entity in guess}
        marked.update(span[2] for span in spans)
        found.update(span[2] for span in guesses)
        hits.update(span[2] for span in spans & guesses)
    names = sorted(marked | found)
    whole = _score(hits.total(), marked.total(), found.total())
    return EntityReport(
        precision=whole.precision,
        recall=whole.recall,
        f1=whole.f1,
        support=whole.support,
        by_entity={name: _score(hits[name], marked[name], found[name]) for name in names},
    )


def _span(entity: Entity) -> tuple[int, int, str, str, str]:
    return (entity.start or 0, entity.end or 0, entity.entity, entity.role or "", entity.group or "")


def _score(hits: int, marked: int, found: int) -> EntityScore:
    return EntityScore(
        precision=hits / found if found else 0.0,
        recall=hits / marked if marked else 0.0,
        f1=2 * hits / (marked + found) if marked + found else 0.0,
        support=marked,
    )
