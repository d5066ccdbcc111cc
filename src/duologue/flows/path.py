"""The way through a flow: where a step leads, and which steps led to one."""

from collections.abc import Mapping

from duologue.core.errors import DuologueError, FlowError
from duologue.core.stack import END
from duologue.core.values import OpenData, SlotValue
from duologue.flows.conditions import parse_condition
from duologue.flows.flow import Flow
from duologue.flows.steps import Step


def find_next(flow: Flow, step: Step, slots: Mapping[str, SlotValue], context: OpenData) -> str:
    """The id of the step that follows, or `END`.

    Raises:
        FlowError: none of the branches is true.
    """
    if step.next is None:
        place = flow.positions[step.id] + 1
        return flow.steps[place].id if place < len(flow.steps) else END
    if isinstance(step.next, str):
        return step.next
    for branch in step.next:
        if branch.condition is None or parse_condition(branch.condition).is_true(slots, context):
            return branch.target
    raise FlowError(f"no branch of step {step.id!r} in flow {flow.id!r} is true, and it has no else")


def trace_path(flow: Flow, step_id: str, slots: Mapping[str, SlotValue]) -> tuple[Step, ...]:
    """The steps that lead to a step, as the slots stand: a branch that was not taken is not among them.

    Where the slots have changed so that they lead elsewhere by now, all the steps above it in the file.
    """
    path: dict[str, Step] = {}
    current = flow.steps[0].id if flow.steps else END
    while current not in path and (step := flow.find_step(current)) is not None:
        if current == step_id:
            return tuple(path.values())
        path[current] = step
        try:
            current = find_next(flow, step, slots, {})
        except DuologueError:
            break
    return flow.steps[: flow.positions.get(step_id, 0)]
