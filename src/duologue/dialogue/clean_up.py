"""Commands as they were proposed become commands that may be executed: everything not on offer is dropped."""

from collections.abc import Iterable, Sequence

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.router_options import ROUTER
from duologue.core.stack import END, START, FlowFrame, find_active_chain, find_active_flow
from duologue.flows.editing import build_context
from duologue.flows.offers import Offers
from duologue.flows.reachable import DOES_NOT_FIT, fit_offered, may_start, may_take
from duologue.flows.steps import ActionStep

_SYSTEM = (
    cmd.SessionStart,
    cmd.SessionEnd,
    cmd.UserSilence,
    cmd.Restart,
    cmd.ReportError,
)


def clean_up(
    commands: Sequence[Command], offers: Offers, *, clarify_starts: bool = False
) -> tuple[Command, ...]:
    """The commands that may be executed in this state, duplicates and contradictions removed.

    If something was proposed and nothing of it is left, the answer is `CannotHandle`, unless all it asked for
    is already so, which is a `Noop`. With `clarify_starts`, several flows to start become one `Clarify`.
    """
    if _has_code_changed(offers):
        return (cmd.HandleCodeChange(),)
    # Routing is no wish: it answers nothing, and nothing that the user said is left out for it.
    routing = [c for c in commands if isinstance(c, cmd.SetSlot) and c.extractor == ROUTER]
    wishes = [c for c in commands if c not in routing]
    fitted = (_fit(command, offers, set()) for command in routing)
    return (*(c for c in fitted if c), *_clean_up_wishes(wishes, offers, clarify_starts=clarify_starts))


def _clean_up_wishes(
    commands: Sequence[Command], offers: Offers, *, clarify_starts: bool
) -> tuple[Command, ...]:
    proposed = _keep_nlu_over_model(dict.fromkeys(_hashable(commands)))
    if offers.question is not None and offers.question.is_forced:
        proposed = _keep_forced(proposed, offers.question.slot)
    kept, is_settled = _keep_offered(proposed, offers)
    if clarify_starts:
        kept = _clarify_starts(kept)
    kept = _drop_overruled(_group_corrections(kept, offers))
    if kept:
        return tuple(kept)
    if is_settled or not commands or (offers.question is not None and offers.question.is_forced):
        return (cmd.Noop(),)
    return (cmd.CannotHandle(),)


def _has_code_changed(offers: Offers) -> bool:
    if any(frame.flow_id == "pattern_code_change" for frame in offers.state.stack):
        return False
    for frame in offers.state.stack:
        flow = offers.flows.find(frame.flow_id)
        if flow is None or (frame.fingerprint and frame.fingerprint != flow.fingerprint):
            return True
        # A frame of another platform's record has no fingerprint to tell it by.
        if frame.step_id not in (START, END) and flow.find_step(frame.step_id) is None:
            return True
    return False


class _Keyed:
    """Compares commands by value although slot values may be lists or mappings."""

    __slots__ = ("command", "key")

    def __init__(self, command: Command) -> None:
        self.command = command
        self.key = repr(command)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self.key == other.key


def _hashable(commands: Iterable[Command]) -> list[_Keyed]:
    return [_Keyed(command) for command in commands]


def _keep_nlu_over_model(commands: Iterable[_Keyed]) -> list[Command]:
    unkeyed = [keyed.command for keyed in commands]
    by_nlu = {c.name for c in unkeyed if isinstance(c, cmd.SetSlot) and c.extractor == "NLU"}
    return [
        c for c in unkeyed if not (isinstance(c, cmd.SetSlot) and c.extractor == "LLM" and c.name in by_nlu)
    ]


def _keep_forced(commands: list[Command], slot: str) -> list[Command]:
    return [c for c in commands if isinstance(c, _SYSTEM) or (isinstance(c, cmd.SetSlot) and c.name == slot)]


