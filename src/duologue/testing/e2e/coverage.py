"""Which steps of the flows the tests have been through."""

from collections import deque
from collections.abc import Iterable, Mapping
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

    @property
    def percent(self) -> float:
        return 100.0 * (self.steps - len(self.missed)) / self.steps if self.steps else 100.0


class CoverageCounter:
    """Follows conversations by their events."""

    def __init__(self, flows: Flows, domain: Domain) -> None:
        self._flows = flows
        self._domain = domain
        self._visited: dict[str, set[str]] = {flow_id: set() for flow_id in flows.user_flows}

    def follow(self, events: Iterable[Event]) -> None:
        """Take in the events of one whole conversation."""
        places: dict[FrameId, FlowFrame] = {}
        slots = dict(self._domain.initial_slots)
        before = dict(slots)
        for event in events:
            match event:
                case ev.SlotWasSet():
                    slots[event.name] = event.value
                case ev.StackChanged():
                    places = self._compare(places, event, (slots, before))
                    before = dict(slots)
                case ev.FlowCompleted():
                    self._end(event, places, (slots, before))
                case _:
                    pass

    def _compare(
        self, before: dict[FrameId, FlowFrame], event: ev.StackChanged, slots: _Slots
    ) -> dict[FrameId, FlowFrame]:
        frames = {frame.frame_id: frame for frame in event.stack if isinstance(frame, FlowFrame)}
        for frame_id, frame in frames.items():
            left = before[frame_id].step_id if frame_id in before else START
            if frame.step_id != left:
                self._walk(frame.flow_id, left, frame.step_id, slots)
        return frames

    def _end(self, event: ev.FlowCompleted, places: dict[FrameId, FlowFrame], slots: _Slots) -> None:
        left = (frame.step_id for frame in places.values() if frame.flow_id == event.flow_id)
        self._walk(event.flow_id, next(left, START), event.step_id, slots)

    def _walk(self, flow_id: str, left: str, reached: str, slots: _Slots) -> None:
        """Note the step reached, and the silent ones that must lie between: they leave no event of their own."""
        flow = self._flows.user_flows.get(flow_id)
        if flow is None or flow.find_step(reached) is None:
            return
        # A step on the way may have changed the slots that led to it, so both states are tried.
        ways = (_retrace(flow, left, reached, values) for values in slots)
        way = next((way for way in ways if way is not None), None)
        self._visited[flow_id].update(way or _find_shortest_way(flow, left, reached))

    def count(self) -> tuple[FlowCoverage, ...]:
        """The flows of the project, those with the most missed steps last."""
        found = [
            FlowCoverage(
                flow_id=flow.id,
                steps=len(flow.steps),
                missed=tuple(step.id for step in flow.steps if step.id not in self._visited[flow.id]),
            )
            for flow in self._flows.user_flows.values()
        ]
        return tuple(sorted(found, key=lambda one: (-one.percent, one.flow_id)))


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
