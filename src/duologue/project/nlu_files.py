"""NLU data of a file or folder on its own, without a project around it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from duologue.project.definition import IntentExample
from duologue.project.fields import Fields, is_mapping, with_text_keys
from duologue.project.nlu_reader import NluReader
from duologue.project.places import Place, Places
from duologue.project.problems import Problems, Spot
from duologue.project.project_files import find_data_files
from duologue.project.rasa1.old_file import read_old_file
from duologue.project.yaml_reader import UnreadableFileError, YamlFile, read_yaml

_OLD_SUFFIXES = frozenset((".md", ".json"))


class NluReading(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and what is wrong with it."""

    examples: tuple[IntentExample, ...]
    spots: tuple[Spot, ...]
    """Where each example stands."""
    synonyms: dict[str, str]
    lookups: dict[str, tuple[str, ...]]
    regexes: dict[str, tuple[str, ...]]
    responses: dict[str, Any]
    """Responses in the same files, as written: the answers of retrieval intents."""
    problems: Problems


def read_nlu_data(places: Iterable[Path], *, root: Path) -> NluReading:
    """Read the NLU data at or below these paths: YAML, and the Markdown and JSON of Rasa 1.

    Args:
        root: messages name files relative to this folder, and paths of lookup tables count from it.
    """
    problems = Problems()
    reader = NluReader(Places(), root)
    responses: dict[str, Any] = {}
    for path in (path for place in places for path in find_data_files(place, problems)):
        fields = _open(path, root, problems)
        if fields is None:
            continue
        if "nlu" in fields.data:
            reader.read(fields)
        responses.update(fields.mapping("responses"))
    return NluReading(
        examples=tuple(reader.examples),
        spots=tuple(reader.example_spots),
        synonyms=reader.synonyms,
        lookups=reader.lookups,
        regexes=reader.regexes,
        responses=responses,
        problems=problems,
    )


def _open(path: Path, root: Path, problems: Problems) -> Fields | None:
    """The mapping of a file; None if there is none, which is noted."""
    try:
        source = _read(path, root, problems)
    except UnreadableFileError as error:
        problems.add(error.problem)
        return None
    if source is None:
        return None
    problems.extend(source.problems)
    if not is_mapping(source.value):
        return None
    return Fields(with_text_keys(source.value), Place(source), problems)


def _read(path: Path, root: Path, problems: Problems) -> YamlFile | None:
    if path.suffix in _OLD_SUFFIXES:
        return read_old_file(path, root=root, problems=problems)
    return read_yaml(path, root=root)
