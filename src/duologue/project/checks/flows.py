"""Flows as a whole: names, descriptions, guards, triggers, persisted slots."""

import re

from duologue.flows.flow import Flow
from duologue.flows.patterns import STOCK_FLOWS
from duologue.flows.steps import CollectStep, SetSlotsStep
from duologue.project.checks.conditions import check_condition
from duologue.project.checks.subject import Subject
from duologue.project.places import below
from duologue.project.problems import suggest_name

_PUNCTUATION = re.compile(r"[^\w\s]")
_STOCK_IDS = frozenset(flow.id for flow in STOCK_FLOWS)


def check_flows(subject: Subject) -> None:
    """Check every flow of the project, and that no two look alike."""
    for flow in subject.own_flows:
        _check_description(subject, flow)
        _check_guard(subject, flow)
        _check_triggers(subject, flow)
        _check_persisted_slots(subject, flow)
        _check_pattern(subject, flow)
        _check_steps_exist(subject, flow)
    _check_unique(subject)


def _check_description(subject: Subject, flow: Flow) -> None:
    if flow.description:
        return
    spot = subject.place_of("flow", flow.id)
    message = f"The flow `{flow.id}` has no description."
    if flow.is_pattern:
        subject.problems.warn(spot, message, "Say in a sentence what it is for.")
    else:
        subject.problems.error(
            spot, message, "Say in a sentence what the user wants; understanding needs it."
        )


def _check_steps_exist(subject: Subject, flow: Flow) -> None:
    spot = subject.place_of("flow", flow.id)
    # Steps that could not be read have a finding of their own.
    if not flow.steps and not any(problem.file == spot.file for problem in subject.reading.problems.errors):
        subject.problems.warn(spot, f"The flow `{flow.id}` has no steps.", "List them under `steps:`.")


def _check_guard(subject: Subject, flow: Flow) -> None:
    if flow.guard is None or isinstance(flow.guard, bool):
        return
    check_condition(subject, flow.guard, below(subject.place_of("flow", flow.id), "if"))


def _check_triggers(subject: Subject, flow: Flow) -> None:
    for trigger in flow.nlu_triggers:
        if trigger.intent not in subject.known_intents:
            subject.problems.error(
                below(subject.place_of("flow", flow.id), "nlu_trigger"),
                f"The flow `{flow.id}` is triggered by the intent `{trigger.intent}`, "
                "which the domain does not declare.",
                suggest_name(trigger.intent, subject.known_intents) or "Declare it under `intents:`.",
            )


def _check_persisted_slots(subject: Subject, flow: Flow) -> None:
    spot = below(subject.place_of("flow", flow.id), "persisted_slots")
    filled = {slot for member in subject.flows.get_family(flow.id) for slot in _list_filled(member)}
    for name in flow.persisted_slots:
        if subject.require_slot(name, spot, f"The flow `{flow.id}` keeps") and name not in filled:
            subject.problems.error(
                spot,
                f"The flow `{flow.id}` keeps the slot `{name}` but never fills it.",
                suggest_name(name, filled)
                or "Only slots of its `collect` and `set_slots` steps can be kept.",
            )
    resets = [step for step in flow.steps if isinstance(step, CollectStep) and not step.reset_after_flow_ends]
    if flow.persisted_slots and resets:
        subject.problems.error(
            subject.place_of_step(flow, resets[0], "reset_after_flow_ends"),
            "`reset_after_flow_ends` cannot stand beside `persisted_slots` of the flow.",
            f"Add `{resets[0].slot}` to `persisted_slots` instead.",
        )


def _list_filled(flow: Flow) -> set[str]:
    set_here = (name for step in flow.steps if isinstance(step, SetSlotsStep) for name, _ in step.slots)
    return {*flow.collected_slots, *set_here}


def _check_pattern(subject: Subject, flow: Flow) -> None:
    if flow.is_pattern and flow.id not in _STOCK_IDS:
        subject.problems.warn(
            subject.place_of("flow", flow.id),
            f"There is no pattern `{flow.id}` to override.",
            suggest_name(flow.id, _STOCK_IDS) or "Only link steps can reach it.",
        )


def _check_unique(subject: Subject) -> None:
    names: dict[str, Flow] = {}
    descriptions: dict[str, Flow] = {}
    for flow in subject.own_flows:
        _refuse_twin(subject, flow, names.setdefault(_simplify(flow.name), flow), "name")
        if flow.description:
            _refuse_twin(
                subject, flow, descriptions.setdefault(_simplify(flow.description), flow), "description"
            )


def _refuse_twin(subject: Subject, flow: Flow, first: Flow, what: str) -> None:
    if first is not flow:
        subject.problems.error(
            below(subject.place_of("flow", flow.id), what),
            f"The flow `{flow.id}` has the same {what} as `{first.id}`.",
            "Understanding cannot tell them apart; reword one.",
        )


def _simplify(text: str) -> str:
    return " ".join(_PUNCTUATION.sub("", text).casefold().split())
