"""Answers written as JSON: those held to our schema, and those of models that like JSON better."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

import msgspec

from duologue.core.values import SlotValue
from duologue.understanding.generators.answer_text import clean_text

_LONGEST_INTEGER = 15
_MOST_ITEMS = 200
_LISTS = ("do", "commands", "actions")
_FENCE = re.compile(r"```[a-z]{0,10}\s*", re.IGNORECASE)


class JsonCommand(msgspec.Struct, frozen=True, kw_only=True):
    """One object of the answer."""

    verb: str
    names: tuple[str, ...] = ()
    value: SlotValue = None


def read_json_commands(text: str) -> Sequence[JsonCommand | str] | None:
    """The commands in it; None if the answer is not written as JSON. A text among them is a line of a DSL."""
    fence = _FENCE.match(text)
    start = fence.end() if fence else 0
    if not text.startswith(("{", "["), start):
        return None
    try:
        # Any, because that is what JSON may hold.
        found: Any = _DECODER.raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None
    return list(_read(found))


def _read_integer(digits: str) -> int | str:
    # An account number is text: as a number its last digits would go wrong.
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _read_decimal(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _read_constant(_: str) -> None:
    """`NaN` and `Infinity` are no values."""


_DECODER = json.JSONDecoder(
    parse_int=_read_integer, parse_float=_read_decimal, parse_constant=_read_constant, strict=False
)


def _read(found: Any) -> Iterator[JsonCommand | str]:
    if _is_list(found):
        for item in found[:_MOST_ITEMS]:
            if isinstance(item, str):
                yield clean_text(item)
            elif _is_mapping(item):
                yield _read_object(item)
        return
    if not _is_mapping(found):
        return
    for key in _LISTS:
        if _is_list(found.get(key)):
            yield from _read(found[key])
            return
    yield _read_object(found)


def _read_object(item: dict[str, Any]) -> JsonCommand:
    """Our own short form, and the form in which events store commands."""
    if "start" in item:
        return JsonCommand(verb="start flow", names=_names(item["start"]))
    if "clarify" in item:
        return JsonCommand(verb="clarify", names=_names(item["clarify"]))
    if "set" in item:
        return JsonCommand(verb="set slot", names=_names(item["set"]), value=_scalar(item.get("to")))
    verb = item.get("act") or item.get("command") or item.get("action")
    names = next((item[key] for key in ("flow", "name", "slot", "options", "flows") if key in item), None)
    return JsonCommand(
        verb=clean_text(verb)[:200] if isinstance(verb, str) else "",
        names=_names(names),
        value=_scalar(item.get("value")),
    )


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (clean_text(value),)
    if _is_list(value):
        return tuple(clean_text(name) for name in value[:_MOST_ITEMS] if isinstance(name, str))
    return ()


def _scalar(value: Any) -> SlotValue:
    """A value as it is; a list or a mapping is none that a user can say."""
    if isinstance(value, str):
        return clean_text(value)
    return value if isinstance(value, bool | int | float) else None


def _is_mapping(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
