"""The documents of a project from which questions are answered: every text in the folder that `config.yml` names."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from duologue.core.documents import Document
from duologue.core.search_options import SEARCH_POLICY, SearchOptions, read_search_options
from duologue.project.definition import AssistantConfig
from duologue.project.fields import is_items, is_mapping
from duologue.project.places import Places, WholeFile, below
from duologue.project.problems import Problems, Spot
from duologue.project.yaml_reader import show_path

MAX_BYTES = 16_000_000
"""Of all documents together."""
MAX_FILES = 10_000

_TEXTS = frozenset((".txt", ".md"))
_ENTRIES = ".json"


def find_search_policy(config: AssistantConfig) -> tuple[int, SearchOptions] | None:
    """Position and options of the policy that answers from documents."""
    for position, component in enumerate(config.policies or ()):
        if component.name == SEARCH_POLICY:
            return position, read_search_options(component.options)
    return None


def read_documents(
    root: Path, config: AssistantConfig, places: Places, problems: Problems
) -> tuple[Document, ...]:
    """The documents in the order of their names; none without a policy that searches them."""
    found = find_search_policy(config)
    if found is None:
        return ()
    position, options = found
    config_place = places.find("config") or WholeFile("config.yml")
    reader = _DocumentReader(
        root,
        root / options.vector_store.source,
        below(config_place, "policies", position, "vector_store"),
        problems,
    )
    return tuple(reader.read())


class _DocumentReader:
    """Reads file by file until there is too much."""

    def __init__(self, root: Path, folder: Path, spot: Spot, problems: Problems) -> None:
        self._root = root
        self._folder = folder
        self._spot = spot
        self._problems = problems
        self._size = 0

    def read(self) -> Iterator[Document]:
        if not self._folder.is_dir():
            self._problems.warn(
                self._spot,
                f"There is no folder `{self._show(self._folder)}` with documents; no question is answered from them.",
                "Make it, or name another under `vector_store.source`.",
            )
            return
        for count, path in enumerate(_list_files(self._folder)):
            content = self._read_bytes(path)
            if count >= MAX_FILES or self._size > MAX_BYTES:
                self._refuse()
                return
            if content is not None:
                yield from self._parse(path, content)

    def _parse(self, path: Path, content: bytes) -> Iterator[Document]:
        source = path.relative_to(self._folder).as_posix()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._warn(path, "The document is not written in UTF-8; it is left out.", "Save it as UTF-8.")
            return
        if path.suffix.lower() == _ENTRIES:
            yield from self._parse_entries(path, source, text)
        elif text.strip():
            yield Document(source=source, text=text)

    def _parse_entries(self, path: Path, source: str, text: str) -> Iterator[Document]:
        """`{page_content, metadata: {title, type: faq, answer}}`, one or a list of them."""
        try:
            data: Any = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            self._warn(path, f"The document is not JSON ({error}); it is left out.")
            return
        entries = [_make_entry(source, entry) for entry in (data if is_items(data) else [data])]
        if None in entries:
            self._warn(
                path,
                f"{entries.count(None)} of {len(entries)} entries have no `page_content`; they are left out.",
                "Write each as `{page_content: …, metadata: {answer: …}}`.",
            )
        yield from (entry for entry in entries if entry is not None)

    def _read_bytes(self, path: Path) -> bytes | None:
        try:
            self._size += path.stat().st_size
            return path.read_bytes() if self._size <= MAX_BYTES else None
        except OSError as error:
            self._warn(path, f"The document cannot be read ({error.strerror}); it is left out.")
            return None

    def _refuse(self) -> None:
        self._problems.error(
            self._spot,
            f"The documents in `{self._show(self._folder)}` are more than this release searches:"
            f" at most {MAX_FILES} files and {MAX_BYTES // 1_000_000} MB.",
            "Name a smaller folder under `vector_store.source`.",
        )

    def _warn(self, path: Path, message: str, hint: str = "") -> None:
        self._problems.warn(WholeFile(self._show(path)), message, hint)

    def _show(self, path: Path) -> str:
        return show_path(Path(os.path.normpath(path)), self._root)


def _list_files(folder: Path) -> Iterator[Path]:
    """Texts and entries below the folder, sorted, without hidden ones."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place) / name
            if not name.startswith(".") and path.suffix.lower() in (*_TEXTS, _ENTRIES) and path.is_file():
                yield path


def _make_entry(source: str, entry: Any) -> Document | None:
    """One frequent question; without an answer it is a text like any other. Any, because authors write it."""
    if not is_mapping(entry):
        return None
    text, metadata = entry.get("page_content"), entry.get("metadata")
    if not isinstance(text, str) or not text.strip():
        return None
    told = metadata if is_mapping(metadata) else {}
    title, answer = told.get("title"), told.get("answer")
    return Document(
        source=source,
        text=text,
        title=title if isinstance(title, str) else "",
        answer=answer if isinstance(answer, str) and answer.strip() else None,
    )
