"""Intents and entities from a project's examples, learned when the assistant starts; nothing is trained beforehand."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from duologue.core.understanding import Intent
from duologue.core.values import OpenData
from duologue.understanding.entity_finder import EntityFinder
from duologue.understanding.intent_classifier import IntentClassifier
from duologue.understanding.text_parser import ParsedText

RANKING_LENGTH = 10
"""Intents that are worth telling."""


class Example(Protocol):
    """One sentence with its intent and its entity marks."""

    @property
    def intent(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def entities(self) -> Sequence[OpenData]: ...


class ExampleData(Protocol):
    """The examples and tables of a project."""

    @property
    def examples(self) -> Sequence[Example]: ...

    @property
    def lookups(self) -> Mapping[str, tuple[str, ...]]: ...

    @property
    def synonyms(self) -> Mapping[str, str]: ...

    @property
    def regexes(self) -> Mapping[str, tuple[str, ...]]: ...


class ExampleParser:
    """A `TextParser` that learns at its first use, once."""

    def __init__(self, data: ExampleData, *, entities: Iterable[str], languages: Sequence[str]) -> None:
        """`entities` are those of the domain."""
        self._data = data
        self._entities = tuple(entities)
        self._languages = tuple(language.partition("-")[0] for language in languages)
        self._lock = threading.Lock()
        self._learned: tuple[IntentClassifier, EntityFinder] | None = None

    @property
    def can_block(self) -> bool:
        return False

    def parse(self, text: str, *, asked: Sequence[str] = ()) -> ParsedText:
        classifier, finder = self._learn()
        ranking = classifier.predict(text)[:RANKING_LENGTH]
        return ParsedText(
            intents=tuple(Intent(name=one.name, confidence=one.confidence) for one in ranking),
            entities=finder.find(text),
        )

    def warm_up(self) -> None:
        self._learn()

    def _learn(self) -> tuple[IntentClassifier, EntityFinder]:
        with self._lock:
            if self._learned is None:
                data = self._data
                classifier = IntentClassifier.train(
                    [(example.intent.partition("/")[0], example.text) for example in data.examples],
                    languages=self._languages,
                )
                finder = EntityFinder(
                    ((example.text, example.entities) for example in data.examples),
                    lookups=data.lookups,
                    synonyms=data.synonyms,
                    regexes=data.regexes,
                    entities=self._entities,
                )
                self._learned = classifier, finder
            return self._learned
