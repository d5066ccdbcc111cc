"""Which steps of the flows the tests have been through."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from duologue.core import events as ev
from duologue.core.domain import Domain
from duologue.core.errors import DuologueError
from duologue.core.events import Event
from duologue.core.ids import FrameId
from duologue.core.stack import END, START, FlowFrame
from duologue.core.values import SlotValue
from duologue.flows.flow import Flow, Flows
from duologue.flows.path import find_next
from duologue.flows.steps import CollectStep, NoopStep, SetSlotsStep

_SILENT = (SetSlotsStep, NoopStep, CollectStep)
"""Steps that a conversation can pass without an event: a question is passed if its slot is filled."""

_Slots: TypeAlias = tuple[Mapping[str, SlotValue], Mapping[str, SlotValue]]


class FlowCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """One flow of the project."""

    flow_id: str
    steps: int
    missed: tuple[str, ...]
    """Ids of the steps that no test came through, in the order of the flow."""
    missed_by_passed: tuple[str, ...] = ()
    """Those that no test came through that passed."""

    @property
    def percent(self) -> float:
        return _share(self.steps, self.missed)

    @property
    def percent_by_passed(self) -> float:
        return _share(self.steps, self.missed_by_passed)


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What the tests came through."""

    flows: tuple[FlowCoverage, ...] = ()
    """The flows of the project, the least covered ones last."""
    commands_in_passed: dict[str, int] = {}
    """How often each command was understood in tests that passed."""
    commands_in_failed: dict[str, int] = {}

    @property
    def steps(self) -> int:
        return sum(flow.steps for flow in self.flows)

    @property
    def percent(self) -> float:
        """Of all steps of all flows."""
        return _share(self.steps, [step for flow in self.flows for step in flow.missed])


def _share(steps: int, missed: Sequence[str]) -> float:
    return 100.0 * (steps - len(missed)) / steps if steps else 100.0


class CoverageCounter:
    """Follows conversations by their events."""

    def __init__(self, flows: Flows, domain: Domain) -> None:
        self._flows = flows
        self._domain = domain
        self._visited: dict[str, set[str]] = {flow_id: set() for flow_id in flows.user_flows}
        self._visited_by_passed: dict[str, set[str]] = {flow_id: set() for flow_id in flows.user_flows}
        self._commands: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}

    def follow(self, events: Sequence[Event], *, is_passed: bool) -> None:
        """Take in the events of one whole conversation."""
        commands = self._commands[is_passed]
        for flow_id, step_id in self._retrace(events, commands):
            self._visited[flow_id].add(step_id)
            if is_passed:
                self._visited_by_passed[flow_id].add(step_id)

    def _retrace(self, events: Sequence[Event], commands: Counter[str]) -> Iterator[tuple[str, str]]:
        """The steps that the conversation came through, each with its flow."""
        places: dict[FrameId, FlowFrame] = {}
        slots = dict(self._domain.initial_slots)
        before = dict(slots)
        for event in events:
            match event:
                case ev.UserSpoke():
                    commands.update(_name_commands(event))
                case ev.SlotWasSet():
                    slots[event.name] = event.value
                case ev.StackChanged():
                    frames = {one.frame_id: one for one in event.stack if isinstance(one, FlowFrame)}
                    yield from self._compare(places, frames, (slots, before))
                    places = frames
                    before = dict(slots)
                case ev.FlowCompleted():
                    yield from self._end(event, places, (slots, before))
                case _:
                    pass

    def _compare(
        self, before: dict[FrameId, FlowFrame], frames: dict[FrameId, FlowFrame], slots: _Slots
    ) -> Iterator[tuple[str, str]]:
        for frame_id, frame in frames.items():
            left = before[frame_id].step_id if frame_id in before else START
            if frame.step_id != left:
                yield from self._walk(frame.flow_id, left, frame.step_id, slots)

    def _end(
        self, event: ev.FlowCompleted, places: dict[FrameId, FlowFrame], slots: _Slots
    ) -> Iterator[tuple[str, str]]:
        left = (frame.step_id for frame in places.values() if frame.flow_id == event.flow_id)
        yield from self._walk(event.flow_id, next(left, START), event.step_id, slots)

    def _walk(self, flow_id: str, left: str, reached: str, slots: _Slots) -> Iterator[tuple[str, str]]:
        """The step reached, and the silent ones that must lie between: they leave no event of their own."""
        flow = self._flows.user_flows.get(flow_id)
        if flow is None or flow.find_step(reached) is None:
            return
        # A step on the way may have changed the slots that led to it, so both states are tried.
        ways = (_retrace(flow, left, reached, values) for values in slots)
        way = next((way for way in ways if way is not None), None)
        for step_id in way or _find_shortest_way(flow, left, reached):
            yield flow_id, step_id

    def count(self) -> Coverage:
        """What was followed so far."""
        found = [
            FlowCoverage(
                flow_id=flow.id,
                steps=len(flow.steps),
                missed=_find_missed(flow, self._visited[flow.id]),
                missed_by_passed=_find_missed(flow, self._visited_by_passed[flow.id]),
            )
            for flow in self._flows.user_flows.values()
        ]
        return Coverage(
            flows=tuple(sorted(found, key=lambda flow: (-flow.percent, flow.flow_id))),
            commands_in_passed=dict(self._commands[True].most_common()),
            commands_in_failed=dict(self._commands[False].most_common()),
        )


def _find_missed(flow: Flow, visited: set[str]) -> tuple[str, ...]:
    return tuple(step.id for step in flow.steps if step.id not in visited)


def _name_commands(event: ev.UserSpoke) -> Iterator[str]:
    for command in event.understanding.commands:
        yield str(msgspec.to_builtins(command)["command"])


def _retrace(flow: Flow, left: str, reached: str, slots: Mapping[str, SlotValue]) -> tuple[str, ...] | None:
    """The steps after one up to another, as the slots lead; None if they lead elsewhere."""
    way: list[str] = []
    current = left
    while len(way) <= len(flow.steps):
        step = flow.find_step(current)
        if step is None and current != START:
            return None
        try:
            current = flow.steps[0].id if step is None else find_next(flow, step, slots, {})
        except DuologueError:
            return None
        way.append(current)
        if current == reached:
            return tuple(way)
        if not isinstance(flow.find_step(current), _SILENT):
            return None
    return None


def _find_shortest_way(flow: Flow, left: str, reached: str) -> tuple[str, ...]:
    """The shortest way over steps that neither say nor do anything; the reached step alone if there is none."""
    waiting: deque[tuple[str, ...]] = deque((target,) for target in _list_targets(flow, left))
    seen: set[str] = set()
    while waiting:
        way = waiting.popleft()
        if way[-1] == reached:
            return way
        step = flow.find_step(way[-1])
        if way[-1] in seen or not isinstance(step, _SILENT):
            continue
        seen.add(way[-1])
        waiting.extend((*way, target) for target in _list_targets(flow, way[-1]))
    return (reached,)


def _list_targets(flow: Flow, step_id: str) -> tuple[str, ...]:
    if step_id == START:
        return tuple(step.id for step in flow.steps[:1])
    place = flow.positions.get(step_id)
    if place is None:
        return ()
    leads = flow.steps[place].next
    if leads is None:
        return tuple(step.id for step in flow.steps[place + 1 : place + 2])
    if isinstance(leads, str):
        return () if leads == END else (leads,)
    return tuple(branch.target for branch in leads if branch.target != END)
