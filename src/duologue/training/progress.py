"""What training tells while it goes on: which component is trained or reused, and how long it took."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec


class StepBegun(msgspec.Struct, frozen=True, kw_only=True, tag="begun"):
    """A component or policy begins to learn."""

    part: str
    name: str


class StepTrained(msgspec.Struct, frozen=True, kw_only=True, tag="trained"):
    """A component or policy has learned."""

    part: str
    name: str
    seconds: float


class StepReused(msgspec.Struct, frozen=True, kw_only=True, tag="reused"):
    """Nothing changed for a component or policy, or for a whole part: it is taken as it was."""

    part: str
    name: str


class Note(msgspec.Struct, frozen=True, kw_only=True, tag="note"):
    """Something that the author should know, in one sentence."""

    part: str
    text: str


TrainingNews: TypeAlias = StepBegun | StepTrained | StepReused | Note
Tell: TypeAlias = Callable[[TrainingNews], None]


def keep_quiet(news: TrainingNews) -> None:
    """For whoever does not want to know."""
    del news
