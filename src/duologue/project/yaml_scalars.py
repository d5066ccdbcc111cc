"""What an unquoted YAML scalar means: the YAML 1.2 core schema, so `yes`, `on` and dates stay text."""

import math
import re

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_SPECIAL_FLOATS = {
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_DECIMAL = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_RADIX = re.compile(r"([+-]?)0(?:x([0-9a-fA-F]+)|o([0-7]+)|b([01]+))")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]+")
# The quick parser holds whole numbers in 128 bits and falls back to a float beyond them; both paths must agree.
_LARGEST_WHOLE = 2**128 - 1
_SMALLEST_WHOLE = -(2**127)

PlainValue = str | int | float | bool | None


def resolve_plain(text: str) -> PlainValue:
    """The value of a scalar written without quotes."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[text]
    if text[0] not in "+-.0123456789":
        return text
    return _resolve_number(text)


def _resolve_number(text: str) -> PlainValue:
    if match := _RADIX.fullmatch(text):
        sign, hexadecimal, octal, binary = match.groups()
        digits, radix = (hexadecimal, 16) if hexadecimal else (octal, 8) if octal else (binary, 2)
        number = int(sign + digits, radix)
        return number if _SMALLEST_WHOLE <= number <= _LARGEST_WHOLE else text
    if _DECIMAL.fullmatch(text) and len(text) < 41:
        number = int(text)
        if _SMALLEST_WHOLE <= number <= _LARGEST_WHOLE:
            return number
    if _FLOAT.fullmatch(text) and not _LEADING_ZERO.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
