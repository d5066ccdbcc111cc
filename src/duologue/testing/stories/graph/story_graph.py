"""Stories put together as a graph: an action is a node, what the user says before it is the line that leads there."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from duologue.core.events import ACTION_LISTEN, ActionExecuted, Event, LoopActivated, SlotWasSet, UserSpoke
from duologue.dialogue.policies.story_events import SNIPPET
from duologue.dialogue.policies.story_paths import StoryPath

START = 0


class Said(msgspec.Struct, frozen=True):
    """What leads from one action to the next."""

    intent: str = ""
    text: str = ""
    facts: tuple[str, ...] = ()
    """Slots and loops that are said to be so, such as `size = large`."""


class Step(msgspec.Struct, frozen=True):
    """An action, and what was said before it."""

    said: Said
    action: str


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """An action at one place of the graph; the first one is where every story begins."""

    number: int
    action: str
    stories: tuple[int, ...] = ()
    """Paths that come through, by their place."""
    is_end: bool = False
    """A path ends here."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the graph."""

    source: int
    target: int
    said: Said
    stories: tuple[int, ...] = ()
    is_return: bool = False
    """It leads back to where a path has been."""


class StoryGraph(msgspec.Struct, frozen=True, kw_only=True):
    """Nodes, in an order in which every line but those that return leads on."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    names: tuple[str, ...]
    """Of the paths."""


def build_graph(paths: Sequence[StoryPath], max_history: int) -> StoryGraph:
    """The graph of the paths; actions with the same `max_history` steps before them are one node."""
    return _GraphBuilder(paths, max(1, max_history)).build()


class _GraphBuilder:
    def __init__(self, paths: Sequence[StoryPath], max_history: int) -> None:
        self._paths = paths
        self._max_history = max_history
        self._numbers: dict[tuple[Step, ...], int] = {(): START}
        self._actions = [""]
        self._stories: list[dict[int, None]] = [{}]
        self._ends: set[int] = set()
        self._links: dict[tuple[int, int, Said], dict[int, None]] = {}

    def build(self) -> StoryGraph:
        for place, path in enumerate(self._paths):
            self._add(place, list_steps(path.events))
        order = self._sort()
        rank = {number: place for place, number in enumerate(order)}
        nodes = [
            Node(
                number=place,
                action=self._actions[number],
                stories=tuple(self._stories[number]),
                is_end=number in self._ends,
            )
            for place, number in enumerate(order)
        ]
        links = [
            Link(
                source=rank[source],
                target=rank[target],
                said=said,
                stories=tuple(stories),
                is_return=rank[target] <= rank[source],
            )
            for (source, target, said), stories in self._links.items()
        ]
        names = tuple(path.name for path in self._paths)
        return StoryGraph(nodes=tuple(nodes), links=tuple(links), names=names)

    def _add(self, place: int, steps: Iterable[Step]) -> None:
        history: tuple[Step, ...] = ()
        current = START
        self._stories[START][place] = None
        for step in steps:
            history = (*history, step)[-self._max_history :]
            following = self._find_node(history)
            self._stories[following][place] = None
            self._links.setdefault((current, following, step.said), {})[place] = None
            current = following
        self._ends.add(current)

    def _find_node(self, history: tuple[Step, ...]) -> int:
        number = self._numbers.setdefault(history, len(self._numbers))
        if number == len(self._actions):
            self._actions.append(history[-1].action)
            self._stories.append({})
        return number

    def _sort(self) -> list[int]:
        """Every node after those that lead to it, unless it leads back to them."""
        targets: list[list[int]] = [[] for _ in self._actions]
        for source, target, _ in self._links:
            targets[source].append(target)
        finished: list[int] = []
        seen = {START}
        waiting: list[tuple[int, Iterator[int]]] = [(START, iter(targets[START][::-1]))]
        while waiting:
            number, left = waiting[-1]
            following = next((target for target in left if target not in seen), None)
            if following is None:
                finished.append(number)
                waiting.pop()
            else:
                seen.add(following)
                waiting.append((following, iter(targets[following][::-1])))
        return finished[::-1]


def list_steps(events: Iterable[Event]) -> Iterator[Step]:
    """The actions among the events, each with what led to it; listening is what a user's words follow anyway."""
    intent = text = ""
    facts: list[str] = []
    for event in events:
        match event:
            case UserSpoke():
                said = event.understanding.intent
                intent, text = said.name if said else "", event.text
                facts = []
            case SlotWasSet():
                facts.append(f"{event.name} = {'none' if event.value is None else event.value}")
            case LoopActivated():
                facts.append(f"in {event.name}" if event.name else "the form ends")
            case ActionExecuted() if event.name not in (ACTION_LISTEN, SNIPPET):
                yield Step(Said(intent, text, tuple(dict.fromkeys(facts))), event.name)
                intent = text = ""
                facts = []
            case _:
                pass
    if intent or text:
        yield Step(Said(intent, text, tuple(dict.fromkeys(facts))), ACTION_LISTEN)
