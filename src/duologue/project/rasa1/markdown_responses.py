"""Answers of retrieval intents in Markdown: `## headline`, `* faq/hours`, `- We open at nine.`"""

import re

from duologue.project.rasa1.markdown_lines import list_lines
from duologue.project.rasa1.placed import place_list, place_mapping, place_scalar
from duologue.project.yaml_tree import Node

_ANSWERED = re.compile(r"(?m)^\s*##.*\n\s*\*[^:{\n]*/[^{\n]*\n\s*-")
_PREFIX = "utter_"


def is_response_markdown(text: str) -> bool:
    """Whether answers stand below the name of a retrieval intent, and nothing else does."""
    return _ANSWERED.search(text) is not None


def read_response_markdown(text: str) -> Node:
    """The tree of `responses:`, as the YAML of today writes it."""
    responses: dict[str, tuple[int, list[Node]]] = {}
    variations: list[Node] = []
    for line in list_lines(text):
        mark, rest = line.text[0], line.text[1:].strip()
        if mark == "*":
            _, variations = responses.setdefault(f"{_PREFIX}{rest}", (line.number, []))
        elif mark == "-":
            # Markdown kept line breaks as two signs.
            words = place_scalar(rest.replace("\\n", "\n"), line.number)
            variations.append(place_mapping({"text": words}, line.number))
    named = {name: place_list(items, line) for name, (line, items) in responses.items()}
    return place_mapping({"responses": place_mapping(named, 1)}, 1)
