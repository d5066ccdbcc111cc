"""How good the answers are: reports in the shape that Rasa writes."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from duologue.core.understanding import Entity
from duologue.core.values import OpenData
from duologue.testing.label_report import report_labels
from duologue.testing.nlu.answers import Choice, Finds
from duologue.wire.understanding import format_entity

NO_ENTITY = "no_entity"
_WORD = re.compile(r"\w+|[^\w\s]")
_FIGURES = ("precision", "recall", "f1-score")


class EntityJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """How well one extractor found entities, word by word."""

    extractor: str
    gold: tuple[str, ...]
    """The label of every word; `no_entity` where there is none."""
    predicted: tuple[str, ...]
    confidences: tuple[float, ...]
    errors: tuple[OpenData, ...] = ()
    successes: tuple[OpenData, ...] = ()


def report_choices(choices: Sequence[Choice]) -> dict[str, Any]:
    """Precision, recall and F1 of each label, and the averages."""
    report = report_labels([one.gold for one in choices], [one.predicted for one in choices])
    accuracy = report["accuracy"]
    return {**report, "micro avg": {**dict.fromkeys(_FIGURES, accuracy), "support": len(choices)}}


def report_entities(judgement: EntityJudgement) -> dict[str, Any]:
    """The same for the words of entities; words outside of any count for the accuracy alone."""
    whole = report_labels(judgement.gold, judgement.predicted)
    rows = {label: whole[label] for label in sorted(set(judgement.gold) - {NO_ENTITY})}
    for row in rows.values():
        row["confused_with"].pop(NO_ENTITY, None)
    support = sum(row["support"] for row in rows.values())
    return {
        **rows,
        "accuracy": whole["accuracy"],
        "micro avg": {**_count_together(judgement, set(rows)), "support": support},
        "macro avg": {**_average(rows, dict.fromkeys(rows, 1)), "support": support},
        "weighted avg": {
            **_average(rows, {label: row["support"] for label, row in rows.items()}),
            "support": support,
        },
    }


def _count_together(judgement: EntityJudgement, labels: set[str]) -> dict[str, float]:
    pairs = list(zip(judgement.gold, judgement.predicted, strict=True))
    right = sum(gold == predicted and gold in labels for gold, predicted in pairs)
    found = sum(predicted in labels for _, predicted in pairs)
    there = sum(gold in labels for gold, _ in pairs)
    precision = right / found if found else 0.0
    recall = right / there if there else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return dict(zip(_FIGURES, (precision, recall, f1), strict=True))


def _average(rows: dict[str, dict[str, Any]], weights: dict[str, int]) -> dict[str, float]:
    total = sum(weights.values())
    return {
        figure: sum(row[figure] * weights[label] for label, row in rows.items()) / total if total else 0.0
        for figure in _FIGURES
    }


def judge_entities(finds: Sequence[Finds]) -> list[EntityJudgement]:
    """One judgement for each extractor that found anything; one without a name if none did."""
    extractors = sorted({entity.extractor or "" for one in finds for entity in one.predicted})
    return [_judge_extractor(name, finds) for name in extractors or ["EntityExtractor"]]


def _judge_extractor(extractor: str, finds: Sequence[Finds]) -> EntityJudgement:
    gold: list[str] = []
    predicted: list[str] = []
    confidences: list[float] = []
    errors: list[OpenData] = []
    successes: list[OpenData] = []
    for one in finds:
        own = [entity for entity in one.predicted if (entity.extractor or "") == extractor]
        words = [match.span() for match in _WORD.finditer(one.text)]
        expected = [_name_label(_find_best(span, one.gold)) for span in words]
        found = [_find_best(span, own) for span in words]
        happened = [_name_label(entity) for entity in found]
        gold += expected
        predicted += happened
        confidences += [(entity.confidence or 0.0) if entity else 0.0 for entity in found]
        if expected != happened:
            errors.append(_describe(one, own))
        elif set(expected) != {NO_ENTITY} and expected:
            successes.append(_describe(one, own))
    return EntityJudgement(
        extractor=extractor,
        gold=tuple(gold),
        predicted=tuple(predicted),
        confidences=tuple(confidences),
        errors=tuple(errors),
        successes=tuple(successes),
    )


def _find_best(span: tuple[int, int], entities: Sequence[Entity]) -> Entity | None:
    """The entity that shares most with the word."""
    shared = [(_count_shared(span, entity), -place) for place, entity in enumerate(entities)]
    most, place = max(shared, default=(0, 0))
    return entities[-place] if most else None


def _count_shared(span: tuple[int, int], entity: Entity) -> int:
    if entity.start is None or entity.end is None:
        return 0
    return max(0, min(span[1], entity.end) - max(span[0], entity.start))


def _name_label(entity: Entity | None) -> str:
    """Entity, group and role, as Rasa joins them."""
    if entity is None:
        return NO_ENTITY
    return ".".join(part for part in (entity.entity, entity.group, entity.role) if part)


def _describe(one: Finds, own: Sequence[Entity]) -> OpenData:
    return {
        "text": one.text,
        "entities": [format_entity(entity) for entity in one.gold],
        "predicted_entities": [format_entity(entity) for entity in own],
    }
