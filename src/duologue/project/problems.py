"""What is wrong with a project: each finding at its file and line, with a way to mend it."""

import difflib
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Protocol

import msgspec


class Severity(StrEnum):
    """An error cannot work; a warning is doubtful."""

    ERROR = "error"
    WARNING = "warning"


class Spot(Protocol):
    """Anything that knows its file and line."""

    @property
    def file(self) -> str: ...

    @property
    def line(self) -> int: ...


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One finding."""

    severity: Severity
    file: str
    line: int = 0
    """From 1; 0 if the finding is about the whole file."""
    message: str
    """What is wrong, one sentence."""
    hint: str = ""
    """How to mend it, one sentence."""

    def format(self) -> str:
        """`file:line: error: what. how to mend`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity}: {' '.join(part for part in (self.message, self.hint) if part)}"


class Problems:
    """Collects findings and hands them out sorted by file and line, each once."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._problems: dict[Problem, None] = dict.fromkeys(problems)

    def __iter__(self) -> Iterator[Problem]:
        # Errors come first on a line, and findings of one place keep their order.
        return iter(
            sorted(self._problems, key=lambda problem: (problem.file, problem.line, problem.severity))
        )

    def __len__(self) -> int:
        return len(self._problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self if problem.severity is Severity.WARNING)

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self._problems)

    def add(self, problem: Problem) -> None:
        self._problems[problem] = None

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add(problem)

    def error(self, spot: Spot, message: str, hint: str = "") -> None:
        """Note something that cannot work."""
        self._note(Severity.ERROR, spot, message, hint)

    def warn(self, spot: Spot, message: str, hint: str = "") -> None:
        """Note something doubtful."""
        self._note(Severity.WARNING, spot, message, hint)

    def format(self) -> str:
        """All findings, one a line."""
        return "\n".join(problem.format() for problem in self)

    def _note(self, severity: Severity, spot: Spot, message: str, hint: str) -> None:
        self.add(Problem(severity=severity, file=spot.file, line=spot.line, message=message, hint=hint))


# What names of one kind have in common says nothing about which of them was meant.
_PREFIXES = ("utter_ask_", "utter_", "action_ask_", "action_", "validate_", "pattern_")


def find_nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a typing slip could have turned into `name`."""
    by_case = {candidate.casefold(): candidate for candidate in known}
    wanted = name.casefold()
    if wanted in by_case:
        return by_case[wanted]
    prefix = next((prefix for prefix in _PREFIXES if wanted.startswith(prefix)), "")
    rest = wanted.removeprefix(prefix)
    by_rest = {
        candidate.removeprefix(prefix): shown
        for candidate, shown in by_case.items()
        if candidate.startswith(prefix)
    }
    near = difflib.get_close_matches(rest, by_rest, n=1, cutoff=0.75 if len(rest) > 4 else 0.65)
    return by_rest[near[0]] if near else None


def suggest_name(name: str, known: Iterable[str]) -> str:
    """A sentence that offers the nearest known name, or nothing."""
    nearest = find_nearest(name, known)
    return f"Did you mean `{nearest}`?" if nearest else ""


_SECRET_KEY = re.compile(
    r"pass(word|phrase)?$|secret|token$|api[-_]?key|access[-_]?key|private[-_]?key|jwt[-_]?key|credential",
    re.IGNORECASE,
)
_LONGEST_QUOTE = 60


def is_secret_key(key: object) -> bool:
    """Whether the value under this key must never be shown."""
    return isinstance(key, str) and _SECRET_KEY.search(key) is not None


def quote_value(value: object, keys: Iterable[object] = ()) -> str:
    """The value for a message, cut if long; a value below a secret key is not shown."""
    if any(is_secret_key(key) for key in keys):
        return "(not shown)"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    short = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
    return f"`{short}`"
