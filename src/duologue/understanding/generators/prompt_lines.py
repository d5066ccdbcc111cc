"""The lines of a prompt: flows, slots and the conversation, short, and with users' words as nothing but data."""

import json
import re
from collections.abc import Iterable, Sequence

import msgspec

from duologue.core.slots import SlotType
from duologue.core.state import Line
from duologue.core.values import SlotValue
from duologue.understanding.generators.flow_views import FlowView, SlotView

_BRIEF = 70
_FULL = 160
_LONG = 240
_NEAREST = 3
"""How many flows get a long line before the others get more than their id."""
_FEW_VALUES, _MANY_VALUES = 12, 50
_MAX_VALUE_CHARACTERS = 120
# Marks that cannot be seen: they turn text around, or hide words from a reader that a model still reads.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_TYPE_NAMES = {SlotType.FLOAT: "number", SlotType.BOOL: "True/False"}


def show_text(text: str, limit: int) -> str:
    """Somebody's words on one line, in quotes, with everything escaped that could end them."""
    return json.dumps(cut(hide_invisible(text), limit), ensure_ascii=False)


def hide_invisible(text: str) -> str:
    """The text with a blank for every character that cannot be seen; newlines and tabs stay."""
    return _INVISIBLE.sub(" ", text.replace("\r\n", "\n"))


def escape_breaks(text: str) -> str:
    """The text on one line, as the documented `user_message` of a prompt template."""
    return hide_invisible(text).replace("\n", "\\n").replace("\t", " ")


def cut(text: str, limit: int) -> str:
    """The beginning and the end of a text that is too long."""
    if len(text) <= limit:
        return text
    tail = limit // 4
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


class FlowList(msgspec.Struct, frozen=True, kw_only=True):
    """Flows as a prompt lists them."""

    lines: tuple[str, ...] = ()
    """Id, description, slots."""
    others: tuple[str, ...] = ()
    """Ids alone, where there was no room for more."""


def list_flows(views: Sequence[FlowView], *, budget: int | None = None) -> FlowList:
    """A line for each flow. With a budget of characters the first ones, the nearest, get the longest lines.

    The others are named by their id at least, as long as the budget lasts.
    """
    if budget is None:
        return FlowList(lines=tuple(_rich_line(view) for view in views))
    lines: list[str] = []
    left = budget
    for view in views:
        left -= len(view.flow_id) + 2
        if left < 0 and lines:
            break
        lines.append("")
    for make_line, most in (
        (_long_line, _NEAREST),
        (_brief_line, None),
        (_full_line, None),
        (_rich_line, None),
    ):
        for place, view in enumerate(views[: len(lines)][:most]):
            line = make_line(view)
            growth = len(line) - max(len(lines[place]), len(view.flow_id))
            if 0 < growth <= left:
                lines[place] = line
                left -= growth
    told = list(zip(lines, views, strict=False))
    return FlowList(
        lines=tuple(line for line, _ in told if line),
        others=tuple(view.flow_id for line, view in told if not line),
    )


def _brief_line(view: FlowView) -> str:
    return _show_flow(view, None, limit=_BRIEF)


def _long_line(view: FlowView) -> str:
    return _show_flow(view, _plain_slots(view), limit=_LONG)


def _full_line(view: FlowView) -> str:
    return _show_flow(view, _plain_slots(view), limit=_FULL)


def _rich_line(view: FlowView) -> str:
    return _show_flow(view, _rich_slots(view), limit=None)


def _show_flow(view: FlowView, slots: Iterable[str] | None, *, limit: int | None) -> str:
    description = _shorten(view.description, limit) if limit is not None else view.description
    shown = "; ".join(slots or ())
    return f"{view.flow_id}: {description}" + (f" [{shown}]" if shown else "")


def _shorten(description: str, limit: int) -> str:
    """The sentences that fit, or the beginning of the first."""
    if len(description) <= limit:
        return description
    ends = [found.start() for found in _SENTENCE_END.finditer(description, 0, limit + 1)]
    return description[: ends[-1]] if ends else description[: limit - 1].rstrip(" ,;") + "…"


def _plain_slots(view: FlowView) -> Iterable[str]:
    return (show_slot(slot) for slot in view.slots if not slot.is_asked_anyway)


def _rich_slots(view: FlowView) -> Iterable[str]:
    return (
        f"{show_slot(slot)}: {slot.description}" if slot.description else show_slot(slot)
        for slot in view.slots
        if not slot.is_asked_anyway
    )


def show_slot(slot: SlotView) -> str:
    """`currency=EUR|USD`, `amount=number`, or the name alone."""
    if slot.allowed_values:
        return f"{slot.name}={_join_values(slot, _FEW_VALUES)}"
    kind = _TYPE_NAMES.get(slot.type)
    return f"{slot.name}={kind}" if kind else slot.name


def show_filled_slot(slot: SlotView, value: SlotValue) -> str:
    """A slot of the active flow with its value, its allowed values, and what it means."""
    kind = _join_values(slot, _MANY_VALUES) or _TYPE_NAMES.get(slot.type, "text")
    about = f" - {slot.description}" if slot.description else ""
    return f"{slot.name} ({kind}) = {show_value(value)}{about}"


def _join_values(slot: SlotView, most: int) -> str:
    more = "|…" if len(slot.allowed_values) > most else ""
    return "|".join(slot.allowed_values[:most]) + more


def show_value(value: SlotValue) -> str:
    """A slot's value as JSON, cut short; `null` if it is not set."""
    if isinstance(value, str):
        return show_text(value, _MAX_VALUE_CHARACTERS)
    return hide_invisible(json.dumps(value, ensure_ascii=False, default=str)[:_MAX_VALUE_CHARACTERS])


def show_conversation(lines: Sequence[Line], *, most: int, user_limit: int, reply_limit: int) -> list[str]:
    """The last lines that were said."""
    return [
        f"user: {show_text(line.text, user_limit)}"
        if line.is_user
        else f"assistant: {show_text(line.text, reply_limit)}"
        for line in lines[-most:]
    ]
