"""What a reading makes of a message."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from duologue.core.commands import Command
from duologue.understanding.scene import Scene


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Commands for a message, and how sure that is."""

    commands: tuple[Command, ...]
    confidence: float
    reason: str


Read: TypeAlias = Callable[[Scene], Reading | None]
