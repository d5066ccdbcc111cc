"""What a run over effects is told."""

from torture.options import RigOptions

EFFECTS = ("shared", "keyed", "naive")
MESSAGE_FAULTS = ("repeat", "double", "leave")
"""Manners of clients: what they send, they send again. Messages in disorder are for the other rig, whose actions run
anew with each state."""


class EffectsOptions(RigOptions, frozen=True, kw_only=True):
    """A run of the rig with the real action server."""

    effects: str = "shared"
    """How the action has its effect: `shared` in one transaction with its result, `keyed` in a table that takes each key
    once, `naive` without a thought."""
    is_remembering: bool = True
    action_workers: int = 2
