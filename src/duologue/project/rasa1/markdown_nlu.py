"""NLU data in Markdown: sections `## intent:name`, `synonym`, `regex` and `lookup` with a list below each."""

import re

from duologue.project.problems import Problem, Problems, Severity
from duologue.project.rasa1.markdown_lines import Line, list_lines
from duologue.project.rasa1.placed import place_list, place_mapping, place_scalar, place_value
from duologue.project.yaml_tree import Node

_SECTION = re.compile(r"##\s*(?P<kind>intent|synonym|regex|lookup):\s*(?P<name>.*\S)")
_ITEM = re.compile(r"[-*+]\s+(?P<text>.*\S)")


def is_nlu_markdown(text: str) -> bool:
    """Whether there is a section of NLU data."""
    return any(_SECTION.match(line.text) for line in list_lines(text))


def read_nlu_markdown(text: str, shown: str, problems: Problems) -> Node:
    """The tree of `nlu:`, as the YAML of today writes it; a lookup table in a file of its own keeps its path."""
    sections: list[Node] = []
    head: Line | None = None
    items: list[Node] = []
    for line in (*list_lines(text), None):
        if line is None or line.text.startswith("#"):
            if head is not None:
                sections.append(_close_section(head, items))
            head, items = line, []
            if line is not None and _SECTION.match(line.text) is None:
                _warn(
                    problems, shown, line, "This is no section of NLU data; what stands below it is ignored."
                )
                head = None
        elif head is None:
            continue
        elif item := _ITEM.match(line.text):
            items.append(place_scalar(item["text"], line.number))
        elif head.text.startswith("## lookup") or "lookup:" in head.text:
            items.append(place_value({"file": line.text}, line.number))
        else:
            _warn(problems, shown, line, "This line is no item of a list; it is ignored.")
    return place_mapping({"nlu": place_list(sections, 1)}, 1)


def _close_section(head: Line, items: list[Node]) -> Node:
    match = _SECTION.match(head.text)
    assert match is not None
    return place_mapping(
        {
            match["kind"]: place_scalar(match["name"], head.number),
            "examples": place_list(items, head.number),
        },
        head.number,
    )


def _warn(problems: Problems, shown: str, line: Line, message: str) -> None:
    problems.add(Problem(severity=Severity.WARNING, file=shown, line=line.number, message=message))
