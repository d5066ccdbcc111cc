"""Texts as word pieces of the encoder's vocabulary, each with its place in the text."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_LONGEST_WORD = 64
_REMEMBERED = 20_000
_UNKNOWN, _START, _END = "[UNK]", "[CLS]", "[SEP]"
_WORD = re.compile(r"(?:[^\W_]|[^\x00-\x7f\s])+|[^\w\s]|_")
"""Signs of plain ASCII stand alone; others may be part of a word, as `£` of `£1` is."""
_ALONE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


class Piece(NamedTuple):
    """A word piece: its number in the vocabulary, and where it stands."""

    number: int
    start: int
    end: int


class WordPieces:
    """Cuts texts as the encoder was taught: lower case, no accents, the longest known pieces first."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._unknown = self._numbers[_UNKNOWN]
        self.start = self._numbers[_START]
        self.end = self._numbers[_END]
        self._of_words: dict[str, tuple[tuple[int, int], ...]] = {}

    def cut(self, text: str, *, most: int) -> list[Piece]:
        """The pieces of a text, without the marks of its start and end; no more than `most`."""
        pieces: list[Piece] = []
        for word, places in _list_words(text):
            at = 0
            for number, length in self._cut_word(word):
                pieces.append(Piece(number, places[at], places[at + length - 1] + 1))
                at += length
            if len(pieces) >= most:
                return pieces[:most]
        return pieces

    def _cut_word(self, word: str) -> tuple[tuple[int, int], ...]:
        """Number and length in letters of every piece."""
        known = self._of_words.get(word)
        if known is None:
            if len(self._of_words) >= _REMEMBERED:
                self._of_words.clear()
            known = self._of_words[word] = tuple(self._find_pieces(word))
        return known

    def _find_pieces(self, word: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        at = 0
        while at < len(word) and len(word) <= _LONGEST_WORD:
            mark = "##" if at else ""
            for end in range(len(word), at, -1):
                if (number := self._numbers.get(mark + word[at:end])) is not None:
                    found.append((number, end - at))
                    at = end
                    break
            else:
                break
        return found if at == len(word) else [(self._unknown, len(word))]


def _list_words(text: str) -> Iterator[tuple[str, list[int]]]:
    """Folded words, with the place in the text of each of their letters."""
    for found in _WORD.finditer(text):
        letters: list[str] = []
        places: list[int] = []
        for place, char in enumerate(found[0], start=found.start()):
            for letter in _fold(char):
                letters.append(letter)
                places.append(place)
        yield from _part_words("".join(letters), places)


def _part_words(word: str, places: list[int]) -> Iterator[tuple[str, list[int]]]:
    """Chinese characters and punctuation stand alone."""
    if word.isascii():
        yield word, places
        return
    start = 0
    for at, char in enumerate(word):
        if _ALONE.match(char) or unicodedata.category(char).startswith("P"):
            if start < at:
                yield word[start:at], places[start:at]
            yield char, places[at : at + 1]
            start = at + 1
    if start < len(word):
        yield word[start:], places[start:]


def _fold(char: str) -> str:
    if char.isascii():
        return char.lower()
    plain = unicodedata.normalize("NFD", char.lower())
    return "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")
