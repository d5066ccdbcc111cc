"""Read the code blocks of the documentation, with the place where each one stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`]*)$")
FILE_MARK = re.compile(r"^# file: (?P<name>\S+)$")


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """One fenced block of a page."""

    page: str
    line: int
    language: str
    marks: tuple[str, ...]
    """The words after the language: `console run` has the mark `run`."""
    text: str

    @property
    def file(self) -> str | None:
        """The file of a project that the block shows, if its first line says so: `# file: data/flows.yml`."""
        mark = FILE_MARK.match(self.text.partition("\n")[0])
        return mark["name"] if mark else None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages(repository: Path) -> list[Path]:
    found = [repository / name for name in ("README.md", "CONTRIBUTING.md", "AGENTS.md")]
    found += sorted((repository / "docs").rglob("*.md")) + sorted((repository / "changelog").glob("*.md"))
    return [page for page in found if page.is_file()]


def read_snippets(repository: Path) -> list[Snippet]:
    return [snippet for page in pages(repository) for snippet in snippets_of(page, repository)]


def snippets_of(page: Path, repository: Path) -> Iterator[Snippet]:
    lines = page.read_text(encoding="utf-8").splitlines()
    number = 0
    while number < len(lines):
        opening = FENCE.match(lines[number])
        number += 1
        if opening is None:
            continue
        first, indent = number, len(opening["indent"])
        while number < len(lines) and lines[number].strip() != "```":
            number += 1
        language, *marks = opening["info"].split() or ["text"]
        yield Snippet(
            page=page.relative_to(repository).as_posix(),
            line=first + 1,
            language=language,
            marks=tuple(marks),
            text="\n".join(line[indent:] for line in lines[first:number]) + "\n",
        )
        number += 1
