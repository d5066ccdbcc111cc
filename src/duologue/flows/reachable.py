"""The commands that a message can bring about in a state, as a set that can be listed and asked.

Understanding may propose anything; only what is in this set is ever executed. The checks of a turn and the property
tests of hostile models both stand on it.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import assert_never

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.router_options import ROUTER, ROUTING_SLOT
from duologue.core.slots import DoesNotFitError, MappingType, Slot, fit_value
from duologue.core.stack import find_active_flow
from duologue.core.values import SlotValue
from duologue.flows.offers import Offers, may_be_filled_by_words

_NLU_MAPPINGS = (
    MappingType.FROM_ENTITY,
    MappingType.FROM_INTENT,
    MappingType.FROM_TRIGGER_INTENT,
    MappingType.FROM_TEXT,
)


class Reachable:
    """What free text can bring about in one state, whoever reads it: a model, a trained classifier or our own rules."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers

    @cached_property
    def flows(self) -> frozenset[str]:
        """Flows that words may start: their guard is true, or they are under way already and are gone back to."""
        offers = self._offers
        on_stack = {frame.flow_id for frame in offers.state.stack}
        return frozenset(
            flow.id
            for flow in offers.flows.user_flows.values()
            if flow.id in on_stack or offers.is_startable(flow)
        )

    @cached_property
    def slots(self) -> frozenset[str]:
        """Slots that words may fill without starting anything."""
        return self._fillable(self._offers.active_slots)

    def get_slots_with(self, starting: Iterable[str]) -> frozenset[str]:
        """Slots that words may fill if the same message starts these flows."""
        names = {slot for flow_id in starting for slot in self._offers.get_slots_of(flow_id)}
        return self.slots | self._fillable(names)

    @cached_property
    def can_cancel(self) -> bool:
        return find_active_flow(self._offers.state.stack) is not None

    @cached_property
    def can_skip(self) -> bool:
        return self._offers.question is not None

    def allows(self, command: Command, starting: frozenset[str] = frozenset()) -> bool:
        """Whether the command is in the set; `starting` are the flows that the same message starts."""
        match command:
            case cmd.StartFlow():
                return not command.is_explicit and command.flow in self.flows
            case cmd.SetSlot():
                return command.extractor != "BUTTON" and self._takes(command, starting)
            case cmd.CorrectSlots():
                return all(self.allows(one, starting) for one in command.corrected_slots)
            case cmd.Clarify():
                return all(option in self.flows for option in command.options)
            case cmd.CancelFlow():
                return self.can_cancel
            case cmd.SkipQuestion():
                return self.can_skip
            case (
                cmd.ChitChat()
                | cmd.KnowledgeAnswer()
                | cmd.HumanHandoff()
                | cmd.RepeatBotMessages()
                | cmd.CannotHandle()
                | cmd.Noop()
            ):
                return True
            case (
                cmd.SessionStart()
                | cmd.SessionEnd()
                | cmd.UserSilence()
                | cmd.Restart()
                | cmd.HandleCodeChange()
                | cmd.ReportError()
                | cmd.ChangeFlow()
            ):
                return False  # for payloads and for the platform itself, never for words
            case _:
                assert_never(command)

    def keep(self, commands: Iterable[Command]) -> tuple[Command, ...]:
        """Those of the commands that are in the set, each judged beside the flows that the others start."""
        proposed = tuple(commands)
        starting = frozenset(
            command.flow
            for command in proposed
            if isinstance(command, cmd.StartFlow) and self.allows(command)
        )
        return tuple(command for command in proposed if self.allows(command, starting))

    def _fillable(self, names: Iterable[str]) -> frozenset[str]:
        slots = self._offers.domain.slots
        return frozenset(name for name in names if name in slots and may_be_filled_by_words(slots[name]))

    def _takes(self, command: cmd.SetSlot, starting: frozenset[str]) -> bool:
        slot = self._offers.domain.slots.get(command.name)
        if slot is None or not may_take(slot, command.extractor, self._offers, starting):
            return False
        return fit_offered(slot, command.value, self._offers) is not DOES_NOT_FIT


class _DoesNotFit:
    """Told apart from None, which empties a slot."""


DOES_NOT_FIT = _DoesNotFit()


def fit_offered(slot: Slot, value: SlotValue, offers: Offers) -> SlotValue | _DoesNotFit:
    """The value in the slot's own type; the open question keeps what does not fit, its own rejection tells the user."""
    try:
        return fit_value(slot, value)
    except DoesNotFitError:
        is_asked = offers.question is not None and offers.question.slot == slot.name
        return value if is_asked else DOES_NOT_FIT


def may_start(command: cmd.StartFlow, offers: Offers) -> bool:
    """Whether the flow may be started: by words if its guard is true or it is under way, by an exact payload always."""
    flow = offers.flows.find(command.flow)
    if flow is None or flow.is_pattern:
        return False
    on_stack = any(frame.flow_id == flow.id for frame in offers.state.stack)
    return command.is_explicit or on_stack or offers.is_startable(flow)


def may_take(slot: Slot, extractor: str, offers: Offers, starting: Iterable[str]) -> bool:
    """Whether the slot may be filled now by who read the value, if the same message starts these flows."""
    if slot.name == ROUTING_SLOT or extractor == ROUTER:
        return slot.name == ROUTING_SLOT and extractor == ROUTER
    of_starting = any(slot.name in offers.get_slots_of(flow_id) for flow_id in starting)
    if extractor == "BUTTON":
        return offers.takes_from_button(slot.name) or of_starting
    if extractor == "NLU" and slot.is_filled_by(*_NLU_MAPPINGS):
        return True
    is_of_nlu = slot.name in offers.state.slots_from_nlu
    if is_of_nlu and extractor == "LLM" and not any(m.allow_nlu_correction for m in slot.mappings):
        return False
    return may_be_filled_by_words(slot) and (slot.name in offers.active_slots or of_starting)
