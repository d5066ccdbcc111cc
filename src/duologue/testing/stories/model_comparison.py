"""Several models on the same test stories: one row for each, and the file that holds them."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from duologue.testing.stories.story_report import Labels, StoryReport

COMPARISON_FILE = "model_comparison.json"


class ModelScore(msgspec.Struct, frozen=True, kw_only=True):
    """How one model did."""

    model: str
    """The archive's file name."""
    correct: int
    """Stories that held from the first word to the last."""
    total: int
    accuracy: float
    """Of stories."""
    actions: float
    """The share of actions that came out right."""
    intents: float


def judge_model(model: str, report: StoryReport) -> ModelScore:
    """The row of a model."""
    return ModelScore(
        model=model,
        correct=len(report.passed),
        total=len(report.results),
        accuracy=report.accuracy,
        actions=_share(report.list_actions()),
        intents=_share(report.list_intents()),
    )


def write_comparison(scores: Sequence[ModelScore], folder: Path) -> Path:
    """Write the rows into the folder, the best first; the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / COMPARISON_FILE
    ranked = sorted(scores, key=lambda score: (-score.accuracy, -score.actions, score.model))
    path.write_bytes(msgspec.json.format(msgspec.json.encode(ranked), indent=2) + b"\n")
    return path


def _share(labels: Labels) -> float:
    gold, predicted = labels
    right = sum(expected == happened for expected, happened in zip(gold, predicted, strict=True))
    return right / len(gold) if gold else 1.0
