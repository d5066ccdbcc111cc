"""What came of one test story: each of its steps beside what the assistant made of it."""

import msgspec

from duologue.core.events import ACTION_LISTEN, LoopActivated, SlotWasSet
from duologue.core.understanding import Entity
from duologue.core.values import SlotValue

EntityKey = tuple[str, int | None, int | None, str]
"""What makes two entities the same to a test: its name, where it stands, and its value as a text."""


class MessageResult(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the user, and how it was understood."""

    text: str
    intent: str | None
    """As the story says it, with the response key if the story names one; None if it is not judged."""
    entities: tuple[Entity, ...] = ()
    predicted_intent: str | None = None
    predicted_entities: tuple[Entity, ...] = ()
    is_judged: bool = True
    """False where the story gives no words: then what it says is taken for understood."""

    @property
    def is_right(self) -> bool:
        return not self.is_judged or (self.is_intent_right and self.are_entities_right)

    @property
    def is_intent_right(self) -> bool:
        return self.intent is None or self.intent == self.predicted_intent

    @property
    def are_entities_right(self) -> bool:
        if self.intent is None:
            return True
        return list_keys(self.entities, self.entities) == list_keys(self.predicted_entities, self.entities)


class ActionResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the assistant was to do, and what it would have done."""

    expected: str
    predicted: str
    policy: str = ""
    confidence: float = 0.0
    is_text: bool = False
    """The story gives the words, and not the name of an action."""
    was_surprised: bool = False
    """A policy found the message unlikely at this point."""

    @property
    def is_right(self) -> bool:
        return self.expected == self.predicted

    @property
    def is_listening(self) -> bool:
        return self.expected == ACTION_LISTEN


class GivenResult(msgspec.Struct, frozen=True, kw_only=True):
    """A slot or a loop as the story says it is; nothing is predicted of these."""

    event: SlotWasSet | LoopActivated


StepResult = MessageResult | ActionResult | GivenResult


class StoryResult(msgspec.Struct, frozen=True, kw_only=True):
    """One way through the test stories, run to its end."""

    name: str
    source: str
    """`file:line`."""
    steps: tuple[StepResult, ...]

    @property
    def is_right(self) -> bool:
        return all(step.is_right for step in self.steps if not isinstance(step, GivenResult))

    @property
    def has_warnings(self) -> bool:
        """It came out right, but a policy was surprised by a message in it."""
        return self.is_right and any(action.was_surprised for action in self.actions)

    @property
    def messages(self) -> tuple[MessageResult, ...]:
        return tuple(step for step in self.steps if isinstance(step, MessageResult))

    @property
    def actions(self) -> tuple[ActionResult, ...]:
        return tuple(step for step in self.steps if isinstance(step, ActionResult))


def list_keys(entities: tuple[Entity, ...], told: tuple[Entity, ...]) -> set[EntityKey]:
    """The entities as a test compares them; where the story does not say where they stand, places do not count."""
    has_places = all(entity.start is not None for entity in told)
    return {
        (
            entity.entity,
            entity.start if has_places else None,
            entity.end if has_places else None,
            _write_value(entity.value),
        )
        for entity in entities
    }


def _write_value(value: SlotValue) -> str:
    return str(value)
