"""Every way through stories or rules: checkpoints joined, each alternative of an `or` on a path of its own."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence

import msgspec

from duologue.core.domain import Domain
from duologue.core.events import ACTION_LISTEN, ActionExecuted, Event, SlotWasSet, UserSpoke
from duologue.core.stories import ActionStep, CheckpointStep, OrStep, Story, StoryStep
from duologue.core.values import SlotValue
from duologue.dialogue.policies.finding import Finding
from duologue.dialogue.policies.story_events import SNIPPET, list_events

MOST_PATHS = 4000
"""Checkpoints that lead into each other multiply; nobody means more paths than these."""

_MOST_VISITS = 3
"""How often one path passes the same part: enough to show what follows a repetition."""

_START = ""
_BETWEEN = "\0"


class StepPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where an author wrote a step."""

    source: str
    """`file:line` of the story or rule."""
    position: int
    """Among its steps, and then its conditions."""


class StoryPath(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation that stories describe from its beginning to its end."""

    names: tuple[str, ...]
    """Of the stories it leads through."""
    sources: tuple[str, ...]
    events: tuple[Event, ...]
    """What happens, listening included; see `story_events`."""
    places: tuple[StepPlace | None, ...] = ()
    """Of the step that each event comes from; None for what is only implied."""
    is_rule: bool = False
    given: tuple[int, ...] = ()
    """Positions of actions with which a story begins: nothing leads to them."""
    is_augmented: bool = False
    """Made up of others, to show that a story may follow another one."""

    @property
    def name(self) -> str:
        return " > ".join(self.names)

    @property
    def source(self) -> str:
        return next((source for source in self.sources if source), "")

    def find_place(self, position: int) -> StepPlace | None:
        """Where the event at this position was written; None if nobody said."""
        place = self.places[position] if position < len(self.places) else None
        return place if place is not None and place.source else None


class PathReading(msgspec.Struct, frozen=True, kw_only=True):
    """The paths, and checkpoints that lead nowhere."""

    paths: tuple[StoryPath, ...]
    findings: tuple[Finding, ...] = ()


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a story between checkpoints, without alternatives."""

    story: Story
    starts: tuple[CheckpointStep, ...]
    steps: tuple[StoryStep, ...]
    positions: tuple[int | None, ...]
    """Of each step in its story; None for one that nobody wrote."""
    ends: tuple[str, ...] = ()


class _Way(msgspec.Struct, frozen=True, kw_only=True):
    """A path under way."""

    parts: tuple[int, ...] = ()
    events: tuple[Event, ...] = ()
    places: tuple[StepPlace | None, ...] = ()
    slots: dict[str, SlotValue] = {}


def list_story_paths(stories: Sequence[Story], domain: Domain) -> PathReading:
    """All paths through the stories, or through the rules, in the order of their first story."""
    return _PathFinder(stories, domain).find()


def list_story_events(story: Story, domain: Domain) -> tuple[Event, ...]:
    """The events of one story by itself; of an `or` the first alternative counts."""
    steps = [step for step, _ in _complete_steps(story)]
    events = (event for _, event in list_events(steps, domain, is_rule=story.is_rule))
    return (*events, ActionExecuted(name=ACTION_LISTEN))


class _PathFinder:
    def __init__(self, stories: Sequence[Story], domain: Domain) -> None:
        self._domain = domain
        self._parts = [part for number, story in enumerate(stories) for part in _cut(story, number)]
        self._findings: dict[Finding, None] = {}
        self._by_start: defaultdict[str, list[int]] = defaultdict(list)
        for number, part in enumerate(self._parts):
            for start in part.starts:
                self._by_start[start.name].append(number)

    def find(self) -> PathReading:
        finished: list[_Way] = []
        waiting = deque([(_Way(), _START)])
        while waiting and len(finished) < MOST_PATHS:
            way, checkpoint = waiting.popleft()
            following = [self._follow(way, number) for number in self._choose_parts(way, checkpoint)]
            if not following and way.parts:
                finished.append(way)
            for further in following:
                ends = self._parts[further.parts[-1]].ends
                if ends:
                    waiting.extend((further, end) for end in ends)
                else:
                    finished.append(further)
        if waiting:
            self._note_too_many()
        self._note_loose_ends()
        paths = [self._make_path(way) for way in _sort(finished)]
        return PathReading(paths=tuple(paths), findings=tuple(self._findings))

    def _choose_parts(self, way: _Way, checkpoint: str) -> Iterable[int]:
        visits = Counter(way.parts)
        repeated = {number for number, count in visits.items() if count > 1}
        slots = self._domain.get_slot_values(way.slots)
        for number in self._by_start[checkpoint]:
            if visits[number] >= _MOST_VISITS or (visits[number] and repeated - {number}):
                continue
            starts = [start for start in self._parts[number].starts if start.name == checkpoint]
            if any(all(slots.get(slot.name) == slot.value for slot in start.slots) for start in starts):
                yield number

    def _follow(self, way: _Way, number: int) -> _Way:
        part = self._parts[number]
        listed = tuple(list_events(part.steps, self._domain, is_rule=part.story.is_rule))
        events = tuple(event for _, event in listed)
        places = tuple(_locate(part, position) for position, _ in listed)
        if not part.ends and not _ends_by_listening(events):
            events, places = (*events, ActionExecuted(name=ACTION_LISTEN)), (*places, None)
        changes = {event.name: event.value for event in events if isinstance(event, SlotWasSet)}
        return _Way(
            parts=(*way.parts, number),
            events=(*way.events, *events),
            places=(*way.places, *places),
            slots={**way.slots, **changes},
        )

    def _make_path(self, way: _Way) -> StoryPath:
        stories = [self._parts[number].story for number in way.parts]
        return StoryPath(
            names=tuple(dict.fromkeys(story.name for story in stories)),
            sources=tuple(dict.fromkeys(story.source for story in stories)),
            events=way.events,
            places=way.places,
            is_rule=stories[0].is_rule,
            given=_list_given(way.events),
        )

    def _note_too_many(self) -> None:
        message = (
            f"Checkpoints and alternatives (`or`) make more than {MOST_PATHS} ways through the stories; "
            "the others are left out. Use fewer of them."
        )
        self._findings[Finding(message=message, is_error=False)] = None

    def _note_loose_ends(self) -> None:
        ends = {name for part in self._parts for name in part.ends}
        starts = {start.name for part in self._parts for start in part.starts}
        for part in self._parts:
            for start in part.starts:
                if start.name not in ends and not _is_made_up(start.name):
                    self._note(
                        part.story,
                        f"No story ends at the checkpoint `{start.name}`, so that this story never begins.",
                    )
            for name in part.ends:
                if name not in starts and not _is_made_up(name):
                    self._note(
                        part.story,
                        f"No story goes on from the checkpoint `{name}`.",
                    )

    def _note(self, story: Story, message: str) -> None:
        self._findings[Finding(message=message, source=story.source, is_error=False)] = None


def _sort(ways: Sequence[_Way]) -> list[_Way]:
    return sorted(ways, key=lambda way: way.parts)


def _is_made_up(name: str) -> bool:
    return name == _START or name.startswith(_BETWEEN)


def _locate(part: _Part, number: int) -> StepPlace | None:
    position = part.positions[number]
    return None if position is None else StepPlace(source=part.story.source, position=position)


def _complete_steps(story: Story) -> tuple[tuple[StoryStep, int | None], ...]:
    """The steps with their positions; what a rule leaves open stands as `...`, which nobody wrote."""
    steps = tuple((step, position) for position, step in enumerate(story.steps))
    if not story.is_rule:
        return steps
    condition = tuple((step, position) for position, step in enumerate(story.condition, len(steps)))
    snippet = ((ActionStep(name=SNIPPET), None),)
    before = () if story.is_conversation_start else snippet
    after = () if story.waits_for_user_input else snippet
    return (*condition, *before, *steps, *after)


def _cut(story: Story, number: int) -> list[_Part]:
    """The parts of a story: a checkpoint at its beginning opens it, any other ends one and opens the next."""
    if not story.steps:
        return []
    finished: list[_Part] = []
    starts: tuple[CheckpointStep, ...] = ()
    steps: list[tuple[StoryStep, int | None]] = []
    ends: list[str] = []

    def close(*alternatives: tuple[StoryStep, int | None]) -> None:
        for alternative in alternatives or (None,):
            own = (*steps, alternative) if alternative is not None else tuple(steps)
            finished.append(
                _Part(
                    story=story,
                    starts=starts or (CheckpointStep(name=_START),),
                    steps=tuple(step for step, _ in own),
                    positions=tuple(position for _, position in own),
                    ends=tuple(ends),
                )
            )

    for place, (step, position) in enumerate(_complete_steps(story)):
        match step:
            case CheckpointStep() if not steps and not ends and not finished:
                starts = (*starts, step)
            case CheckpointStep():
                ends.append(step.name)
            case _:
                if ends:
                    if steps:
                        close()
                    starts, steps, ends = tuple(CheckpointStep(name=name) for name in ends), [], []
                if isinstance(step, OrStep):
                    ends = [f"{_BETWEEN}{number}.{place}"]
                    close(*((alternative, position) for alternative in step.alternatives))
                    starts, steps, ends = (CheckpointStep(name=ends[0]),), [], []
                else:
                    steps.append((step, position))
    if steps or ends or not finished:
        close()
    elif finished:
        # The story ends with alternatives: each of them is an end of its own.
        last = {end for part in finished for end in part.ends if end.startswith(_BETWEEN)}
        final = starts[0].name if starts and starts[0].name in last else None
        finished = [
            msgspec.structs.replace(part, ends=()) if final is not None and final in part.ends else part
            for part in finished
        ]
    return finished


def _ends_by_listening(events: Sequence[Event]) -> bool:
    return bool(events) and isinstance(events[-1], ActionExecuted) and events[-1].name == ACTION_LISTEN


def _list_given(events: Iterable[Event]) -> tuple[int, ...]:
    """Where the first action is, if the story begins with it."""
    for position, event in enumerate(events):
        if isinstance(event, ActionExecuted | UserSpoke):
            # A story that begins with the user begins by listening, which is no step of its author.
            is_given = isinstance(event, ActionExecuted) and event.name != ACTION_LISTEN
            return (position,) if is_given else ()
    return ()
