"""A sentence's meaning as one direction: the sum of its words, telling words counting most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from duologue.understanding.text_features import tokenise
from duologue.understanding.vectors.word_table import WordTable, read_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ENDINGS = {
    "en": ("'s", "s", "es", "ed", "d", "ing", "ly", "er", "n't"),
    "de": ("s", "e", "n", "en", "er", "es", "em", "t", "st", "te", "ten"),
}
_OTHER_ENDINGS = ("s", "es", "e", "n", "en", "i", "a", "o", "os", "as")
_COMPOUNDING = frozenset({"de", "nl"})
_SHORTEST_ROOT, _SHORTEST_PART, _SHORTEST_TYPO = 3, 4, 5
_LONGEST_GUESS = 40
"""Letters of a word that is worth guessing at: longer ones are noise, and each letter multiplies the guesses."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_KNOWN_LIMIT = 4096


class SentenceVectors:
    """Embeds sentences in some languages with the light vectors; remembers the words it met."""

    def __init__(self, languages: tuple[str, ...], folder: Path | None = None) -> None:
        """Words unknown in the project's languages count as English, as names of products and loan words often are.

        `folder` holds other tables than the package's.
        """
        import numpy as np

        own = {
            language: table for language in languages if (table := read_table(language, folder)) is not None
        }
        english = read_table("en", folder)
        if "en" not in own and english is not None:
            own["en"] = english
        self._tables = own
        self._zero: NDArray[np.float32] = np.zeros(_width(own.values()), dtype=np.float32)
        self._known: dict[str, NDArray[np.float32] | None] = {}

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return self._zero.shape[0]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector of length 1 for each text; of length 0 where no word is known."""
        import numpy as np

        return np.stack([self.embed_one(text) for text in texts]) if texts else self._zero[None][:0]

    def embed_one(self, text: str) -> NDArray[np.float32]:
        """The direction of one text."""
        import numpy as np

        total = self._zero.copy()
        for token in tokenise(text):
            vector = self.word(token.word)
            if vector is not None:
                total += vector
        length = float(np.sqrt(total @ total))
        return total / length if length else total

    def word(self, word: str) -> NDArray[np.float32] | None:
        """The vector of a folded word, or of what it most likely stands for."""
        if word in self._known:
            return self._known[word]
        if len(self._known) >= _KNOWN_LIMIT:
            self._known.clear()
        found = self._known[word] = self._find(word)
        return found

    def _find(self, word: str) -> NDArray[np.float32] | None:
        import numpy as np

        if word.isdigit():
            return None
        vectors = [
            table.vector(row) for table in self._tables.values() if (row := table.rows.get(word)) is not None
        ]
        if vectors:
            return np.stack(vectors).mean(axis=0, dtype=np.float32, keepdims=True)[0]
        if len(word) > _LONGEST_GUESS:
            return None
        for guess in (self._guess_ending, self._guess_parts, self._guess_typo):
            vector = guess(word)
            if vector is not None:
                return vector
        return None

    def _guess_ending(self, word: str) -> NDArray[np.float32] | None:
        for language, table in self._tables.items():
            if (row := _by_ending(word, language, table)) is not None:
                return table.vector(row)
        return None

    def _guess_typo(self, word: str) -> NDArray[np.float32] | None:
        for table in self._tables.values():
            if (row := _by_typo(word, table)) is not None:
                return table.vector(row)
        return None

    def _guess_parts(self, word: str) -> NDArray[np.float32] | None:
        import numpy as np

        if _COMPOUNDING.isdisjoint(self._tables) or not (parts := self._parts(word)):
            return None
        return np.stack(parts).sum(axis=0, dtype=np.float32, keepdims=True)[0]

    def _parts(self, word: str) -> list[NDArray[np.float32]]:
        """The parts of a compound: `kreditkartenlimit` is kredit, karten and limit."""
        for cut in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            head, tail = self._lookup(word[:cut]), word[cut:]
            if head is None:
                continue
            if (rest := self._lookup(tail)) is not None:
                return [head, rest]
            if others := self._parts(tail):
                return [head, *others]
        return []

    def _lookup(self, word: str) -> NDArray[np.float32] | None:
        """A word, or one that a compound's joint follows."""
        for table in self._tables.values():
            for spelling in (word, word.removesuffix("s")):
                if len(spelling) >= _SHORTEST_PART and spelling in table.rows:
                    return table.vector(table.rows[spelling])
        return None


@lru_cache(maxsize=8)
def read_vectors(languages: tuple[str, ...]) -> SentenceVectors:
    """The vectors of these languages, read once."""
    return SentenceVectors(languages)


def _width(tables: Iterable[WordTable]) -> int:
    return next((table.packed.shape[1] * 2 for table in tables), 1)


def _by_ending(word: str, language: str, table: WordTable) -> int | None:
    endings = _ENDINGS.get(language, _OTHER_ENDINGS)
    for ending in endings:
        root = word.removesuffix(ending)
        if root != word and len(root) >= _SHORTEST_ROOT:
            for candidate in (root, f"{root}e", root[:-1] if root[-1] == root[-2] else root):
                if candidate in table.rows:
                    return table.rows[candidate]
    if len(word) >= _SHORTEST_ROOT:
        return next((table.rows[word + ending] for ending in endings if word + ending in table.rows), None)
    return None


def _by_typo(word: str, table: WordTable) -> int | None:
    if len(word) < _SHORTEST_TYPO or not word.isascii() or not word.isalpha():
        return None
    # The tables are sorted by frequency: of several neighbours the most common one was meant.
    return min((table.rows[slip] for slip in _slips(word) if slip in table.rows), default=None)


def _slips(word: str) -> Iterator[str]:
    """Every word that one wrong, missing, needless or swapped letter away."""
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
        yield word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
        for letter in _LETTERS:
            yield word[:place] + letter + word[place + 1 :]
            yield word[:place] + letter + word[place:]
    for letter in _LETTERS:
        yield word + letter
