"""Results of test stories as lines for a person to read."""

from collections.abc import Iterator, Sequence

from duologue.testing.label_report import report_labels
from duologue.testing.stories.story_files import mark_text
from duologue.testing.stories.story_report import StoryReport
from duologue.testing.stories.story_result import ActionResult, GivenResult, MessageResult, StoryResult


def format_failure(result: StoryResult) -> str:
    """A story that did not hold: where it stands, and each step that came out otherwise."""
    lines = [f"{result.source}: {result.name}"]
    said = ""
    for step in result.steps:
        if isinstance(step, GivenResult):
            continue
        if isinstance(step, MessageResult):
            said = step.text or step.intent or ""
        if not step.is_right:
            lines += [f"  {line}" for line in _describe(step, said)]
    return "\n".join(lines)


def _describe(step: MessageResult | ActionResult, said: str) -> Iterator[str]:
    if isinstance(step, ActionResult):
        yield f"after “{said}”: expected {step.expected}, but {step.predicted} ({step.policy}, {step.confidence:.2f})"
        return
    if not step.is_intent_right:
        yield f"“{step.text}”: expected the intent {step.intent}, but {step.predicted_intent}"
    if not step.are_entities_right:
        told = mark_text(step.text, step.entities)
        found = mark_text(step.text, step.predicted_entities)
        yield f"“{step.text}”: expected the entities of “{told}”, but “{found}”"


def format_summary(report: StoryReport) -> str:
    """How many stories, actions, intents and entities came out right."""
    lines = [_count("Stories", len(report.passed), len(report.results))]
    for name, labels in (
        ("Actions", report.list_actions()),
        ("Intents", report.list_intents()),
        ("Entities", report.list_entities()),
    ):
        lines += _format_labels(name, *labels)
    lines.append(f"{'Decided by rules or known stories':34}{report.in_training_data:.1%}")
    if report.with_warnings:
        lines.append(f"{'Held, but with a surprise':34}{len(report.with_warnings)}")
    return "\n".join(lines)


def _format_labels(name: str, gold: Sequence[str], predicted: Sequence[str]) -> Iterator[str]:
    if not gold:
        return
    right = sum(expected == happened for expected, happened in zip(gold, predicted, strict=True))
    scores = report_labels(gold, predicted)["weighted avg"]
    yield f"{_count(name, right, len(gold))}   F1 {scores['f1-score']:.3f}, precision {scores['precision']:.3f}"


def _count(name: str, right: int, total: int) -> str:
    share = f" ({right / total:.1%})" if total else ""
    return f"{name:10}{right} of {total} right{share}"
