"""The steps of a flow, and where each leads next."""

from typing import TypeAlias

import msgspec

from duologue.core.slots import Rejection
from duologue.core.values import OpenData, SlotValue


class Branch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One arm of a `next`: taken if its condition is true."""

    target: str
    """A step id or `END`."""
    condition: str | bool | None = None
    """None is the `else` arm."""


Next: TypeAlias = str | tuple[Branch, ...] | None
"""A step id, `END`, branches of which the first true one is taken, or None: the step below, at the end `END`."""


class _Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    id: str
    next: Next = None
    description: str | None = None
    metadata: OpenData = {}


class ActionStep(_Step, tag="action", frozen=True, kw_only=True):
    """Run a custom action, a default action or a response."""

    action: str
    """May hold a template such as `validate_{{context.collect}}`; a name that then does not exist is skipped."""


class CollectStep(_Step, tag="collect", frozen=True, kw_only=True):
    """Ask for a slot unless it is filled."""

    slot: str
    utter: str | None = None
    """Response that asks; None = `utter_ask_<slot>` or the action `action_ask_<slot>`, whichever exists."""
    ask_before_filling: bool = False
    reset_after_flow_ends: bool = True
    force_slot_filling: bool = False
    rejections: tuple[Rejection, ...] = ()
    silence_timeout: float | dict[str, float] | None = None
    """Seconds, or seconds by channel."""
    dtmf: OpenData | None = None

    @property
    def asking_response(self) -> str:
        return self.utter or f"utter_ask_{self.slot}"

    @property
    def asking_action(self) -> str:
        return f"action_ask_{self.slot}"


class SetSlotsStep(_Step, tag="set_slots", frozen=True, kw_only=True):
    """Give slots literal values; None empties."""

    slots: tuple[tuple[str, SlotValue], ...]


class LinkStep(_Step, tag="link", frozen=True, kw_only=True):
    """End this flow and start another."""

    flow_id: str


class CallStep(_Step, tag="call", frozen=True, kw_only=True):
    """Run another flow, then go on here."""

    flow_id: str


class NoopStep(_Step, tag="noop", frozen=True, kw_only=True):
    """Only branch."""


Step = ActionStep | CollectStep | SetSlotsStep | LinkStep | CallStep | NoopStep
