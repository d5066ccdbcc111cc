"""Overlapping readings of one message, resolved: the longest stays."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from duologue.understanding.answers.answer import Span


class Found(Protocol):
    """Anything with a place in a message."""

    @property
    def span(self) -> Span:
        """Where it stands."""
        ...


FoundT = TypeVar("FoundT", bound=Found)


def longest_of(found: Iterable[FoundT]) -> list[FoundT]:
    """Of readings that overlap the longest, of equally long ones the first; in the order of the message."""
    kept: list[FoundT] = []
    for each in sorted(found, key=lambda each: (each.span[0] - each.span[1], each.span[0])):
        if not any(overlaps(each.span, other.span) for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: each.span[0])


def overlaps(left: Span, right: Span) -> bool:
    """Whether two places share a character."""
    return left[0] < right[1] and right[0] < left[1]
