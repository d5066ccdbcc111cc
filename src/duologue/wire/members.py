"""Read the members of a JSON object that somebody else wrote, with errors that say what is wrong."""

from collections.abc import Mapping
from typing import Any, TypeGuard

import msgspec

from duologue.core.errors import DuologueError
from duologue.core.values import OpenData


class MalformedError(DuologueError):
    """JSON from outside lacks a member or holds one of the wrong type."""


def is_object(value: object) -> TypeGuard[OpenData]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:  # `Any`: a JSON list holds whatever was sent
    """Whether it is a JSON list."""
    return isinstance(value, list)


class Members:
    """The members of one object; `what` names the object in errors."""

    __slots__ = ("_data", "_what")

    def __init__(self, data: Mapping[str, object], what: str) -> None:
        self._data = data
        self._what = what

    def require_text(self, name: str) -> str:
        """A text that must be there."""
        value = self._data.get(name)
        if isinstance(value, str):
            return value
        raise self._wrong(name, value, "a text")

    def find_text(self, name: str) -> str | None:
        """A text, or None."""
        value = self._data.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong(name, value, "a text")

    def find_number(self, name: str) -> float | None:
        """A number, or None."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        raise self._wrong(name, value, "a number")

    def find_whole_number(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self._data.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self._wrong(name, value, "a whole number")

    def find_flag(self, name: str) -> bool | None:
        """True, false, or None."""
        value = self._data.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self._wrong(name, value, "true or false")

    def get_object(self, name: str) -> OpenData:
        """An object; an absent one is empty."""
        value = self._data.get(name)
        if value is None:
            return {}
        if is_object(value):
            return value
        raise self._wrong(name, value, "an object")

    def get_list(self, name: str) -> list[Any]:
        """A list; an absent one is empty."""
        value = self._data.get(name)
        if value is None:
            return []
        if is_list(value):
            return value
        raise self._wrong(name, value, "a list")

    def _wrong(self, name: str, value: object, wanted: str) -> MalformedError:
        if value is None:
            return MalformedError(f"{self._what} needs `{name}`, {wanted}.")
        return MalformedError(f"`{name}` of {self._what} is {_kind(value)} but must be {wanted}.")


def require_object(value: object, what: str) -> OpenData:
    """The value itself, if it is a JSON object."""
    if is_object(value):
        return value
    raise MalformedError(f"{what} must be an object, not {_kind(value)}.")


def decode_json(encoded: bytes | str, what: str) -> object:
    """The value that the JSON text holds."""
    try:
        return msgspec.json.decode(encoded)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"{what} is not JSON: {error}.") from error


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(value).__name__}"
