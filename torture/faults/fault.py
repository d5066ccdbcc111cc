"""The shape of a fault."""

import random
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from torture.rig import Rig

Inject = Callable[[Rig, str, random.Random], Awaitable[None]]
"""Hurt the target, wait, and undo it, whatever happens meanwhile."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One way to hurt something; the same thing is hurt by one fault at a time, different things by many."""

    name: str
    inject: Inject
    list_targets: Callable[[Rig], Sequence[str]]
    """What can be hurt in this rig; nothing where the fault does not apply."""
