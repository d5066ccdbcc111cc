"""The one door through which YAML comes in: quick if all is well, careful about lines if something is not."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ryaml import InvalidYamlError as _InvalidYamlError  # pyright: ignore[reportPrivateImportUsage]
from ryaml import loads as _read_quickly  # pyright: ignore[reportPrivateImportUsage]

from duologue.core.errors import DefinitionError
from duologue.project.problems import Problem, Severity
from duologue.project.yaml_tree import Node, YamlSyntaxError, compose_tree

MAX_BYTES = 50_000_000

# Aliases, tags and merge keys are rare; the careful path bounds, refuses or expands them.
_UNUSUAL = re.compile(r"!|[*&][^\s*&]|<<")
_BLOCK_BEGINS = re.compile(r"\|[-+0-9]*\s*(?:#.*)?$")
_BELOW_THE_TOP = frozenset(("", " ", "-", "#", "\t", "\r"))
"""How a line begins that is no key at the top."""
_FARTHEST_LOOK = 200
_MOST_LOOKS = 200_000
_CONFLICT_MARK = re.compile(r"(?m)^(?:<{7}|>{7}|\|{7})(?: |$)")
_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


class UnreadableFileError(DefinitionError):
    """A file cannot be read at all; nothing of it is used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.format())
        self.problem = problem


class YamlFile:
    """One file that was read; lines are looked up only when somebody asks for one."""

    def __init__(self, path: Path, shown: str, text: str, value: Any, tree: Node | None = None) -> None:
        self.path = path
        self.shown = shown
        """The path as messages name it."""
        self.value = value
        """Any, because YAML holds whatever an author writes. Never changed after reading."""
        self.problems = _list_findings(shown, tree)
        """Errors that did not keep us from reading on, such as a key that stands twice."""
        self._text = text
        self._tree = tree
        self._entry_lines: dict[str, tuple[int, ...]] = {}

    def find_line(self, keys: Sequence[object]) -> int:
        """The line of the value that the keys and list positions lead to, or of the nearest thing above it."""
        if self._tree is None:
            line = self._find_entry_line(keys)
            if line is not None:
                return line
            self._tree = compose_tree(self._text)
        node = self._tree
        for key in keys:
            child = node.find_child(key)
            if child is None:
                break
            node = child
        return node.line

    def _find_entry_line(self, keys: Sequence[object]) -> int | None:
        """The line of an entry of a list at the top, such as a story, seen in the text alone; None if it is unclear."""
        match keys:
            case [str() as key, int() as position]:
                if key not in self._entry_lines:
                    found = tuple(_list_entry_lines(self._text, key))
                    entries: Any = self.value.get(key)
                    self._entry_lines[key] = found if len(found) == len(entries or ()) else ()
                lines = self._entry_lines[key]
                return lines[position] if position < len(lines) else None
            case _:
                return None

    def find_block_line(self, keys: Sequence[object], number: int) -> int:
        """The line of the nth line, from 0, of a text that begins below its key; else the line of the key."""
        line = self.find_line(keys)
        lines = self._text.split("\n")
        is_below = line <= len(lines) and _BLOCK_BEGINS.search(lines[line - 1]) is not None
        return line + 1 + number if is_below else line


def _list_entry_lines(text: str, key: str) -> Iterator[int]:
    """The lines on which the entries of a list begin that stands in lines of its own below a key at the top."""
    indent: int | None = None
    is_inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        if line[:1] not in _BELOW_THE_TOP:
            is_inside = line.rstrip() == f"{key}:"
            continue
        stripped = line.lstrip()
        if not is_inside or not stripped.startswith("- "):
            continue
        if indent is None:
            indent = len(line) - len(stripped)
        if len(line) - len(stripped) == indent:
            yield number


def _list_findings(shown: str, tree: Node | None) -> tuple[Problem, ...]:
    findings = tree.findings if tree else ()
    return tuple(_refuse(shown, finding.line, finding.message, finding.hint).problem for finding in findings)


def read_yaml(path: Path, *, root: Path | None = None) -> YamlFile:
    """Read a YAML file.

    Args:
        root: messages name the file relative to this folder.

    Raises:
        UnreadableFileError: with the one problem that stops us.
    """
    shown = show_path(path, root)
    text = read_text(path, shown)
    try:
        value, tree = parse_yaml(text)
    except YamlSyntaxError as error:
        raise _refuse(shown, error.line, error.message, error.hint) from None
    return YamlFile(path, shown, text, value, tree)


def parse_yaml(text: str) -> tuple[Any, Node | None]:
    """The value of a YAML text, and its tree if the careful path was taken.

    Raises:
        YamlSyntaxError: the text is not YAML that we accept.
    """
    if "<<<<<<<" in text and (match := _CONFLICT_MARK.search(text)):
        line = text.count("\n", 0, match.start()) + 1
        raise YamlSyntaxError(
            line,
            "A merge conflict is left in the file.",
            "Resolve it and remove the marks `<<<<<<<`, `>>>>>>>`.",
        )
    if not _has_unusual_marks(text):
        try:
            return _read_quickly(text), None
        except (_InvalidYamlError, ValueError):
            pass
    tree = compose_tree(text)
    return tree.value, tree


def _has_unusual_marks(text: str) -> bool:
    """Whether a sign that is special in YAML stands where it is, not just somewhere in a text."""
    for count, match in enumerate(_UNUSUAL.finditer(text)):
        if count > _MOST_LOOKS:
            return True
        before = text[max(0, match.start() - _FARTHEST_LOOK) : match.start()]
        before = before[before.rfind("\n") + 1 :]
        stripped = before.rstrip(" \t")
        if not stripped or stripped[-1] in "[{," or (stripped[-1] in ":-?" and stripped != before):
            return True
    return False


def show_path(path: Path, root: Path | None) -> str:
    """The path relative to `root` if it lies below it."""
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return str(path)


def read_text(path: Path, shown: str) -> str:
    """The text of a file, which must be UTF-8.

    Raises:
        UnreadableFileError: with the one problem that stops us.
    """
    data = _read_bytes(path, shown)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            raise _refuse(shown, 0, f"The file is written in {encoding}.", "Save it as UTF-8.")
    if b"\x00" in data:
        raise _refuse(shown, 0, "The file is binary, not text.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refuse(
            shown, line, "A character is not written in UTF-8.", "Save the file as UTF-8."
        ) from None


def _read_bytes(path: Path, shown: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refuse(
                shown,
                0,
                f"The file is larger than {MAX_BYTES // 1_000_000} MB.",
                "Split it into several files.",
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise _refuse(shown, 0, "The file does not exist.") from None
    except IsADirectoryError:
        raise _refuse(shown, 0, "A file is expected, but this is a folder.") from None
    except PermissionError:
        raise _refuse(shown, 0, "The file may not be read.", "Check its permissions.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refuse(shown, 0, f"The file cannot be read: {reason.lower()}.") from None


def _refuse(shown: str, line: int, message: str, hint: str = "") -> UnreadableFileError:
    return UnreadableFileError(
        Problem(severity=Severity.ERROR, file=shown, line=line, message=message, hint=hint)
    )
