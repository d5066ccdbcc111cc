"""What a model proposed, spelt as the project spells it, and without what is not on offer in this state."""

from collections.abc import Sequence

import msgspec

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.slots import Slot, SlotType
from duologue.core.values import SlotValue
from duologue.flows.offers import Offers
from duologue.flows.reachable import DOES_NOT_FIT, Reachable, fit_offered
from duologue.understanding.generators.dsl import EMPTY_WORDS


class OfferedCommands(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a proposal."""

    commands: tuple[Command, ...]
    dropped: int
    """How many commands were not on offer."""


def keep_offered(commands: Sequence[Command], offers: Offers) -> OfferedCommands:
    """The commands that are on offer."""
    reachable = Reachable(offers)
    spelt = [found for command in commands if (found := _spell(command, offers, reachable)) is not None]
    kept = reachable.keep(spelt)
    return OfferedCommands(commands=kept, dropped=len(commands) - len(kept))


def _spell(command: Command, offers: Offers, reachable: Reachable) -> Command | None:
    """The command in the project's own spelling, whatever the case of its letters; None if it names nothing here."""
    match command:
        case cmd.StartFlow():
            return cmd.StartFlow(flow=_find_flow(command.flow, offers))
        case cmd.Clarify():
            options = dict.fromkeys(_find_flow(name, offers) for name in command.options)
            found = tuple(flow_id for flow_id in options if flow_id in reachable.flows)
            return cmd.Clarify(options=found) if found or not command.options else None
        case cmd.SetSlot():
            return _spell_slot(command, offers)
        case _:
            return command


def _find_flow(name: str, offers: Offers) -> str:
    if name in offers.flows:
        return name
    wanted = name.casefold()
    same = [flow_id for flow_id in offers.flows.user_flows if flow_id.casefold() == wanted]
    return same[0] if len(same) == 1 else name


def _spell_slot(command: cmd.SetSlot, offers: Offers) -> cmd.SetSlot | None:
    slot = _find_slot(command.name, offers)
    if slot is None:
        return None
    value = fit_offered(slot, _read_value(slot, command.value), offers)
    return None if value is DOES_NOT_FIT else cmd.SetSlot(name=slot.name, value=value)


def _find_slot(name: str, offers: Offers) -> Slot | None:
    slots = offers.domain.slots
    if name in slots:
        return slots[name]
    wanted = name.casefold()
    same = [slot for slot in slots.values() if slot.name.casefold() == wanted]
    return same[0] if len(same) == 1 else None


def _read_value(slot: Slot, value: SlotValue) -> SlotValue:
    """`none` empties a slot, unless it is one of the slot's own values."""
    if value is None and slot.type is SlotType.CATEGORICAL:
        return next((allowed for allowed in slot.values if allowed.casefold() in EMPTY_WORDS), None)
    return value
