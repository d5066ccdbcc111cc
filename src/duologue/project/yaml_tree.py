"""The careful way to read YAML: slower, but it knows the line of everything and names what is wrong."""

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from duologue.project.yaml_mistakes import YamlSyntaxError, explain_mistake
from duologue.project.yaml_scalars import resolve_plain

MAX_DEPTH = 127
MAX_EXPANDED_NODES = 1_000_000
"""How many values the aliases of one file may stand for."""

_CORE = "tag:yaml.org,2002:"
_MERGE = "<<"


class Node(msgspec.Struct, gc=False):
    """A value together with the lines of everything in it."""

    line: int
    value: Any
    """Any, because YAML holds whatever an author writes."""
    children: "dict[Any, Node] | list[Node] | None" = None
    size: int = 1
    """How many values it stands for, aliases written out."""
    depth: int = 0
    findings: "tuple[YamlSyntaxError, ...]" = ()
    """On the root: errors that did not keep us from reading on."""

    def find_child(self, key: object) -> "Node | None":
        """What stands under a key or at a position of a list."""
        match self.children:
            case dict():
                return self.children.get(key)
            case list():
                return self.children[key] if isinstance(key, int) and key < len(self.children) else None
            case None:
                return None


class _Open:
    """A mapping or a list that has begun and not ended."""

    __slots__ = ("anchor", "key", "merged", "node")

    def __init__(self, node: Node, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.key: Node | None = None
        self.merged: list[Node] = []


def compose_tree(text: str) -> Node:
    """Read one YAML document.

    Raises:
        YamlSyntaxError: with the line and what to do about it.
    """
    try:
        return _TreeBuilder().build(_parse_events(text))
    except yaml.YAMLError as error:
        raise explain_mistake(error, text) from None


def _parse_events(text: str) -> Iterator[yaml.Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.parse(text, Loader=loader)  # pyright: ignore[reportUnknownMemberType] - untyped in the stubs


class _TreeBuilder:
    """Builds from the flat stream of events, so that no depth of nesting exhausts the stack."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._root: Node | None = None
        self._documents = 0
        self._findings: list[YamlSyntaxError] = []

    def build(self, events: Iterator[yaml.Event]) -> Node:
        for event in events:
            self._take(event)
        root = self._root or Node(line=1, value=None)
        root.findings = tuple(self._findings)
        return root

    def _take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.ScalarEvent():
                self._finish(Node(line=line, value=_read_scalar(event, line)), event.anchor)
            case yaml.AliasEvent():
                self._finish(self._follow(event.anchor or "", line), None)
            case yaml.MappingStartEvent():
                _require_tag(event.tag, "map", line)
                self._begin(Node(line=line, value={}, children={}), event.anchor)
            case yaml.SequenceStartEvent():
                _require_tag(event.tag, "seq", line)
                self._begin(Node(line=line, value=[], children=[]), event.anchor)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise YamlSyntaxError(
                        line,
                        "A second YAML document begins here.",
                        "Remove the `---` or move what follows into a file of its own.",
                    )
            case _:
                pass

    def _begin(self, node: Node, anchor: str | None) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise YamlSyntaxError(node.line, f"The nesting goes deeper than {MAX_DEPTH} levels.")
        if anchor:
            self._anchors[anchor] = None
        self._open.append(_Open(node, anchor))

    def _end(self) -> None:
        ended = self._open.pop()
        for merged in ended.merged:
            _merge(ended.node, merged)
        self._finish(ended.node, ended.anchor)

    def _finish(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent.node.children, list):
            parent.node.value.append(node.value)
            parent.node.children.append(node)
            _grow(parent.node, node)
        elif parent.key is None:
            parent.key = node
        else:
            key, parent.key = parent.key, None
            self._put(parent, key, node)

    def _put(self, parent: _Open, key: Node, node: Node) -> None:
        _grow(parent.node, node)
        if key.value == _MERGE:
            parent.merged.extend(_list_merged(node))
            return
        if key.children is not None:
            raise YamlSyntaxError(key.line, "A key must be plain text, not a list or a mapping.")
        children: Any = parent.node.children
        if key.value in children:
            self._findings.append(
                YamlSyntaxError(
                    key.line,
                    f"The key `{key.value}` is already on line {children[key.value].line}.",
                    "Keep one of the two.",
                )
            )
            return
        parent.node.value[key.value] = node.value
        children[key.value] = Node(line=key.line, value=node.value, children=node.children)

    def _follow(self, anchor: str, line: int) -> Node:
        target = self._anchors.get(anchor)
        if target is None:
            problem = "contains itself" if anchor in self._anchors else "is not defined above"
            raise YamlSyntaxError(line, f"The alias `*{anchor}` {problem}.")
        if len(self._open) + target.depth > MAX_DEPTH:
            raise YamlSyntaxError(line, f"With `*{anchor}` the nesting goes deeper than {MAX_DEPTH} levels.")
        if target.size + sum(opened.node.size for opened in self._open) > MAX_EXPANDED_NODES:
            raise YamlSyntaxError(
                line,
                f"The aliases of this file stand for more than {MAX_EXPANDED_NODES:,} values.",
                "Write the values out, or use fewer aliases.",
            )
        return Node(
            line=line, value=target.value, children=target.children, size=target.size, depth=target.depth
        )


def _grow(parent: Node, child: Node) -> None:
    parent.size += child.size
    parent.depth = max(parent.depth, child.depth + 1)


def _list_merged(node: Node) -> list[Node]:
    parts = node.children if isinstance(node.children, list) else [node]
    if any(not isinstance(part.children, dict) for part in parts):
        raise YamlSyntaxError(node.line, "`<<` takes a mapping, or a list of mappings, to merge.")
    return parts


def _merge(node: Node, merged: Node) -> None:
    """Add what the mapping does not say itself; of several merged ones the first wins."""
    children: Any = node.children
    sources: Any = merged.children
    for key, child in sources.items():
        if key not in children:
            node.value[key] = child.value
            children[key] = child


def _read_scalar(event: yaml.ScalarEvent, line: int) -> object:
    text: str = event.value
    tag: str | None = event.tag
    if tag is None:
        return resolve_plain(text) if event.implicit[0] else text
    if tag == "!":
        return text
    kind = tag.removeprefix(_CORE)
    value: object = text if kind == "str" else resolve_plain(text)
    is_right = {
        "str": True,
        "null": value is None,
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
    }.get(kind)
    if is_right is None:
        raise YamlSyntaxError(line, f"The tag `{_show_tag(tag)}` is not known.", "Remove it.")
    if not is_right:
        raise YamlSyntaxError(line, f"The value does not fit its tag `{_show_tag(tag)}`.")
    return float(value) if kind == "float" and isinstance(value, int) else value


def _require_tag(tag: str | None, kind: str, line: int) -> None:
    if tag not in (None, "!", _CORE + kind):
        raise YamlSyntaxError(line, f"The tag `{_show_tag(tag)}` is not known.", "Remove it.")


def _show_tag(tag: str) -> str:
    return "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag
