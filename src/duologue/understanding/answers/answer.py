"""What a recogniser returns: one answer, several equally good ones, or nothing."""

from typing import TypeAlias

import msgspec

AnswerValue: TypeAlias = str | int | float | bool
Span: TypeAlias = tuple[int, int]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A value found in a message, how sure that is, and where it stood."""

    value: AnswerValue
    confidence: float
    """1 is certain. The message is nothing but the answer: above 0.9; inside a sentence about it: 0.6 to 0.8; below that a guess."""
    span: Span
    normalised: str | None = None
    """The value in its standard spelling (ISO date, 24-hour time, `+49…`), where it has one."""
    unit: str | None = None
    """The currency of an amount as an ISO code, where it was said."""


class AmbiguousAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Several values fit equally well; ask again rather than guess."""

    candidates: tuple[AnswerValue, ...]
    span: Span


Recognition: TypeAlias = Answer | AmbiguousAnswer | None


def only_answer(recognition: Recognition) -> Answer | None:
    """The answer when there is exactly one."""
    return recognition if isinstance(recognition, Answer) else None
