"""The ways through a flow: targets that exist, steps that are reached, branches that cannot fail, no circles."""

from duologue.flows.flow import Flow
from duologue.flows.steps import ActionStep, Branch, CollectStep, LinkStep, NoopStep, SetSlotsStep, Step
from duologue.project.checks.conditions import check_condition
from duologue.project.checks.subject import Subject
from duologue.project.problems import suggest_name

END = "END"
_RESERVED_IDS = frozenset((END, "START"))


def check_paths(subject: Subject) -> None:
    """Check how the steps of every flow of the project hang together."""
    for flow in subject.own_flows:
        for step in flow.steps:
            _check_id(subject, flow, step)
            _check_next(subject, flow, step)
        _check_reached(subject, flow)
        _check_circles(subject, flow)


def _check_id(subject: Subject, flow: Flow, step: Step) -> None:
    if step.id in _RESERVED_IDS:
        subject.problems.error(
            subject.place_of_step(flow, step, "id"),
            f"`{step.id}` cannot be the id of a step.",
            "Choose another.",
        )


def _check_next(subject: Subject, flow: Flow, step: Step) -> None:
    if step.next is None:
        return
    if isinstance(step.next, str):
        _check_target(subject, flow, step, step.next, ())
        return
    for position, branch in enumerate(step.next):
        _check_branch(subject, flow, step, branch, position)
    if not _is_complete(step.next):
        subject.problems.warn(
            subject.place_of_step(flow, step, "next"),
            "The branches have no `else`; if none of them is true, the flow breaks off with an error.",
            "Add an `else`.",
        )


def _check_branch(subject: Subject, flow: Flow, step: Step, branch: Branch, position: int) -> None:
    _check_target(subject, flow, step, branch.target, (position,))
    if branch.condition is None:
        return
    spot = subject.place_of_step(flow, step, "next", position, "if")
    condition = check_condition(subject, branch.condition, spot, has_context=flow.is_pattern)
    if condition is not None and condition.is_constant is not None and not isinstance(branch.condition, bool):
        outcome = "always" if condition.is_constant else "never"
        subject.problems.warn(spot, f"The condition is {outcome} true.")


def _is_complete(branches: tuple[Branch, ...]) -> bool:
    return any(
        branch.condition in (None, True) or str(branch.condition).strip() == "true" for branch in branches
    )


def _check_target(subject: Subject, flow: Flow, step: Step, target: str, keys: tuple[int, ...]) -> None:
    if target == END or flow.find_step(target) is not None:
        return
    known = (*flow.positions, END)
    hint = suggest_name(target, known) or "Give a step this `id`, or write `END`."
    subject.problems.error(
        subject.place_of_step(flow, step, "next", *keys),
        f"`next` leads to `{target}`, but the flow `{flow.id}` has no such step.",
        hint,
    )


def list_successors(flow: Flow, step: Step) -> tuple[str, ...]:
    """The ids of the steps that may come after a step."""
    if isinstance(step, LinkStep):
        return ()
    match step.next:
        case None:
            below = flow.positions[step.id] + 1
            return (flow.steps[below].id,) if below < len(flow.steps) else ()
        case str():
            return (step.next,)
        case _:
            return tuple(branch.target for branch in step.next)


def _check_reached(subject: Subject, flow: Flow) -> None:
    if not flow.steps:
        return
    reached: set[str] = set()
    waiting = [flow.steps[0].id]
    while waiting:
        step = flow.find_step(waiting.pop())
        if step is not None and step.id not in reached:
            reached.add(step.id)
            waiting.extend(list_successors(flow, step))
    for step in flow.steps:
        if step.id not in reached:
            subject.problems.warn(
                subject.place_of_step(flow, step),
                f"No step of `{flow.id}` leads to `{step.id}`.",
                "Remove it, or lead there.",
            )
            return


def _check_circles(subject: Subject, flow: Flow) -> None:
    """A ring of steps without a branch, a question or an action never ends."""
    settled: set[str] = set()
    for start in flow.steps:
        trail: dict[str, Step] = {}
        step: Step | None = start
        while (
            step is not None and step.id not in settled and step.id not in trail and _goes_straight_on(step)
        ):
            trail[step.id] = step
            successors = list_successors(flow, step)
            step = flow.find_step(successors[0]) if successors else None
        if step is not None and step.id in trail:
            subject.problems.error(
                subject.place_of_step(flow, step, "next"),
                f"From `{step.id}` the flow `{flow.id}` goes round in circles and never ends.",
                "Lead out of the circle with a branch or a question.",
            )
        settled.update(trail)


def _goes_straight_on(step: Step) -> bool:
    """One way on, and nothing on it that waits for the user."""
    if isinstance(step, CollectStep) or (isinstance(step, ActionStep) and step.action == "action_listen"):
        return False
    return isinstance(step, ActionStep | SetSlotsStep | NoopStep) and not isinstance(step.next, tuple)
