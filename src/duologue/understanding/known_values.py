"""Values that the project's own data names: annotated examples, lookup tables and synonyms."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from duologue.understanding.text_features import fold_in_place

_WORD = re.compile(r"\w+", re.UNICODE)
MAX_WORDS = 6
"""Longest value, in words, that is looked for."""


class KnownValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value found in a message."""

    entity: str
    value: str
    start: int
    end: int
    role: str | None = None


class KnownValues:
    """Finds the values in a message; the longest wins where two overlap."""

    def __init__(self, values: Iterable[tuple[str, str, str, str | None]]) -> None:
        """`values` are (spelling, entity, canonical value, role)."""
        self._table: dict[tuple[str, ...], dict[tuple[str, str | None], str]] = {}
        for spelling, entity, canonical, role in values:
            words = tuple(_WORD.findall(fold_in_place(spelling)))
            if 0 < len(words) <= MAX_WORDS:
                self._table.setdefault(words, {}).setdefault((entity, role), canonical)

    @classmethod
    def from_data(
        cls,
        entities: Iterable[tuple[str, Mapping[str, object]]],
        lookups: Mapping[str, Iterable[str]],
        synonyms: Mapping[str, str],
    ) -> "KnownValues":
        """Of training data: (text, entity mark) pairs, lookup tables by entity, and synonyms."""
        values: list[tuple[str, str, str, str | None]] = []
        for text, mark in entities:
            start, end = mark.get("start"), mark.get("end")
            if not isinstance(start, int) or not isinstance(end, int):
                continue
            spelling, entity = text[start:end], str(mark.get("entity"))
            role = mark.get("role")
            canonical = str(mark.get("value", spelling))
            values.append((spelling, entity, synonyms.get(canonical, canonical), str(role) if role else None))
        for entity, spellings in lookups.items():
            values.extend((one, entity, synonyms.get(one, one), None) for one in spellings)
        canonical_entities = {value[2].casefold(): (value[1], value[3]) for value in values}
        for spelling, canonical in synonyms.items():
            known = canonical_entities.get(canonical.casefold())
            if known is not None:
                values.append((spelling, known[0], canonical, known[1]))
        return cls(values)

    def find(self, text: str) -> list[KnownValue]:
        """The values that the text names, in order."""
        if not self._table:
            return []
        words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(fold_in_place(text))]
        found: list[KnownValue] = []
        position = 0
        while position < len(words):
            length, known = self._match_at(words, position)
            if known:
                start, end = words[position][1], words[position + length - 1][2]
                found.extend(
                    KnownValue(entity=entity, value=value, start=start, end=end, role=role)
                    for (entity, role), value in known.items()
                )
            position += max(1, length)
        return found

    def _match_at(
        self, words: list[tuple[str, int, int]], position: int
    ) -> tuple[int, dict[tuple[str, str | None], str]]:
        for length in range(min(MAX_WORDS, len(words) - position), 0, -1):
            key = tuple(word for word, _, _ in words[position : position + length])
            if key in self._table:
                return length, self._table[key]
        return 0, {}
