"""NLU data in JSON: `rasa_nlu_data` with examples, synonyms, regular expressions and lookup tables."""

from collections.abc import Iterator
from typing import Any

from duologue.project.entity_marks import write_marks
from duologue.project.fields import is_items, is_mapping, is_scalar, text_of
from duologue.project.problems import Problem, Problems, Severity
from duologue.project.rasa1.placed import place_list, place_mapping, place_scalar, place_value
from duologue.project.yaml_tree import Node

_ROOT = "rasa_nlu_data"
_EXAMPLE_KEYS = ("common_examples", "intent_examples", "entity_examples")


def is_nlu_json(text: str) -> bool:
    """Whether the file says so itself."""
    return f'"{_ROOT}"' in text


def read_nlu_json(tree: Node, shown: str, problems: Problems) -> Node:
    """The tree of `nlu:`, as the YAML of today writes it, from the tree of the JSON file."""
    data = tree.find_child(_ROOT)
    if data is None or not is_mapping(data.value):
        problems.add(
            Problem(severity=Severity.ERROR, file=shown, line=1, message=f"`{_ROOT}` must be a mapping.")
        )
        return place_mapping({}, 1)
    reader = _JsonReader(shown, problems)
    sections = [
        *reader.read_examples(data),
        *reader.read_lists(data, "entity_synonyms", "synonym", "value", "synonyms"),
        *reader.read_lists(data, "regex_features", "regex", "name", "pattern"),
        *reader.read_lists(data, "lookup_tables", "lookup", "name", "elements"),
    ]
    return place_mapping({"nlu": place_list(sections, data.line)}, data.line)


class _JsonReader:
    """Goes through the lists of one file; what does not fit is noted and left out."""

    def __init__(self, shown: str, problems: Problems) -> None:
        self._shown = shown
        self._problems = problems

    def read_examples(self, data: Node) -> Iterator[Node]:
        """One section for each intent, in the order in which they come."""
        by_intent: dict[str, list[Node]] = {}
        for node in (item for key in _EXAMPLE_KEYS for item in _list_items(data, key)):
            example = node.value
            if not is_mapping(example) or not is_scalar(example.get("text")):
                self._warn(node, "An example has no `text`; it is ignored.")
                continue
            intent = example.get("intent")
            items = by_intent.setdefault(text_of(intent) if is_scalar(intent) else "", [])
            items.append(self._read_example(node, example))
        for intent, items in by_intent.items():
            line = items[0].line
            yield place_mapping(
                {"intent": place_scalar(intent, line), "examples": place_list(items, line)}, line
            )

    def _read_example(self, node: Node, example: dict[Any, Any]) -> Node:
        text = text_of(example["text"])
        entities = example.get("entities")
        marked = write_marks(text, _list_fitting(text, entities if is_items(entities) else []))
        members = {"text": place_scalar(marked, node.line)}
        if is_mapping(example.get("metadata")):
            members["metadata"] = place_value(example["metadata"], node.line)
        return place_mapping(members, node.line)

    def read_lists(self, data: Node, key: str, kind: str, name_key: str, items_key: str) -> Iterator[Node]:
        for node in _list_items(data, key):
            entry = node.value
            name = entry.get(name_key) if is_mapping(entry) else None
            if not is_scalar(name):
                self._warn(node, f"An entry of `{key}` has no `{name_key}`; it is ignored.")
                continue
            items = entry.get(items_key)
            if kind == "lookup" and isinstance(items, str):
                listed: list[object] = [{"file": items}]
            else:
                listed = [
                    text_of(item) for item in (items if is_items(items) else [items]) if is_scalar(item)
                ]
            examples = place_list([place_value(item, node.line) for item in listed], node.line)
            yield place_mapping(
                {kind: place_scalar(text_of(name), node.line), "examples": examples}, node.line
            )

    def _warn(self, node: Node, message: str) -> None:
        self._problems.add(
            Problem(severity=Severity.WARNING, file=self._shown, line=node.line, message=message)
        )


def _list_items(data: Node, key: str) -> list[Node]:
    child = data.find_child(key)
    return child.children if child is not None and isinstance(child.children, list) else []


def _list_fitting(text: str, entities: list[Any]) -> list[dict[str, Any]]:
    """Entities whose place lies in the text. Any, because it holds whatever an author wrote."""
    return [
        entity
        for entity in entities
        if is_mapping(entity)
        and isinstance(entity.get("start"), int)
        and isinstance(entity.get("end"), int)
        and isinstance(entity.get("entity"), str)
        and 0 <= entity["start"] < entity["end"] <= len(text)
    ]
