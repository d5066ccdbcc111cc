"""What a policy learns from stories: stretches of them, whole, cut short and in outline, and what follows."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from duologue.core.events import ACTION_LISTEN
from duologue.dialogue.policies.situation import ACTION, ACTION_TEXT, INTENT, LOOP, TEXT, Situation
from duologue.dialogue.policies.story_examples import StoryExample
from duologue.dialogue.policies.view import UNLIKELY_INTENT

TEXT_MARK = "text:"
"""Of labels that are the words of the assistant."""
LOOP_MARK = "loop:"
"""Of labels that stand for a loop by when it ran, and not by its name."""

_SHORTER = ((6, 0.5), (4, 0.4), (3, 0.4), (2, 0.3))
"""Of each example what is left of it with less of the past, and what that counts."""
_MOST = 2.0
"""What a stretch counts at most, however many stories have it."""
_IN_OUTLINE = 0.5
"""What it counts that is told without its surroundings."""
_LOOPS = 3
"""Loops further back are known by their names only."""


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of conversation, and what follows it."""

    situations: tuple[Situation, ...]
    action: str
    """Its name, or words behind `text:`."""
    weight: float

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands for the action here; what leads back to the running loop leads back to any."""
        marks = tuple(mark for mark, loop in find_loops(self.situations).items() if loop == self.action)
        is_running = bool(self.situations) and self.situations[-1].get(LOOP) == self.action
        return marks if is_running else (self.action, *marks)


def list_lessons(examples: Iterable[StoryExample], reach: int) -> list[Lesson]:
    """Every stretch once, at most `reach` situations long; the more stories have it, the more it counts."""
    weights: dict[tuple[str, str], float] = {}
    stretches: dict[tuple[str, str], tuple[Situation, ...]] = {}
    for example in examples:
        if example.action == UNLIKELY_INTENT:
            continue
        action = TEXT_MARK + example.action if example.is_text else example.action
        for view in _list_views(example):
            for stretch, weight in _cut(view[-reach:]):
                key = repr(stretch), action
                stretches[key] = stretch
                weights[key] = min(weights.get(key, 0.0) + weight, _MOST)
    lessons = [
        Lesson(situations=stretch, action=action, weight=weights[text, action])
        for (text, action), stretch in stretches.items()
    ]
    return [*lessons, *_outline_all(lessons)]


def find_loops(situations: Sequence[Situation]) -> dict[str, str]:
    """The latest loops by the labels that stand for them; `loop:0` runs, or ran last."""
    latest = dict.fromkeys(str(loop) for one in reversed(situations) if (loop := one.get(LOOP)) is not None)
    return {f"{LOOP_MARK}{place}": loop for place, loop in enumerate(latest) if place < _LOOPS}


def _list_views(example: StoryExample) -> Iterator[tuple[Situation, ...]]:
    """What is seen before a choice, and what is seen if a rule did what nothing leads to in the story."""
    situations, given = example.situations, example.given
    yield _drop_unlikely(situations)
    if given and len(situations) - 1 not in given:
        yield _drop_unlikely([one for place, one in enumerate(situations) if place not in given])


def _drop_unlikely(situations: Iterable[Situation]) -> tuple[Situation, ...]:
    return tuple(one for one in situations if one.get(ACTION) != UNLIKELY_INTENT)


def _cut(whole: tuple[Situation, ...]) -> Iterator[tuple[tuple[Situation, ...], float]]:
    yield whole, 1.0
    for count, weight in _SHORTER:
        if count < len(whole):
            yield whole[-count:], weight


def _outline_all(lessons: Iterable[Lesson]) -> Iterator[Lesson]:
    """What was just heard or done, without its surroundings, where it always leads to the same."""
    outlines: dict[str, tuple[Situation, set[str]]] = {}
    for lesson in lessons:
        if lesson.situations:
            outline = _outline(lesson.situations[-1])
            outlines.setdefault(repr(outline), (outline, set()))[1].add(lesson.action)
    for outline, actions in outlines.values():
        if len(actions) == 1:
            yield Lesson(situations=(outline,), action=actions.pop(), weight=_IN_OUTLINE)


def _outline(now: Situation) -> Situation:
    has_heard = now.get(ACTION) == ACTION_LISTEN
    kept = (ACTION, INTENT, TEXT) if has_heard else (ACTION, ACTION_TEXT, LOOP)
    return {key: value for key, value in now.items() if key in kept}
