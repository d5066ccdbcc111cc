"""Commands as `parse_data.commands` spells them: `{"command": "start flow", "flow": …}`."""

from typing import get_args

import msgspec

from duologue.core.commands import Clarify, Command, CorrectSlots, SetSlot
from duologue.core.values import OpenData
from duologue.wire.members import is_list, is_object

_KINDS: dict[str, type[Command]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Command)}


def format_command(command: Command) -> OpenData:
    """The command with all of its members, defaults too."""
    if isinstance(command, CorrectSlots):
        slots = [format_command(item) for item in command.corrected_slots]
        return {"command": "correct slots", "corrected_slots": slots}
    if isinstance(command, SetSlot):  # the most frequent one
        return {
            "command": "set slot",
            "name": command.name,
            "value": command.value,
            "extractor": command.extractor,
        }
    formatted: OpenData = {"command": command.__struct_config__.tag}
    if isinstance(command, Clarify):
        return {"command": "clarify", "options": list(command.options)}
    for name in command.__struct_fields__:
        formatted[name] = getattr(command, name)
    return formatted


def parse_command(data: object) -> Command | None:
    """The command, or None for one that is not in our vocabulary."""
    if not is_object(data):
        return None
    if is_list(slots := data.get("corrected_slots")):
        # Other servers leave out what kind of command each of them is.
        data = {**data, "corrected_slots": [_as_set_slot(item) for item in slots]}
    kind = _KINDS.get(str(data.get("command")))
    try:
        return None if kind is None else msgspec.convert(data, type=kind)
    except msgspec.ValidationError:
        return None


def _as_set_slot(item: object) -> object:
    return {"command": "set slot", **item} if is_object(item) else item
