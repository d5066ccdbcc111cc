"""NLU data as YAML: one entry for each intent, synonym, lookup table and regular expression."""

from collections.abc import Iterable, Mapping
from typing import Any

from duologue.project.definition import IntentExample
from duologue.project.entity_marks import read_marks, write_marks
from duologue.project.writing.yaml_text import VERSION, write_yaml


def write_nlu(
    examples: Iterable[IntentExample] = (),
    *,
    synonyms: Mapping[str, str] | None = None,
    lookups: Mapping[str, Iterable[str]] | None = None,
    regexes: Mapping[str, Iterable[str]] | None = None,
) -> str:
    """The text of a file with this data."""
    entries = describe_nlu(examples, synonyms=synonyms, lookups=lookups, regexes=regexes)
    return write_yaml({"version": VERSION, "nlu": entries})


def describe_nlu(
    examples: Iterable[IntentExample] = (),
    *,
    synonyms: Mapping[str, str] | None = None,
    lookups: Mapping[str, Iterable[str]] | None = None,
    regexes: Mapping[str, Iterable[str]] | None = None,
) -> list[dict[str, Any]]:
    """The entries of `nlu`; synonyms that the marks of the examples say themselves are left out."""
    by_intent: dict[str, list[IntentExample]] = {}
    for example in examples:
        by_intent.setdefault(example.intent, []).append(example)
    entries = [_describe_intent(intent, given) for intent, given in by_intent.items()]
    said = {
        (example.text[entity["start"] : entity["end"]], entity.get("value"))
        for given in by_intent.values()
        for example in given
        for entity in example.entities
    }
    spellings: dict[str, list[str]] = {}
    for spelling, value in (synonyms or {}).items():
        if (spelling, value) not in said:
            spellings.setdefault(value, []).append(spelling)
    for kind, tables in (("synonym", spellings), ("regex", regexes or {}), ("lookup", lookups or {})):
        entries += [{kind: name, "examples": _write_block(texts)} for name, texts in tables.items()]
    return entries


def _describe_intent(intent: str, examples: list[IntentExample]) -> dict[str, Any]:
    shared = _find_shared_metadata(examples)
    described: dict[str, Any] = {"intent": intent}
    if shared:
        described["metadata"] = shared
    texts = [mark_example(example) for example in examples]
    own = [
        {key: value for key, value in example.metadata.items() if key not in shared} for example in examples
    ]
    if any(own) or not all(_fits_block(text) for text in texts):
        described["examples"] = [
            {"text": text, "metadata": metadata} if metadata else {"text": text}
            for text, metadata in zip(texts, own, strict=True)
        ]
    else:
        described["examples"] = _write_block(texts)
    return described


def mark_example(example: IntentExample) -> str:
    """The sentence with its entity marks."""
    return write_marks(example.text, example.entities)


def _find_shared_metadata(examples: list[IntentExample]) -> dict[str, Any]:
    first = examples[0].metadata
    return {
        key: value
        for key, value in first.items()
        if all(key in example.metadata and example.metadata[key] == value for example in examples)
    }


def _fits_block(text: str) -> bool:
    """Whether a line of its own says it whole."""
    return "\n" not in text and text == text.strip() and bool(text)


def _write_block(texts: Iterable[str]) -> str:
    return "".join(f"- {text}\n" for text in texts)


def is_marked_faithfully(example: IntentExample) -> bool:
    """Whether reading the written sentence gives the same one; overlapping entities cannot be written."""
    text, entities = read_marks(mark_example(example))
    return text == example.text and tuple(entities) == example.entities
