"""Typed looks into a mapping that an author wrote: the right value comes back, a wrong one becomes a problem."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

from duologue.project.places import Place
from duologue.project.problems import Problems, quote_value, suggest_name

_LOOSE_BOOLEANS = {
    "yes": True,
    "on": True,
    "true": True,
    "y": True,
    "no": False,
    "off": False,
    "false": False,
    "n": False,
}


class Fields:
    """One mapping of a file; every method reads one key and notes what does not fit."""

    def __init__(self, data: dict[Any, Any], place: Place, problems: Problems) -> None:
        self.data = data
        self.place = place
        self.problems = problems

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def text(self, key: str) -> str | None:
        """A text; numbers and truth values are taken as they are spelt in YAML."""
        value = self.data.get(key)
        if value is None or isinstance(value, str):
            return value
        if is_scalar(value):
            return text_of(value)
        self.refuse(key, "must be a text")
        return None

    def flag(self, key: str, default: bool) -> bool:
        """A truth value; `yes` and `no`, which YAML 1.2 reads as text, are taken with a warning."""
        value = self.data.get(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        loose = _LOOSE_BOOLEANS.get(value.strip().casefold()) if isinstance(value, str) else None
        if loose is None:
            self.refuse(key, "must be `true` or `false`")
            return default
        self.problems.warn(
            self.place.at(key),
            f"`{key}` is written as {quote_value(value)}.",
            f"Write `{'true' if loose else 'false'}`.",
        )
        return loose

    def number(self, key: str, default: float) -> float:
        """A number, also one written as text."""
        value = self.data.get(key)
        if value is None:
            return default
        number = number_of(value)
        if number is None:
            self.refuse(key, "must be a number")
            return default
        return number

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a lone text is a list of one."""
        value = self.data.get(key)
        if is_scalar(value):
            return (text_of(value),)
        return tuple(
            text_of(item)
            for place, item in self.items(key)
            if is_scalar(item) or self.refuse_at(place, f"`{key}` takes a list of texts.")
        )

    def mapping(self, key: str) -> dict[str, Any]:
        """A mapping, keys as text; empty if there is none."""
        value = self.data.get(key)
        if value is None:
            return {}
        if not is_mapping(value):
            self.refuse(key, "must be a mapping")
            return {}
        return with_text_keys(value)

    def child(self, key: str) -> "Fields":
        """The mapping under a key, empty if there is none."""
        return Fields(self.mapping(key), self.place.at(key), self.problems)

    def items(self, key: str) -> Iterator[tuple[Place, Any]]:
        """The entries of a list, each with its place."""
        value = self.data.get(key)
        if value is None:
            return
        if not is_items(value):
            self.refuse(key, "must be a list")
            return
        yield from enumerate_places(value, self.place.at(key))

    def entries(self, key: str) -> Iterator["Fields"]:
        """The mappings of a list; a lone mapping is a list of one, anything else is a problem."""
        value = self.data.get(key)
        if is_mapping(value):
            yield Fields(with_text_keys(value), self.place.at(key), self.problems)
            return
        if value is not None and not is_items(value):
            self.refuse(key, "must be a mapping or a list of mappings")
            return
        for place, item in self.items(key):
            if is_mapping(item):
                yield Fields(with_text_keys(item), place, self.problems)
            else:
                self.refuse_at(place, f"Every entry of `{key}` must be a mapping, not {describe(item)}.")

    def refuse(self, key: str, claim: str) -> None:
        """Note that the value of `key` is wrong."""
        self.problems.error(
            self.place.at(key),
            f"`{key}` {claim}, not {describe(self.data.get(key), (*self.place.path, key))}.",
        )

    def refuse_at(self, place: Place, message: str) -> bool:
        """Note an error; false, so that it can end a condition."""
        self.problems.error(place, message)
        return False

    def warn_unknown(self, known: Iterable[str], what: str) -> None:
        """Warn of keys that mean nothing here."""
        names = frozenset(known)
        for key in self.data:
            if key not in names:
                self.problems.warn(
                    self.place.at(key),
                    f"{what} has an unknown key `{key}`; it is ignored.",
                    suggest_name(str(key), names),
                )


def is_mapping(value: object) -> TypeGuard[dict[Any, Any]]:
    """Whether it is a mapping; Any, because YAML holds whatever an author writes."""
    return isinstance(value, dict)


def is_items(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a list; Any, because YAML holds whatever an author writes."""
    return isinstance(value, list)


def is_scalar(value: object) -> TypeGuard[str | bool | int | float]:
    return isinstance(value, str | bool | int | float)


def text_of(value: str | bool | int | float) -> str:
    """A scalar as YAML spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def number_of(value: object) -> float | None:
    """A number, also one written as text; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def with_text_keys(data: dict[Any, Any]) -> dict[str, Any]:
    """The mapping with its keys as text."""
    if all(isinstance(key, str) for key in data):
        return data
    return {text_of(key) if is_scalar(key) else "null": value for key, value in data.items()}


def enumerate_places(items: list[Any], place: Place) -> Iterator[tuple[Place, Any]]:
    """The entries of a list, each with its place."""
    for index, item in enumerate(items):
        yield place.at(index), item


def describe(value: object, keys: Iterable[object] = ()) -> str:
    """What a value is, for a message that says what it should have been."""
    if value is None:
        return "empty"
    return quote_value(value, keys)
