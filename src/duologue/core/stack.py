"""The dialogue stack: which flows are under way, the topmost one first to run."""

import enum
import secrets
from collections.abc import Sequence

import msgspec

from duologue.core.ids import FrameId
from duologue.core.values import OpenData

START = "START"
"""`step_id` of a frame whose flow has not reached its first step."""
END = "END"
"""Target of a `next` that ends the flow."""

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


class FrameType(enum.StrEnum):
    """How a user's flow came to be on the stack."""

    REGULAR = "regular"
    INTERRUPT = "interrupt"
    LINK = "link"
    CALL = "call"


def new_frame_id() -> FrameId:
    """A fresh random id of 8 upper-case letters and digits."""
    number = secrets.randbits(40)
    return FrameId("".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(8)))


class FlowFrame(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="flow"):
    """A flow of the project that is under way."""

    flow_id: str
    step_id: str = START
    frame_type: FrameType = FrameType.REGULAR
    frame_id: FrameId = msgspec.field(default_factory=new_frame_id)
    fingerprint: str = ""
    """Fingerprint of the flow's definition when the frame was pushed; tells a change of code."""
    repeats_step: bool = False
    """The step itself runs next, not what follows it: a correction went back to it."""


class PatternFrame(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="pattern"):
    """A repair pattern that is under way, with what it is about."""

    flow_id: str
    step_id: str = START
    frame_id: FrameId = msgspec.field(default_factory=new_frame_id)
    fingerprint: str = ""
    context: OpenData = {}
    """What `context.<name>` means in its conditions, action names and responses."""


Frame = FlowFrame | PatternFrame
Stack = tuple[Frame, ...]
"""Bottom first; only the last frame runs."""


def find_active_flow(stack: Sequence[Frame]) -> FlowFrame | None:
    """The topmost flow of the project; patterns do not count."""
    for frame in reversed(stack):
        if isinstance(frame, FlowFrame):
            return frame
    return None


def find_active_chain(stack: Sequence[Frame]) -> tuple[FlowFrame, ...]:
    """The active flow and, if it was called, its callers; the active one first."""
    chain: list[FlowFrame] = []
    for frame in reversed(stack):
        if isinstance(frame, PatternFrame):
            continue
        chain.append(frame)
        if frame.frame_type is not FrameType.CALL:
            break
    return tuple(chain)
