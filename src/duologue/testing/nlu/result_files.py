"""Reports, errors and pictures of a judgement, as files under the names that Rasa gives them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from duologue.testing.confusion_picture import draw_confusion_matrix
from duologue.testing.label_report import NONE
from duologue.testing.nlu.answers import Answers, Choice
from duologue.testing.nlu.confidence_picture import draw_confidences
from duologue.testing.nlu.judging import (
    NO_ENTITY,
    EntityJudgement,
    judge_entities,
    report_choices,
    report_entities,
)

_CONFIDENT = frozenset(("CRFEntityExtractor", "DIETClassifier"))
"""Extractors that say how sure they are."""


class FileWishes(msgspec.Struct, frozen=True, kw_only=True):
    """Which files are written, and where."""

    out: Path
    errors: bool = True
    successes: bool = False
    pictures: bool = True


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what was judged."""

    name: str
    count: int
    accuracy: float
    f1: float
    """Averaged over the labels by how often they occur."""


def write_results(answers: Answers, wishes: FileWishes) -> list[Summary]:
    """Write everything that can be judged; a summary of each."""
    wishes.out.mkdir(parents=True, exist_ok=True)
    summaries: list[Summary] = []
    if answers.intents:
        summaries.append(_write_choices(answers.intents, "intent", "intents", wishes))
    if answers.responses:
        summaries.append(_write_choices(answers.responses, "response_selection", "responses", wishes))
    if answers.entities:
        summaries += [_write_entities(one, wishes) for one in judge_entities(answers.entities)]
    return summaries


def _write_choices(choices: Sequence[Choice], stem: str, name: str, wishes: FileWishes) -> Summary:
    report = report_choices(choices)
    _write_json(wishes.out / f"{stem}_report.json", report)
    _write_lists(
        stem,
        [_describe(one, stem) for one in choices if not one.is_right],
        [_describe(one, stem) for one in choices if one.is_right],
        wishes,
    )
    gold, predicted = [one.gold for one in choices], [one.predicted for one in choices]
    _write_matrix(stem, gold, predicted, f"Confusion of {name}", wishes)
    right = [one.confidence for one in choices if one.is_right]
    wrong = [one.confidence for one in choices if not one.is_right]
    _write_histogram(stem, right, wrong, f"Confidence of {name}", wishes)
    return _summarise(name, len(choices), report)


def _write_entities(judgement: EntityJudgement, wishes: FileWishes) -> Summary:
    stem = judgement.extractor or "EntityExtractor"
    report = report_entities(judgement)
    _write_json(wishes.out / f"{stem}_report.json", report)
    _write_lists(stem, judgement.errors, judgement.successes, wishes)
    _write_matrix(stem, judgement.gold, judgement.predicted, f"Confusion of entities: {stem}", wishes)
    if stem in _CONFIDENT:
        told = list(zip(judgement.gold, judgement.predicted, judgement.confidences, strict=True))
        found = [one for one in told if one[1] != NO_ENTITY]
        right = [confidence for gold, predicted, confidence in found if gold == predicted]
        wrong = [confidence for gold, predicted, confidence in found if gold != predicted]
        _write_histogram(stem, right, wrong, f"Confidence of entities: {stem}", wishes)
    return _summarise(f"entities by {stem}", report["micro avg"]["support"], report)


def _summarise(name: str, count: int, report: dict[str, Any]) -> Summary:
    return Summary(name=name, count=count, accuracy=report["accuracy"], f1=report["weighted avg"]["f1-score"])


def _write_lists(
    stem: str, errors: Sequence[object], successes: Sequence[object], wishes: FileWishes
) -> None:
    """A file of errors is written even where there are none: an old one would tell of the last time."""
    if wishes.errors:
        _write_json(wishes.out / f"{stem}_errors.json", errors)
    if wishes.successes:
        _write_json(wishes.out / f"{stem}_successes.json", successes)


def _write_matrix(
    stem: str, gold: Sequence[str], predicted: Sequence[str | None], title: str, wishes: FileWishes
) -> None:
    labels = sorted({*gold, *(one or NONE for one in predicted)})
    counts = {label: dict.fromkeys(labels, 0) for label in labels}
    for expected, happened in zip(gold, predicted, strict=True):
        counts[expected][happened or NONE] += 1
    rows = [list(counts[label].values()) for label in labels]
    _write_json(wishes.out / f"{stem}_confusion_matrix.json", {"labels": labels, "matrix": rows})
    if wishes.pictures:
        picture = draw_confusion_matrix(gold, predicted, title)
        (wishes.out / f"{stem}_confusion_matrix.svg").write_text(picture, encoding="utf-8")


def _write_histogram(
    stem: str, right: Sequence[float], wrong: Sequence[float], title: str, wishes: FileWishes
) -> None:
    _write_json(wishes.out / f"{stem}_histogram.json", {"right": right, "wrong": wrong})
    if wishes.pictures:
        picture = draw_confidences(right, wrong, title)
        (wishes.out / f"{stem}_histogram.svg").write_text(picture, encoding="utf-8")


def _describe(choice: Choice, stem: str) -> dict[str, Any]:
    prediction = {"name": choice.predicted, "confidence": choice.confidence}
    if stem == "intent":
        return {"text": choice.text, "intent": choice.gold, "intent_prediction": prediction}
    return {
        "text": choice.text,
        "intent_response_key_target": choice.gold,
        "intent_response_key_prediction": prediction,
    }


def _write_json(path: Path, value: object) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
