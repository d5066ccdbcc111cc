"""NLU training data: sentences with entity marks, synonyms, lookup tables, regular expressions."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from duologue.project.definition import IntentExample
from duologue.project.entity_marks import EntityMarkError, read_marks
from duologue.project.fields import Fields, is_items, is_mapping, is_scalar, text_of
from duologue.project.places import BlockLine, Places
from duologue.project.problems import Spot, suggest_name
from duologue.project.yaml_reader import UnreadableFileError, read_text

_KINDS = ("intent", "synonym", "lookup", "regex")


class NluReader:
    """Reads the `nlu` of one file after the other."""

    def __init__(self, places: Places, root: Path | None = None) -> None:
        self._places = places
        self._root = root
        """Where paths of lookup tables count from."""
        self.examples: list[IntentExample] = []
        self.example_spots: list[Spot] = []
        """Where each example stands."""
        self.synonyms: dict[str, str] = {}
        self.lookups: dict[str, tuple[str, ...]] = {}
        self.regexes: dict[str, tuple[str, ...]] = {}

    def read(self, fields: Fields) -> None:
        """Take the NLU data of one file."""
        for entry in fields.entries("nlu"):
            kinds = [kind for kind in _KINDS if kind in entry.data]
            if len(kinds) != 1:
                entry.problems.error(
                    entry.place,
                    "An entry of `nlu` must be one of `intent`, `synonym`, `lookup`, `regex`.",
                    next(filter(None, (suggest_name(str(key), _KINDS) for key in entry.data)), "")
                    if not kinds
                    else f"This one is {' and '.join(f'`{kind}`' for kind in kinds)}.",
                )
                continue
            name = entry.text(kinds[0])
            if name is None or (not name and kinds[0] != "intent"):
                entry.problems.error(entry.place, f"The `{kinds[0]}` has no name.")
                continue
            entry.warn_unknown((kinds[0], "examples", "metadata"), f"The {kinds[0]} `{name}`")
            self._read_entry(kinds[0], name.strip(), entry)

    def _read_entry(self, kind: str, name: str, entry: Fields) -> None:
        match kind:
            case "intent":
                self._read_intent(name, entry)
            case "synonym":
                for spot, text, _ in _list_examples(entry):
                    self._add_synonym(text, name, spot, entry)
            case "lookup":
                self._warn_empty(kind, name, entry)
                self.lookups[name] = self.lookups.get(name, ()) + tuple(self._list_words(entry))
            case _:
                self._warn_empty(kind, name, entry)
                self.regexes[name] = self.regexes.get(name, ()) + tuple(_list_patterns(name, entry))

    def _read_intent(self, name: str, entry: Fields) -> None:
        if self._places.find("example", name) is None:
            self._places.note(entry.place, "example", name)
        intent_metadata = _read_metadata(entry)
        for spot, marked, metadata in _list_examples(entry):
            try:
                text, entities = read_marks(marked)
            except EntityMarkError as error:
                entry.problems.error(spot, f"An example of `{name}` has a broken entity mark: {error}")
                continue
            for entity in entities:
                self._note_synonym(text, entity, spot, entry)
            self.examples.append(
                IntentExample(
                    intent=name, text=text, entities=tuple(entities), metadata={**intent_metadata, **metadata}
                )
            )
            self.example_spots.append(spot)

    def _note_synonym(self, text: str, entity: dict[str, Any], spot: Spot, entry: Fields) -> None:
        """A mark that gives another value teaches a synonym."""
        spelling, value = text[entity["start"] : entity["end"]], entity["value"]
        if isinstance(value, str) and value != spelling:
            self._add_synonym(spelling, value, spot, entry)

    def _add_synonym(self, spelling: str, value: str, spot: Spot, entry: Fields) -> None:
        first = self.synonyms.setdefault(spelling, value)
        if first != value:
            entry.problems.warn(
                spot,
                f"`{spelling}` is a synonym of `{first}` and of `{value}`; the last one counts.",
                "Keep one of the two.",
            )
            self.synonyms[spelling] = value

    def _list_words(self, entry: Fields) -> Iterator[str]:
        """The words of a lookup table, those in a file of its own too, as Rasa 1 had them."""
        value = entry.data.get("examples")
        files = (
            [item["file"] for item in value if is_mapping(item) and "file" in item] if is_items(value) else []
        )
        for path in files:
            yield from self._read_word_file(str(path), entry)
        if not files:
            yield from (text for _, text, _ in _list_examples(entry))

    def _read_word_file(self, written: str, entry: Fields) -> Iterator[str]:
        path = (self._root or Path()) / written
        try:
            text = read_text(path, written)
        except UnreadableFileError as error:
            entry.problems.error(
                entry.place,
                f"The lookup table `{written}` cannot be read: {error.problem.message[:1].lower()}{error.problem.message[1:]}",
                "Its path counts from the project's folder.",
            )
            return
        yield from (line.strip() for line in text.splitlines() if line.strip())

    def _warn_empty(self, kind: str, name: str, entry: Fields) -> None:
        if not entry.data.get("examples"):
            entry.problems.warn(
                entry.place, f"The {kind} `{name}` has no examples.", "Add them, or remove it."
            )


def _read_metadata(entry: Fields) -> dict[str, Any]:
    value = entry.data.get("metadata")
    return entry.mapping("metadata") if value is None or is_mapping(value) else {"metadata": value}


def _list_patterns(name: str, entry: Fields) -> Iterator[str]:
    """Regular expressions that can be read."""
    for spot, text, _ in _list_examples(entry):
        try:
            with warnings.catch_warnings():
                # What a later Python may read differently is no matter of the author's.
                warnings.simplefilter("ignore")
                re.compile(text)
        except re.error as error:
            entry.problems.error(
                spot, f"The regex `{name}` cannot be read: {error.msg}.", "Mend the expression."
            )
        else:
            yield text


def _list_examples(entry: Fields) -> Iterator[tuple[Spot, str, dict[str, Any]]]:
    """Each example with its spot and metadata, from a block of `- ` lines or from a list."""
    value = entry.data.get("examples")
    if value is None:
        return
    if isinstance(value, str):
        yield from _split_block(value, entry)
        return
    for place, item in entry.items("examples"):
        if is_scalar(item):
            yield place, text_of(item), {}
        elif is_mapping(item) and is_scalar(item.get("text")):
            inner = Fields(item, place, entry.problems)
            yield place, text_of(item["text"]).strip().removeprefix("- "), _read_metadata(inner)
        else:
            entry.refuse_at(place, "An example must be a text, or a mapping with `text`.")


def _split_block(block: str, entry: Fields) -> Iterator[tuple[Spot, str, dict[str, Any]]]:
    place = entry.place.at("examples")
    for number, line in enumerate(block.split("\n")):
        stripped = line.strip()
        if stripped.startswith("-"):
            text = stripped[1:].strip()
            if text:
                yield BlockLine(place, number), text, {}
        elif stripped and not stripped.startswith("#"):
            entry.problems.warn(
                BlockLine(place, number),
                f"The example `{stripped[:40]}` does not begin with `- `; it is ignored.",
                "Begin it with `- `.",
            )
