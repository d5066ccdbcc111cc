"""Documents are cut into passages: a heading or a question, and what stands under it."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from duologue.core.documents import Document

LONGEST = 1_200
"""Characters of a passage; what is longer is cut between lines or sentences."""
LONGEST_ANSWER = 2_400
"""Characters of a passage that answers a written question: its parts belong together."""
_WHOLE_ENOUGH = 500
"""Paragraphs under one heading are put together up to this size."""
_LONGEST_HEADING = 90
_LONGEST_ABBREVIATION = 8

_QUESTION = re.compile(
    r"^[\s#*_>-]*(?:(?:q|question|faq|frage|pregunta|pergunta|domanda|vraag)[ \t]{0,2}\d{0,4}[ \t]{0,2}[:.)]"
    r"|(?:f|p|d|v)[ \t]{0,2}\d{0,4}[ \t]{0,2}:)\s*(?P<text>\S.*)$",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"^[\s*_>-]*(?:a|answer|antwort|r|respuesta|resposta|risposta|réponse|antwoord)[ \t]{0,2}\d{0,4}[ \t]{0,2}[:.)]"
    r"\s*(?P<text>.*)$",
    re.IGNORECASE,
)
_MARKED_HEADING = re.compile(r"^#{1,6}\s+(?P<text>\S.*?)\s*#*$")
_NUMBERED = re.compile(r"^\d+(?:\.\d+)*[.)]?\s+\S")
_HEADER = re.compile(r"^(?P<key>title|tags|keywords|date|author)\s*:\s*(?P<value>.*)$", re.IGNORECASE)
_FENCE = "```"
_RULE = re.compile(r"^\s*(?:-{3,}|={3,}|\*{3,}|_{3,})\s*$")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])[\"'”’)\]]*(?:\s+(?=[^\Wa-z_]|[\"'“‘(¿¡])|(?<=[。！？]))")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.?g|i\.?e|etc|vs|mr|mrs|ms|dr|prof|no|nr|st|approx|bzw|z\.?\s?b|d\.?\s?h|ca|inkl|sr|sra|p\.?\s?ej|[a-z])\.$",
    re.IGNORECASE,
)


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a document that is found and quoted as one."""

    text: str
    """Verbatim, without its heading."""
    source: str
    title: str = ""
    """Title of the document, and headings above the nearest one."""
    lead: str = ""
    """The heading right above it, or the question that it answers."""
    is_answer: bool = False
    """The lead is a question, and the text its answer."""

    @property
    def whole(self) -> str:
        """Lead and text, as a model reads it."""
        return f"{self.lead}\n{self.text}" if self.lead else self.text


def cut_documents(documents: Iterable[Document]) -> list[Passage]:
    """The passages of all documents, in order."""
    return [passage for document in documents for passage in cut_document(document)]


def cut_document(document: Document) -> list[Passage]:
    """The passages of one document."""
    if document.answer is not None:
        return [
            Passage(
                text=document.answer.strip(),
                source=document.source,
                title=document.title,
                lead=document.text.strip(),
                is_answer=True,
            )
        ]
    reader = _Reader(document)
    for line, is_after_blank, next_line in _walk(document.text):
        reader.read(line, is_after_blank=is_after_blank, next_line=next_line)
    return reader.finish()


def split_units(text: str) -> list[tuple[int, int]]:
    """Where the lines and sentences of a text begin and end."""
    units: list[tuple[int, int]] = []
    position = 0
    for line in text.splitlines(keepends=True):
        units.extend(_split_line(line, position))
        position += len(line)
    return units


def _split_line(line: str, offset: int) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _SENTENCE_END.finditer(line):
        before = line[max(start, found.start() - _LONGEST_ABBREVIATION) : found.start()]
        if _ABBREVIATION.search(before) is None:
            yield from _trim(line, start, found.end(), offset)
            start = found.end()
    yield from _trim(line, start, len(line), offset)


def _trim(line: str, start: int, end: int, offset: int) -> Iterator[tuple[int, int]]:
    text = line[start:end]
    stripped = text.strip()
    if stripped:
        begin = offset + start + text.index(stripped)
        yield begin, begin + len(stripped)


def _walk(text: str) -> Iterator[tuple[str, bool, str]]:
    """Each line, whether a blank one is above it, and the one below it."""
    lines = [line.rstrip() for line in text.replace("\ufeff", "").splitlines()]
    for place, line in enumerate(lines):
        above = lines[place - 1] if place else ""
        yield line, not above.strip(), lines[place + 1] if place + 1 < len(lines) else ""


