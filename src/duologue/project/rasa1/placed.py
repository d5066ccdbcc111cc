"""Values that remember their lines, so that data of other formats can be read like YAML."""

from collections.abc import Iterable

from duologue.project.yaml_tree import Node


def place_scalar(value: str | None, line: int) -> Node:
    """A text and its line."""
    return Node(line=line, value=value)


def place_list(items: Iterable[Node], line: int) -> Node:
    """A list; the line is where it begins."""
    children = list(items)
    return Node(line=line, value=[child.value for child in children], children=children)


def place_mapping(members: dict[str, Node], line: int) -> Node:
    """A mapping; the line is where it begins."""
    value = {key: child.value for key, child in members.items()}
    return Node(line=line, value=value, children=dict(members))


def place_value(value: object, line: int) -> Node:
    """Anything, all of it on one line."""
    return Node(line=line, value=value)
