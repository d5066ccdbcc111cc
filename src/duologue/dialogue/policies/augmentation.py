"""Stories put behind each other, so that policies learn that a conversation may have had another story before."""

import random
from collections.abc import Sequence

from duologue.core.events import ACTION_LISTEN, ActionExecuted
from duologue.dialogue.policies.story_paths import StoryPath

DEFAULT_AUGMENTATION = 50
_ROUNDS = 2
_LONGEST = 60
"""Events that a story may have to be put together with others."""


def augment(paths: Sequence[StoryPath], factor: int) -> list[StoryPath]:
    """The paths, and behind them some made of two or three of them; `factor` 0 makes none.

    At most ten times `factor` are made, and never more than a few for each story.
    """
    whole = [path for path in paths if _ends_by_listening(path) and len(path.events) <= _LONGEST]
    if factor <= 0 or len(whole) < 2:
        return list(paths)
    order = random.Random(42)
    first: Sequence[StoryPath] = whole
    made: list[StoryPath] = []
    for _ in range(_ROUNDS):
        most = min(factor * 10 // _ROUNDS, 3 * len(whole))
        first = [_join(order.choice(first), order.choice(whole)) for _ in range(most)]
        made.extend(first)
    return [*paths, *made]


def _join(before: StoryPath, after: StoryPath) -> StoryPath:
    # Each story ends by listening and the next one begins so, unless its first action is given: once is enough.
    events = before.events if after.given else before.events[:-1]
    return StoryPath(
        names=(*before.names, *after.names),
        sources=(*before.sources, *after.sources),
        events=(*events, *after.events),
        given=(*before.given, *(len(events) + position for position in after.given)),
        is_augmented=True,
    )


def _ends_by_listening(path: StoryPath) -> bool:
    last = path.events[-1] if path.events else None
    return isinstance(last, ActionExecuted) and last.name == ACTION_LISTEN
