"""`RegexEntityExtractor`: values that a regular expression or a lookup table of the project names."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from duologue.core.nlu_options import RegexExtractorOptions
from duologue.core.understanding import Entity
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.extractors.lookup_table import LookupTable
from duologue.understanding.nlu.message import NluMessage, TrainingExample

_FILE = "patterns.json"
_NAME = "RegexEntityExtractor"


class _Patterns(msgspec.Struct, frozen=True, kw_only=True):
    regexes: tuple[tuple[str, str], ...] = ()
    """Entity and expression."""
    lookups: tuple[tuple[str, tuple[str, ...]], ...] = ()


class RegexEntityExtractor:
    """Tells whatever matches; an expression or a table counts if it is named like an entity.

    The expressions of the resources are known to be sound.
    """

    def __init__(
        self, options: RegexExtractorOptions, resources: NluResources, report: Callable[[str], None]
    ) -> None:
        self._options = options
        self._resources = resources
        self._report = report
        self._patterns = _Patterns()
        self._regexes: list[tuple[str, re.Pattern[str]]] = []
        self._tables: list[tuple[str, LookupTable]] = []

    def train(self, examples: Sequence[TrainingExample]) -> None:
        entities = {entity.entity for example in examples for entity in example.entities}
        entities.update(self._resources.entity_names)
        self._patterns = _Patterns(
            regexes=tuple(self._list_regexes(entities)), lookups=tuple(self._list_lookups(entities))
        )
        if not self._patterns.regexes and not self._patterns.lookups:
            self._report(
                "`RegexEntityExtractor` finds nothing: no regular expression and no lookup table is named like an entity."
            )
        self._compile()

    def process(self, message: NluMessage) -> None:
        found = [
            *(
                (name, match.span())
                for name, regex in self._regexes
                for match in regex.finditer(message.text)
            ),
            *((name, span) for name, table in self._tables for span in table.find(message.text)),
        ]
        message.entities.extend(
            Entity(entity=name, value=message.text[start:end], start=start, end=end, extractor=_NAME)
            for name, (start, end) in found
            if end > start
        )

    def dump(self) -> dict[str, bytes]:
        return {_FILE: msgspec.json.encode(self._patterns)}

    def restore(self, files: Mapping[str, bytes]) -> None:
        self._patterns = msgspec.json.decode(files[_FILE], type=_Patterns)
        self._compile()

    def _list_regexes(self, entities: set[str]) -> Iterator[tuple[str, str]]:
        if self._options.use_regexes:
            for name, patterns in self._resources.regexes.items():
                yield from ((name, pattern) for pattern in patterns if name in entities)

    def _list_lookups(self, entities: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        if self._options.use_lookup_tables:
            for name, values in self._resources.lookups.items():
                if name in entities:
                    yield name, tuple(values)

    def _compile(self) -> None:
        options = self._options
        flags = 0 if options.case_sensitive else re.IGNORECASE
        self._regexes = [(name, re.compile(pattern, flags)) for name, pattern in self._patterns.regexes]
        self._tables = [
            (
                name,
                LookupTable(
                    values,
                    is_case_sensitive=options.case_sensitive,
                    needs_boundaries=options.use_word_boundaries,
                ),
            )
            for name, values in self._patterns.lookups
        ]
