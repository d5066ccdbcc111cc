"""`${NAME}` in endpoints, credentials and config becomes the value of a variable that the caller passes in."""

import re
from collections.abc import Mapping
from typing import Any

from duologue.project.fields import is_items, is_mapping
from duologue.project.places import Place
from duologue.project.problems import Problems, suggest_name

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def interpolate(
    value: Any,
    environment: Mapping[str, str],
    place: Place,
    problems: Problems,
    *,
    is_needed: bool = True,
) -> Any:
    """A copy with every variable replaced; a missing one leaves the text as it is.

    Any, because YAML holds whatever an author writes. What a variable holds stays text and is never shown.

    Args:
        is_needed: a missing variable is an error; otherwise a warning, for what the assistant can do without.
    """
    if isinstance(value, str):
        return (
            _VARIABLE.sub(_Lookup(environment, place, problems, is_needed), value) if "${" in value else value
        )
    if is_mapping(value):
        return {
            key: interpolate(part, environment, place.at(key), problems, is_needed=is_needed)
            for key, part in value.items()
        }
    if is_items(value):
        return [
            interpolate(part, environment, place.at(index), problems, is_needed=is_needed)
            for index, part in enumerate(value)
        ]
    return value


class _Lookup:
    """Gives the value of a variable, or notes that there is none."""

    def __init__(
        self, environment: Mapping[str, str], place: Place, problems: Problems, is_needed: bool
    ) -> None:
        self._environment = environment
        self._place = place
        self._note = problems.error if is_needed else problems.warn

    def __call__(self, match: re.Match[str]) -> str:
        name = match[1].strip()
        if name in self._environment:
            return self._environment[name]
        self._note(
            self._place,
            f"The environment variable `{name}` is not set.",
            suggest_name(name, self._environment) or "Set it before the assistant starts.",
        )
        return match[0]


def is_variable(value: object) -> bool:
    """Whether a text is nothing but one `${NAME}`."""
    return isinstance(value, str) and _VARIABLE.fullmatch(value.strip()) is not None
