"""The way through the flows: which ones a conversation visited lately, and the steps walked in each."""

import enum
from collections.abc import Iterable, Sequence
from typing import assert_never

import msgspec

from duologue.core import events as ev
from duologue.core.events import Event
from duologue.core.stack import END, START, FlowFrame, Frame, Stack
from duologue.flows.flow import Flow, Flows
from duologue.flows.steps import ActionStep, CallStep, CollectStep, LinkStep, NoopStep, SetSlotsStep, Step

MOST_FINISHED_CARDS = 4
"""How many flows that are over stay on the page."""

ASKING_PATTERN = "pattern_collect_information"
"""It runs whenever a question is open; the `ask` step of the flow below tells the same and is easier to read."""


class CardStatus(enum.StrEnum):
    """Where a flow stands."""

    ACTIVE = "active"
    WAITING = "waiting"
    FINISHED = "finished"


class StepMark(msgspec.Struct, frozen=True, kw_only=True):
    """One step on the path."""

    id: str
    kind: str
    title: str
    is_current: bool = False


class FlowCard(msgspec.Struct, frozen=True, kw_only=True):
    """One flow and the path walked in it."""

    frame_id: str
    flow_id: str
    title: str
    is_pattern: bool
    status: CardStatus
    how: str = ""
    """`interrupt`, `link` or `call` if it did not start on its own."""
    steps: tuple[StepMark, ...] = ()
    step_count: int = 0


class _Visit:
    """A frame as it was last seen, with the steps it stood on."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.step_ids: list[str] = []

    def note(self, frame: Frame) -> None:
        self.frame = frame
        is_a_step = frame.step_id not in (START, END, "")
        if is_a_step and self.step_ids[-1:] != [frame.step_id]:
            self.step_ids.append(frame.step_id)


def trace_journey(stack: Stack, events: Iterable[Event], flows: Flows) -> tuple[FlowCard, ...]:
    """Cards of the stack, the running one first, then of the flows that ended lately, the latest first."""
    visits = _collect_visits(stack, events)
    shown = [frame.frame_id for frame in reversed(stack) if frame.flow_id != ASKING_PATTERN]
    on_stack = {frame.frame_id for frame in stack}
    over = [visit for frame_id, visit in reversed(visits.items()) if frame_id not in on_stack]
    finished = [visit for visit in over if isinstance(visit.frame, FlowFrame)]
    return (
        *(_make_card(visits[frame_id], flows, _status_at(place)) for place, frame_id in enumerate(shown)),
        *(_make_card(visit, flows, CardStatus.FINISHED) for visit in finished[:MOST_FINISHED_CARDS]),
    )


def _status_at(place: int) -> CardStatus:
    return CardStatus.ACTIVE if place == 0 else CardStatus.WAITING


def _collect_visits(stack: Stack, events: Iterable[Event]) -> dict[str, _Visit]:
    visits: dict[str, _Visit] = {}
    stacks: list[Stack] = [event.stack for event in events if isinstance(event, ev.StackChanged)]
    for seen in (*stacks, stack):
        for frame in seen:
            visits.setdefault(frame.frame_id, _Visit(frame)).note(frame)
    return visits


def _make_card(visit: _Visit, flows: Flows, status: CardStatus) -> FlowCard:
    frame = visit.frame
    flow = flows.find(frame.flow_id)
    current = frame.step_id if status is not CardStatus.FINISHED else None
    how = frame.frame_type.value if isinstance(frame, FlowFrame) else ""
    return FlowCard(
        frame_id=frame.frame_id,
        flow_id=frame.flow_id,
        title=_title_of(flow, frame),
        is_pattern=not isinstance(frame, FlowFrame),
        status=status,
        how="" if how == "regular" else how,
        steps=_mark_steps(visit.step_ids, flow, current),
        step_count=len(flow.steps) if flow else 0,
    )


def _title_of(flow: Flow | None, frame: Frame) -> str:
    if isinstance(frame, FlowFrame):
        return flow.name if flow and flow.name else frame.flow_id.replace("_", " ")
    return frame.flow_id.removeprefix("pattern_").replace("_", " ")


def _mark_steps(step_ids: Sequence[str], flow: Flow | None, current: str | None) -> tuple[StepMark, ...]:
    last = len(step_ids) - 1
    return tuple(
        _mark_step(step_id, flow, is_current=place == last and step_id == current)
        for place, step_id in enumerate(step_ids)
    )


def _mark_step(step_id: str, flow: Flow | None, *, is_current: bool) -> StepMark:
    step = flow.find_step(step_id) if flow else None
    if step is None:
        return StepMark(id=step_id, kind="step", title=step_id, is_current=is_current)
    kind, title = _describe_step(step)
    return StepMark(id=step_id, kind=kind, title=title, is_current=is_current)


def _describe_step(step: Step) -> tuple[str, str]:
    match step:
        case CollectStep():
            return "ask", step.slot
        case ActionStep():
            is_response = step.action.startswith("utter_")
            return "say" if is_response else "do", step.action.removeprefix("utter_").removeprefix("action_")
        case SetSlotsStep():
            return "set", ", ".join(name for name, _ in step.slots)
        case LinkStep():
            return "link", step.flow_id
        case CallStep():
            return "call", step.flow_id
        case NoopStep():
            return "branch", step.id
        case _:
            assert_never(step)