class _Reader:
    """Collects lines until a heading, a question or enough text closes a passage."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._title = document.title
        self._headings: list[tuple[int, str]] = []
        self._question = ""
        self._lines: list[str] = []
        self._passages: list[Passage] = []
        self._is_header = True
        self._is_code = False

    def read(self, line: str, *, is_after_blank: bool, next_line: str) -> None:
        if self._is_header and self._read_header(line):
            return
        if not line.strip():
            self._end_paragraph()
            return
        is_fence = line.lstrip().startswith(_FENCE)
        self._is_code ^= is_fence
        if self._is_code or is_fence:
            self._lines.append(line)
        elif found := _QUESTION.match(line):
            self._close()
            self._question = _plain(found["text"])
        elif self._question and not self._lines and (found := _ANSWER.match(line)):
            self._lines = [found["text"]] if found["text"] else []
        elif _RULE.match(line):
            self._close()
            self._question = ""
        elif (heading := _read_heading(line, is_after_blank=is_after_blank, next_line=next_line)) is not None:
            self._open_section(*heading)
        else:
            self._lines.append(line)

    def finish(self) -> list[Passage]:
        self._close()
        return self._passages

    def _read_header(self, line: str) -> bool:
        """`title: …` and the like at the top, between `---` or not; a document speaks after them."""
        if not line.strip() or _RULE.match(line):
            return True
        found = _HEADER.match(line)
        self._is_header = found is not None
        if found is not None and found["key"].casefold() == "title":
            self._title = _plain(found["value"])
        return found is not None

    def _open_section(self, level: int, heading: str) -> None:
        self._close()
        self._question = ""
        if heading.endswith("?"):
            self._question = heading
            return
        self._headings = [(depth, text) for depth, text in self._headings if depth < level]
        self._headings.append((level, heading))

    def _end_paragraph(self) -> None:
        size = sum(len(line) for line in self._lines)
        if self._lines and not self._question and size >= _WHOLE_ENOUGH:
            self._close()
        elif self._lines:
            self._lines.append("")

    def _close(self) -> None:
        text = "\n".join(self._lines).strip()
        self._lines = []
        if not text:
            return
        headings = [heading for _, heading in self._headings]
        lead = self._question or (headings.pop() if headings else "")
        parts = dict.fromkeys(part for part in (self._title, *headings) if part and part != lead)
        self._passages.extend(
            Passage(
                text=piece,
                source=self._document.source,
                title=" – ".join(parts),
                lead=lead,
                # What does not fit is a text under the question, but not where its answer begins.
                is_answer=bool(self._question) and place == 0,
            )
            for place, piece in enumerate(_cut_long(text, LONGEST_ANSWER if self._question else LONGEST))
        )


def _read_heading(line: str, *, is_after_blank: bool, next_line: str) -> tuple[int, str] | None:
    """Level and words of a heading; 7 for one that is only recognised by its looks."""
    if found := _MARKED_HEADING.match(line):
        return len(line) - len(line.lstrip("#")), _plain(found["text"])
    text = line.strip()
    if (
        not is_after_blank
        or len(text) > _LONGEST_HEADING
        or text.startswith(("-", "*  ", "* ", "•", ">", "|"))
    ):
        return None
    bare = _plain(text)
    if text.endswith("?") and next_line.strip():
        return 7, bare
    if text.startswith("**") and text.rstrip(":").endswith("**"):
        return 7, bare
    if bare.endswith((".", "!", ";", ",", "?")):
        return None
    is_shouted = bare.isupper() and any(char.isalpha() for char in bare)
    stands_alone = not next_line.strip() and ":" not in bare.rstrip(":")
    return (7, bare) if is_shouted or _NUMBERED.match(bare) or stands_alone else None


def _plain(text: str) -> str:
    """A heading without the signs that make it one."""
    return text.strip().strip("*_#\"“”'").strip().removesuffix(":").strip()


def _cut_long(text: str, longest: int) -> Iterator[str]:
    start = end = 0
    for _, stop in split_units(text):
        if stop - start > longest and end > start:
            yield text[start:end].strip()
            start = end
        end = stop
    rest = text[start:].strip()
    while len(rest) > 2 * longest:
        # One endless line, such as a table or data: cut anywhere.
        yield rest[:longest]
        rest = rest[longest:]
    if rest:
        yield rest
