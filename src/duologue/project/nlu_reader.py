"""NLU training data: sentences with entity marks, synonyms, lookup tables, regular expressions."""

from collections.abc import Iterator
from typing import Any

from duologue.project.definition import IntentExample
from duologue.project.entity_marks import EntityMarkError, read_marks
from duologue.project.fields import Fields, is_mapping, is_scalar, text_of
from duologue.project.places import Place, Places

_KINDS = ("intent", "synonym", "lookup", "regex")


class NluReader:
    """Reads the `nlu` of one file after the other."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.examples: list[IntentExample] = []
        self.synonyms: dict[str, str] = {}
        self.lookups: dict[str, tuple[str, ...]] = {}
        self.regexes: dict[str, tuple[str, ...]] = {}

    def read(self, fields: Fields) -> None:
        """Take the NLU data of one file."""
        for entry in fields.entries("nlu"):
            kinds = [kind for kind in _KINDS if kind in entry.data]
            if len(kinds) != 1:
                entry.problems.error(
                    entry.place, "An entry of `nlu` must be one of `intent`, `synonym`, `lookup`, `regex`."
                )
                continue
            name = entry.text(kinds[0])
            if not name:
                entry.problems.error(entry.place, f"The `{kinds[0]}` has no name.")
                continue
            entry.warn_unknown((kinds[0], "examples", "metadata"), f"The {kinds[0]} `{name}`")
            self._read_entry(kinds[0], name, entry)

    def _read_entry(self, kind: str, name: str, entry: Fields) -> None:
        match kind:
            case "intent":
                self._read_intent(name, entry)
            case "synonym":
                self.synonyms.update({text: name for _, text, _ in _list_examples(entry)})
            case "lookup":
                self.lookups[name] = self.lookups.get(name, ()) + _list_texts(entry)
            case _:
                self.regexes[name] = self.regexes.get(name, ()) + _list_texts(entry)

    def _read_intent(self, name: str, entry: Fields) -> None:
        if self._places.find("example", name) is None:
            self._places.note(entry.place, "example", name)
        intent_metadata = _read_metadata(entry)
        for place, marked, metadata in _list_examples(entry):
            try:
                text, entities = read_marks(marked)
            except EntityMarkError as error:
                entry.problems.error(place, f"An example of `{name}` has a broken entity mark: {error}")
                continue
            for entity in entities:
                self._note_synonym(text, entity)
            self.examples.append(
                IntentExample(
                    intent=name, text=text, entities=tuple(entities), metadata={**intent_metadata, **metadata}
                )
            )

    def _note_synonym(self, text: str, entity: dict[str, Any]) -> None:
        """A mark that gives another value teaches a synonym."""
        spelling, value = text[entity["start"] : entity["end"]], entity["value"]
        if isinstance(value, str) and value != spelling:
            self.synonyms[spelling] = value


def _read_metadata(entry: Fields) -> dict[str, Any]:
    value = entry.data.get("metadata")
    return entry.mapping("metadata") if value is None or is_mapping(value) else {"metadata": value}


def _list_texts(entry: Fields) -> tuple[str, ...]:
    return tuple(text for _, text, _ in _list_examples(entry))


def _list_examples(entry: Fields) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    """Each example with its place and metadata, from a block of `- ` lines or from a list."""
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


def _split_block(block: str, entry: Fields) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    place = entry.place.at("examples")
    for line in block.split("\n"):
        stripped = line.strip()
        if stripped.startswith("-"):
            text = stripped[1:].strip()
            if text:
                yield place, text, {}
        elif stripped and not stripped.startswith("#"):
            entry.problems.warn(
                place,
                f"The example `{stripped[:40]}` does not begin with `- `; it is ignored.",
                "Begin it with `- `.",
            )
