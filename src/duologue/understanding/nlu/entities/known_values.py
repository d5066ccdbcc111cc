"""Values known beforehand, from lookup tables and regexes, and where a text holds them."""

import re
from collections.abc import Iterable, Mapping, Sequence

from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.entities.options import EntityOptions
from duologue.understanding.nlu.entities.pieces import Piece, find_pieces, read_pieces

_LONGEST_VALUE = 8

_Words = tuple[str, ...]


class KnownValues:
    """Marks the pieces of a text that are part of a known value."""

    def __init__(self, resources: NluResources, options: EntityOptions) -> None:
        self._values = _list_values(resources.lookups) if options.use_lookups else {}
        self._begins = _list_begins(self._values)
        self._regexes = list(_compile(resources.regexes)) if options.use_regexes else []

    def mark(self, text: str, pieces: Sequence[Piece]) -> list[list[str]]:
        """The marks of every piece: of which table or regex, and which part of the value it is."""
        marks: list[list[str]] = [[] for _ in pieces]
        if self._values:
            self._mark_values(pieces, marks)
        for name, regex in self._regexes:
            for found in regex.finditer(text):
                places = find_pieces(pieces, found.start(), found.end())
                if places:
                    _mark(marks, name, places)
        return marks

    def _mark_values(self, pieces: Sequence[Piece], marks: list[list[str]]) -> None:
        words = [piece.text.lower() for piece in pieces]
        free_from: dict[str, int] = {}
        for place, word in enumerate(words):
            for size in range(min(self._begins.get(word, 0), len(words) - place), 0, -1):
                for name in self._values.get(tuple(words[place : place + size]), ()):
                    # The longest value of a table counts, not the shorter ones inside it.
                    if free_from.get(name, 0) <= place:
                        free_from[name] = place + size
                        _mark(marks, name, range(place, place + size))


def _list_values(lookups: Mapping[str, Iterable[str]]) -> dict[_Words, list[str]]:
    """The names of the tables that hold each value."""
    known: dict[_Words, list[str]] = {}
    for name, values in sorted(lookups.items()):
        for value in values:
            words = tuple(piece.text.lower() for piece in read_pieces(value))
            if 0 < len(words) <= _LONGEST_VALUE and name not in (names := known.setdefault(words, [])):
                names.append(name)
    return known


def _list_begins(values: Iterable[_Words]) -> dict[str, int]:
    """The first words of values, and how long the longest value that begins so is."""
    begins: dict[str, int] = {}
    for words in values:
        begins[words[0]] = max(begins.get(words[0], 0), len(words))
    return begins


def _mark(marks: list[list[str]], name: str, places: range) -> None:
    for place in places:
        part = "B" if place == places[0] else "E" if place == places[-1] else "I"
        marks[place].append(f"k={name}:{'S' if len(places) == 1 else part}")


def _compile(regexes: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, re.Pattern[str]]]:
    for name, patterns in sorted(regexes.items()):
        for pattern in patterns:
            try:
                yield f"regex:{name}", re.compile(pattern, re.IGNORECASE)
            except re.error:
                # The checks of the training data name it; here it only teaches nothing.
                continue
