"""Edits in the text of a YAML file, block by block, so that comments and spelling elsewhere stay as they are."""

from collections.abc import Sequence

from duologue.project.fields import with_text_keys
from duologue.project.yaml_tree import Node


class TextBlocks:
    """The lines of a file, and where the value of each key begins and ends; all lines count from 1.

    Edits are gathered and applied at once, so that line numbers stay those of the original.
    """

    def __init__(self, text: str, tree: Node) -> None:
        self._lines = text.splitlines()
        self._tree = tree
        self._added: dict[int, list[str]] = {}
        """What comes in front of a line."""
        self._replaced: dict[int, tuple[int, Sequence[str]]] = {}
        """First line to one past the last, and what stands there instead."""

    def find_range(self, *keys: str) -> tuple[int, int]:
        """The lines of a key with all below it: the first, and one past the last; comments behind it are left out."""
        first, end = 1, len(self._lines) + 1
        node = self._tree
        for key in keys:
            below = sorted(child.line for child in _list_children(node))
            node = _find_child(node, key)
            first = node.line
            end = next((line for line in below if line > first), end)
        while end - 1 > first and self._is_aside(self._lines[end - 2]):
            end -= 1
        return first, end

    def _is_aside(self, line: str) -> bool:
        stripped = line.strip()
        return not stripped or stripped.startswith("#")

    def find_indent(self, *keys: str) -> int:
        """How far the key is set in."""
        line = self._lines[self.find_range(*keys)[0] - 1]
        return len(line) - len(line.lstrip())

    def list_comments(self, first: int, end: int) -> list[str]:
        """Lines in a range that hold nothing but a comment."""
        return [line for line in self._lines[first - 1 : end - 1] if line.lstrip().startswith("#")]

    def get_line(self, number: int) -> str:
        return self._lines[number - 1]

    def replace(self, first: int, end: int, lines: Sequence[str]) -> None:
        """Put these lines where the range was."""
        self._replaced[first] = (end, lines)

    def add(self, number: int, lines: Sequence[str]) -> None:
        """Put these lines in front of a line, behind those that were added there before."""
        self._added.setdefault(number, []).extend(lines)

    def write(self) -> str:
        """The text with all edits in it."""
        lines: list[str] = []
        kept_from = 1
        for number in range(1, len(self._lines) + 2):
            lines += self._added.get(number, ())
            if number in self._replaced:
                kept_from, new = self._replaced[number]
                lines += new
            if kept_from <= number <= len(self._lines):
                lines.append(self._lines[number - 1])
        return "\n".join(lines) + "\n"


def _list_children(node: Node) -> list[Node]:
    return list(node.children.values()) if isinstance(node.children, dict) else []


def _find_child(node: Node, key: str) -> Node:
    """What stands under a key, which may be written as a number or a truth value."""
    child = node.find_child(key)
    if child is not None:
        return child
    assert isinstance(node.children, dict)
    return next(
        child for written, child in node.children.items() if with_text_keys({written: None}).keys() == {key}
    )
