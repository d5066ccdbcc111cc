"""The lines of a Markdown file without its comments, each with its number."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


class Line(NamedTuple):
    """One line that says something."""

    number: int
    text: str


def list_lines(text: str) -> Iterator[Line]:
    """The lines that are not empty, stripped."""
    # A comment keeps its line breaks, so that the numbers stay right.
    bare = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    for number, line in enumerate(bare.splitlines(), start=1):
        if stripped := line.strip():
            yield Line(number, stripped)
