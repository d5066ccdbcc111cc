"""Which known words a said word can stand for: itself, a synonym, a slip of the keyboard, a relative, part of a compound."""

from collections.abc import Iterable

from duologue.understanding.concepts import concepts_of
from duologue.understanding.text_features import edit_distance

_SYNONYM, _TYPO, _RELATIVE, _COMPOUND = 0.6, 0.85, 0.8, 0.7
_SHORTEST_TYPO, _SHARED_START, _LEAST_RELATION = 4, 5, 0.68
_SHORTEST_COMPOUND, _SHORTEST_PART = 8, 4
_COMPOUNDING_LANGUAGES = frozenset({"de", "nl"})
_CACHED_WORDS = 20_000

Neighbours = tuple[tuple[str, float], ...]


class WordNeighbours:
    """Finds for any word the known words near it, each with how near from 0 to 1; remembers what it found."""

    def __init__(self, vocabulary: Iterable[str], languages: tuple[str, ...]) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._concepts = concepts_of(languages)
        self._by_concept: dict[str, list[str]] = {}
        self._by_deletion: dict[str, list[str]] = {}
        self._by_start: dict[str, list[str]] = {}
        self._by_part: dict[str, list[str]] = {}
        self._makes_compounds = not _COMPOUNDING_LANGUAGES.isdisjoint(languages)
        self._found: dict[str, Neighbours] = {}
        for word in sorted(self._vocabulary):
            self._register(word)

    def near(self, word: str) -> Neighbours:
        """The known words that this one can stand for, itself first when it is known."""
        found = self._found.get(word)
        if found is None:
            if len(self._found) >= _CACHED_WORDS:
                self._found.clear()
            found = self._found[word] = self._find(word)
        return found

    def _register(self, word: str) -> None:
        for concept in self._concepts.get(word, ()):
            self._by_concept.setdefault(concept, []).append(word)
        if len(word) >= _SHORTEST_TYPO and word.isalpha():
            for shortened in _deletions(word):
                self._by_deletion.setdefault(shortened, []).append(word)
        if len(word) >= _SHARED_START:
            self._by_start.setdefault(word[:_SHARED_START], []).append(word)
        if self._makes_compounds and len(word) >= _SHORTEST_COMPOUND:
            for part in _parts(word):
                self._by_part.setdefault(part, []).append(word)

    def _find(self, word: str) -> Neighbours:
        found: dict[str, float] = {}
        if word in self._vocabulary:
            found[word] = 1.0
        else:
            self._add_typos(word, found)
        self._add_relatives(word, found)
        for concept in self._concepts.get(word, ()):
            for other in self._by_concept.get(concept, ()):
                found[other] = max(found.get(other, 0.0), _SYNONYM)
        if self._makes_compounds:
            self._add_compounds(word, found)
        return tuple(sorted(found.items(), key=lambda item: -item[1]))

    def _add_typos(self, word: str, found: dict[str, float]) -> None:
        if len(word) < _SHORTEST_TYPO or not word.isalpha():
            return
        candidates = {
            other for shortened in _deletions(word) for other in self._by_deletion.get(shortened, ())
        }
        for other in candidates:
            if edit_distance(word, other, limit=1) <= 1:
                found[other] = _TYPO

    def _add_relatives(self, word: str, found: dict[str, float]) -> None:
        for other in self._by_start.get(word[:_SHARED_START], ()):
            same = _shared_start(word, other)
            relation = 2 * same / (len(word) + len(other))
            if other != word and relation >= _LEAST_RELATION:
                found[other] = max(found.get(other, 0.0), _RELATIVE * relation)

    def _add_compounds(self, word: str, found: dict[str, float]) -> None:
        for longer in self._by_part.get(word, ()):
            found[longer] = max(found.get(longer, 0.0), _COMPOUND)
        if len(word) >= _SHORTEST_COMPOUND:
            for part in _parts(word):
                if part in self._vocabulary:
                    found[part] = max(found.get(part, 0.0), _COMPOUND)


def _deletions(word: str) -> set[str]:
    return {word} | {word[:index] + word[index + 1 :] for index in range(len(word))}


def _parts(word: str) -> set[str]:
    """Beginnings and ends of a word that can be words themselves."""
    lengths = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 2)
    return {word[:length] for length in lengths} | {word[-length:] for length in lengths}


def _shared_start(left: str, right: str) -> int:
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return index
    return min(len(left), len(right))
