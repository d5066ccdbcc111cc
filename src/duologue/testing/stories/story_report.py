"""What came of all test stories together: how many held, and which actions, intents and entities were missed."""

from typing import Any

import msgspec

from duologue.core.understanding import Entity
from duologue.project.entity_marks import write_marks
from duologue.testing.label_report import NONE, report_labels
from duologue.testing.stories.story_result import MessageResult, StoryResult

_WITHOUT_TRAINING_DATA = ("TEDPolicy", "UnexpecTEDIntentPolicy")
"""Policies that guess where no story says what to do."""

Labels = tuple[list[str], list[str]]
"""What was expected, and what was predicted in its place."""


class StoryReport(msgspec.Struct, frozen=True, kw_only=True):
    """The results, in the order of the stories."""

    results: tuple[StoryResult, ...]

    @property
    def failed(self) -> tuple[StoryResult, ...]:
        return tuple(result for result in self.results if not result.is_right)

    @property
    def passed(self) -> tuple[StoryResult, ...]:
        return tuple(result for result in self.results if result.is_right)

    @property
    def with_warnings(self) -> tuple[StoryResult, ...]:
        return tuple(result for result in self.results if result.has_warnings)

    @property
    def accuracy(self) -> float:
        """The share of stories that held from the first word to the last."""
        return len(self.passed) / len(self.results) if self.results else 0.0

    @property
    def in_training_data(self) -> float:
        """The share of actions that rules and known stories decided."""
        actions = [action for result in self.results for action in result.actions]
        known = [action for action in actions if action.policy not in (*_WITHOUT_TRAINING_DATA, "")]
        return len(known) / len(actions) if actions else 0.0

    def list_actions(self) -> Labels:
        actions = [action for result in self.results for action in result.actions]
        return [action.expected for action in actions], [action.predicted for action in actions]

    def list_intents(self) -> Labels:
        messages = [message for message in self._list_judged() if message.intent is not None]
        return [message.intent or NONE for message in messages], [
            message.predicted_intent or NONE for message in messages
        ]

    def list_entities(self) -> Labels:
        """Entities side by side by where they stand; one that has none beside it stands beside nothing."""
        gold: list[str] = []
        predicted: list[str] = []
        for message in self._list_judged():
            if message.intent is None:
                continue
            for expected, happened in _align(message):
                gold.append(expected)
                predicted.append(happened)
        return gold, predicted

    def describe(self) -> dict[str, Any]:
        """The content of `story_report.json`."""
        labels = [self.list_actions(), self.list_intents(), self.list_entities()]
        gold = [label for expected, _ in labels for label in expected]
        predicted = [label for _, happened in labels for label in happened]
        return {
            **report_labels(gold, predicted),
            "conversation_accuracy": {
                "accuracy": self.accuracy,
                "correct": len(self.passed),
                "with_warnings": len(self.with_warnings),
                "total": len(self.results),
            },
        }

    def _list_judged(self) -> list[MessageResult]:
        return [message for result in self.results for message in result.messages if message.is_judged]


def _align(message: MessageResult) -> list[tuple[str, str]]:
    expected = {_place(entity): _mark(entity, message.text) for entity in message.entities}
    happened = {_place(entity): _mark(entity, message.text) for entity in message.predicted_entities}
    places = sorted({*expected, *happened})
    return [(expected.get(place, NONE), happened.get(place, NONE)) for place in places]


def _place(entity: Entity) -> tuple[int, int]:
    return (entity.start or 0, entity.end or 0)


def _mark(entity: Entity, text: str) -> str:
    """The entity as training data marks it: `[Rome](city)`."""
    start, end = _place(entity)
    words = text[start:end] or str(entity.value)
    mark: dict[str, Any] = {
        "start": 0,
        "end": len(words),
        "entity": entity.entity,
        "value": str(entity.value),
    }
    return write_marks(words, [mark])
