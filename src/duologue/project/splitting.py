"""Training data parted in two, one part to learn from and one to judge by, the same way for the same seed."""

import random
from collections.abc import Sequence
from typing import TypeVar

from duologue.project.definition import IntentExample

T = TypeVar("T")


def split_examples(
    examples: Sequence[IntentExample], fraction: float, seed: int | None
) -> tuple[list[IntentExample], list[IntentExample]]:
    """The two parts: of every intent, response keys told apart, the same share as of the whole.

    An intent with two examples or more is in both parts; one that has a single example is in the first only.
    """
    by_intent: dict[str, list[IntentExample]] = {}
    for example in examples:
        by_intent.setdefault(example.intent, []).append(example)
    shuffler = random.Random(seed)
    for given in by_intent.values():
        shuffler.shuffle(given)
    sizes = _share_out([len(given) for given in by_intent.values()], fraction)
    learned: list[IntentExample] = []
    judged: list[IntentExample] = []
    for given, size in zip(by_intent.values(), sizes, strict=True):
        learned += given[:size]
        judged += given[size:]
    return learned, judged


def split_stories(stories: Sequence[T], fraction: float, seed: int | None) -> tuple[list[T], list[T]]:
    """The two parts, each in the order of the file; the first has one at least."""
    order = list(range(len(stories)))
    random.Random(seed).shuffle(order)
    size = min(max(round(len(stories) * fraction), 1), len(stories))
    chosen = frozenset(order[:size])
    learned = [story for position, story in enumerate(stories) if position in chosen]
    judged = [story for position, story in enumerate(stories) if position not in chosen]
    return learned, judged


def _share_out(counts: Sequence[int], fraction: float) -> list[int]:
    """How many of each to take, so that the shares are alike and the sum is right; each part gets one of two."""
    sizes = [_clamp(int(count * fraction), count) for count in counts]
    missing = round(sum(counts) * fraction) - sum(sizes)
    by_loss = sorted(range(len(counts)), key=lambda index: sizes[index] - counts[index] * fraction)
    for index in by_loss:
        if missing <= 0:
            break
        grown = _clamp(sizes[index] + 1, counts[index])
        missing -= grown - sizes[index]
        sizes[index] = grown
    return sizes


def _clamp(size: int, count: int) -> int:
    return count if count < 2 else min(max(size, 1), count - 1)
