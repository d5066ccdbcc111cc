"""JSON as other platforms wrote it, which is not always JSON to the letter."""

import json

import msgspec


def read_json(text: str | bytes) -> object:
    """The value that the text holds; Python's `NaN` and half surrogate pairs, which other servers write, are read too.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(text)


def read_event(text: str | bytes) -> object:
    """The value that the text holds, or the text itself if it is no JSON."""
    try:
        return read_json(text)
    except (ValueError, RecursionError):
        return text if isinstance(text, str) else text.decode("utf-8", "replace")