def _keep_offered(commands: list[Command], offers: Offers) -> tuple[list[Command], bool]:
    """What is on offer, and whether something was dropped only because it is so already."""
    commands = [_narrow(c, offers) if isinstance(c, cmd.Clarify) else c for c in commands]
    starting = {c.flow for c in commands if isinstance(c, cmd.StartFlow) and may_start(c, offers)}
    kept: list[Command] = []
    is_settled = False
    for command in commands:
        match command:
            case cmd.StartFlow():
                if not may_start(command, offers):
                    continue
                if _is_top_flow(command.flow, offers):
                    is_settled = True
                    continue
                kept.append(command)
            case cmd.SetSlot():
                fitted = _fit(command, offers, starting)
                if fitted is None:
                    continue
                if _holds_already(fitted, offers):
                    is_settled = True
                    continue
                kept.append(fitted)
            case cmd.CancelFlow():
                if find_active_flow(offers.state.stack) is not None:
                    kept.append(command)
            case cmd.ChitChat():
                kept.append(_check_chitchat(command, offers))
            case cmd.HandleCodeChange():
                pass  # for us to say, and for nobody who only read the message
            case cmd.SkipQuestion():
                if offers.question is not None:
                    kept.append(command)
            case cmd.CorrectSlots():
                kept.extend(
                    fitted for one in command.corrected_slots if (fitted := _fit(one, offers, starting))
                )
            case _:
                kept.append(command)
    return kept, is_settled


def _is_top_flow(flow_id: str, offers: Offers) -> bool:
    """Whether the flow, or one that it called, is under way and not itself what the user is asked about."""
    waits_for_choice = "interrupted_flow_ids" in build_context(offers.state.stack)
    chain = find_active_chain(offers.state.stack)
    return not waits_for_choice and any(frame.flow_id == flow_id for frame in chain)


def _fit(command: cmd.SetSlot, offers: Offers, starting: set[str]) -> cmd.SetSlot | None:
    slot = offers.domain.slots.get(command.name)
    if slot is None or not may_take(slot, command.extractor, offers, starting):
        return None
    value = fit_offered(slot, command.value, offers)
    if value is DOES_NOT_FIT:
        return None
    return cmd.SetSlot(name=slot.name, value=value, extractor=command.extractor)


def _holds_already(command: cmd.SetSlot, offers: Offers) -> bool:
    return offers.slots.get(command.name) == command.value


def _narrow(command: cmd.Clarify, offers: Offers) -> Command:
    options = tuple(
        dict.fromkeys(
            flow_id
            for flow_id in command.options
            if (flow := offers.flows.find(flow_id)) is not None and offers.is_startable(flow)
        )
    )
    if len(options) == 1:
        return cmd.StartFlow(flow=options[0])
    limit = offers.slots.get("max_clarification_options")
    return cmd.Clarify(options=options[: int(limit) if isinstance(limit, float | int) else 3])


def _check_chitchat(command: cmd.ChitChat, offers: Offers) -> Command:
    flow = offers.flows.find("pattern_chitchat")
    generates = flow is not None and any(
        isinstance(step, ActionStep) and step.action == "action_trigger_chitchat" for step in flow.steps
    )
    return cmd.CannotHandle(reason="cannot_handle_chitchat") if generates else command


def _group_corrections(commands: list[Command], offers: Offers) -> list[Command]:
    """`SetSlot`s that change an answer given before become one `CorrectSlots`."""
    corrections = [c for c in commands if isinstance(c, cmd.SetSlot) and _is_correction(c, offers)]
    if not corrections:
        return commands
    others = [c for c in commands if c not in corrections]
    return [cmd.CorrectSlots(corrected_slots=tuple(corrections)), *others]


def _is_correction(command: cmd.SetSlot, offers: Offers) -> bool:
    if command.name not in offers.slots_on_stack or offers.slots.get(command.name) is None:
        return False
    if offers.question is not None and offers.question.slot == command.name:
        return False
    return command.name in offers.state.slots or _was_reached(command.name, offers)


def _was_reached(slot: str, offers: Offers) -> bool:
    from_stack = (offers.flows.find(f.flow_id) for f in offers.state.stack if isinstance(f, FlowFrame))
    return any(flow is not None and slot in flow.collected_slots for flow in from_stack)


def _clarify_starts(commands: list[Command]) -> list[Command]:
    starts = [c for c in commands if isinstance(c, cmd.StartFlow)]
    if len(starts) < 2:
        return commands
    return [cmd.Clarify(options=tuple(c.flow for c in starts))]


def _drop_overruled(commands: list[Command]) -> list[Command]:
    """A vague command gives way to a concrete one said in the same breath."""
    vague = (cmd.Clarify, cmd.CannotHandle, cmd.Noop, cmd.ChangeFlow)
    concrete: list[Command] = [c for c in commands if not isinstance(c, vague)]
    if concrete:
        return concrete
    clarifications: list[Command] = [c for c in commands if isinstance(c, cmd.Clarify)]
    return clarifications[:1] or commands[:1]
