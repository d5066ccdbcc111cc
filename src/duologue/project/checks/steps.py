"""The steps of a flow: where they lead, whom they call, what they fill."""

from collections.abc import Iterator
from typing import assert_never

from duologue.core.slots import DoesNotFitError, SlotType, fit_value
from duologue.flows.flow import Flow
from duologue.flows.steps import (
    ActionStep,
    CallStep,
    CollectStep,
    LinkStep,
    NoopStep,
    SetSlotsStep,
    Step,
)
from duologue.project.checks.conditions import check_condition
from duologue.project.checks.subject import Subject
from duologue.project.problems import quote_value

_LINKED_FROM_FLOWS = frozenset(("pattern_human_handoff",))
_LINKED_FROM_PATTERNS = _LINKED_FROM_FLOWS | {"pattern_chitchat", "pattern_customer_satisfaction"}
_LINKS_NOWHERE = "pattern_internal_error"
_LEGACY_SLOT = "dialogue_stack"


def check_steps(subject: Subject) -> None:
    """Check every step of every flow of the project."""
    for flow in subject.own_flows:
        for step in flow.steps:
            _check_step(subject, flow, step)
    _note_stock_use(subject)


def _check_step(subject: Subject, flow: Flow, step: Step) -> None:
    match step:
        case ActionStep(action=action):
            if "{{" not in action:
                subject.require_action(action, subject.place_of_step(flow, step, "action"), "The step runs")
        case CollectStep():
            _check_collect(subject, flow, step)
        case SetSlotsStep():
            _check_set_slots(subject, flow, step)
        case LinkStep():
            _check_link(subject, flow, step)
        case CallStep():
            _check_call(subject, flow, step)
        case NoopStep():
            pass
        case _:
            assert_never(step)


def _check_collect(subject: Subject, flow: Flow, step: CollectStep) -> None:
    spot = subject.place_of_step(flow, step, "collect")
    subject.used_responses.add(step.asking_response)
    subject.used_actions.update((step.asking_action, f"validate_{step.slot}"))
    for position, rejection in enumerate(step.rejections):
        place = subject.place_of_step(flow, step, "rejections", position)
        check_condition(subject, rejection.condition, place, only_slot=step.slot)
        subject.require_response(rejection.utter, place, "The rejection says")
    if not subject.require_slot(step.slot, spot, "The step asks for"):
        return
    slot = subject.domain.slots[step.slot]
    if slot.type is SlotType.LIST:
        subject.problems.error(
            spot, f"The list slot `{slot.name}` cannot be asked for.", "Only custom actions fill list slots."
        )
    if step.slot == _LEGACY_SLOT:
        subject.problems.error(spot, f"The slot `{_LEGACY_SLOT}` belongs to the platform.")
    _check_question(subject, flow, step)


def _check_question(subject: Subject, flow: Flow, step: CollectStep) -> None:
    spot = subject.place_of_step(flow, step, "utter" if step.utter else "collect")
    has_response = subject.has_response(step.asking_response)
    has_action = step.asking_action in subject.known_actions
    if has_response and has_action and step.utter is None:
        subject.problems.error(
            spot,
            f"Both `{step.asking_response}` and `{step.asking_action}` ask for `{step.slot}`.",
            "Keep one of the two.",
        )
    if not has_response and step.utter is not None:
        subject.require_response(step.utter, spot, "The step asks with")
    elif not has_response and not has_action and subject.domain.slots[step.slot].initial_value is None:
        subject.problems.error(
            spot,
            f"Nothing asks for the slot `{step.slot}`.",
            f"Define the response `{step.asking_response}` or the action `{step.asking_action}`.",
        )


def _check_set_slots(subject: Subject, flow: Flow, step: SetSlotsStep) -> None:
    spot = subject.place_of_step(flow, step, "set_slots")
    for name, value in step.slots:
        if not subject.require_slot(name, spot, "The step sets"):
            continue
        slot = subject.domain.slots[name]
        if name == _LEGACY_SLOT:
            subject.problems.error(spot, f"The slot `{_LEGACY_SLOT}` belongs to the platform.")
        if slot.type is SlotType.LIST and value is not None:
            subject.problems.error(
                spot, f"A flow cannot set the list slot `{name}`.", "Only custom actions fill list slots."
            )
        elif not (isinstance(value, str) and "{{" in value):
            try:
                fit_value(slot, value)
            except DoesNotFitError as error:
                subject.problems.error(
                    spot, f"The {slot.type.value} slot `{name}` cannot be {quote_value(value)}: {error}."
                )


def _check_link(subject: Subject, flow: Flow, step: LinkStep) -> None:
    spot = subject.place_of_step(flow, step, "link")
    target = subject.require_flow(step.flow_id, spot, "The step links to")
    if flow.id == _LINKS_NOWHERE:
        subject.problems.error(spot, f"`{_LINKS_NOWHERE}` may not link to a flow.")
    if target is None or not target.is_pattern:
        return
    allowed = _LINKED_FROM_PATTERNS if flow.is_pattern else _LINKED_FROM_FLOWS
    if target.id not in allowed:
        subject.problems.error(
            spot,
            f"A {'pattern' if flow.is_pattern else 'flow'} cannot link to `{target.id}`.",
            f"Only {', '.join(f'`{name}`' for name in sorted(allowed))} can be linked to.",
        )


def _check_call(subject: Subject, flow: Flow, step: CallStep) -> None:
    spot = subject.place_of_step(flow, step, "call")
    if flow.is_pattern:
        subject.problems.error(spot, "A pattern cannot call a flow.", "Use `link`.")
    if (subject.reading.root / "sub_agents" / step.flow_id).is_dir() and step.flow_id not in subject.flows:
        subject.problems.error(spot, f"Calling the sub agent `{step.flow_id}` is not supported yet.")
        return
    target = subject.require_flow(step.flow_id, spot, "The step calls")
    if target is None:
        return
    if target.is_pattern:
        subject.problems.error(spot, f"A flow cannot call the pattern `{target.id}`.")
    if any(isinstance(inner, LinkStep) for inner in target.steps):
        subject.problems.error(
            spot,
            f"The called flow `{target.id}` holds a `link`, so it never comes back.",
            "Link to it instead.",
        )
    if flow.id in {called.id for called in subject.flows.get_family(target.id)}:
        subject.problems.warn(
            spot, f"The flow `{flow.id}` calls itself, by way of `{target.id}`.", "Make sure that it ends."
        )


def _note_stock_use(subject: Subject) -> None:
    """Names that the stock patterns use are in use."""
    own = {flow.id for flow in subject.own_flows}
    for flow in subject.flows:
        if flow.id in own:
            continue
        for step in flow.steps:
            subject.used_slots.update(_list_slots(step))
            if isinstance(step, ActionStep):
                subject.used_responses.add(step.action)
                subject.used_actions.add(step.action)
            elif isinstance(step, CollectStep):
                subject.used_responses.add(step.asking_response)
                subject.used_actions.add(step.asking_action)


def _list_slots(step: Step) -> Iterator[str]:
    if isinstance(step, CollectStep):
        yield step.slot
    elif isinstance(step, SetSlotsStep):
        yield from (name for name, _ in step.slots)
