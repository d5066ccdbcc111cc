"""NLU data of a file or folder on its own, without a project around it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from duologue.project.data_file import open_data_file
from duologue.project.definition import IntentExample
from duologue.project.nlu_reader import NluReader
from duologue.project.places import Places
from duologue.project.problems import Problems, Spot
from duologue.project.project_files import find_data_files


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
        fields = open_data_file(path, root=root, problems=problems)
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
