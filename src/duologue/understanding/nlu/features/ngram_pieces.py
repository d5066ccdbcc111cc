"""The pieces of one text: runs of its words or of its characters."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from duologue.understanding.nlu.features.recipe import NgramOptions
from duologue.understanding.nlu.message import Token

_WORDS = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NUMBER_SIGN = "0"


class PieceReader:
    """Cuts texts into the pieces that one set of options counts."""

    def __init__(self, options: NgramOptions, vocabulary: frozenset[str] | None = None) -> None:
        """`vocabulary` holds the words of the examples, if words outside it are to count as unknown."""
        self._options = options
        self._vocabulary = vocabulary
        self._pattern = re.compile(options.token_pattern) if options.token_pattern else None
        self._stop_words = frozenset(options.stop_words)
        self._unknown = frozenset(self._fold(word) for word in options.oov_words)
        self._of_words: dict[str, tuple[str, ...]] = {}

    def read(self, text: str, tokens: Sequence[Token]) -> Iterator[str]:
        """Every piece, as often as it stands in the text."""
        options = self._options
        if options.analyzer == "char":
            yield from _cut(_SPACES.sub(" ", self._fold(text)), options.min_ngram, options.max_ngram)
            return
        words = self.read_words(text, tokens)
        if options.analyzer == "word":
            kept = [word for word in words if word not in self._stop_words]
            for size in range(options.min_ngram, options.max_ngram + 1):
                yield from (" ".join(kept[at : at + size]) for at in range(len(kept) - size + 1))
            return
        for word in words:
            yield from self._cut_word(word)

    def read_words(self, text: str, tokens: Sequence[Token]) -> list[str]:
        """The words as they are counted: folded, unknown ones replaced."""
        if self._pattern is not None:
            spelt: Sequence[str] = [found[0] for found in self._pattern.finditer(text)]
        elif tokens:
            spelt = [
                token.lemma if self._options.use_lemma and token.lemma else token.text for token in tokens
            ]
        else:
            spelt = _WORDS.findall(text)
        words = [_NUMBER_SIGN if _NUMBER.fullmatch(word) else self._fold(word) for word in spelt]
        return [self._replace_unknown(word) for word in words]

    def _replace_unknown(self, word: str) -> str:
        token = self._options.oov_token
        if not token or word == token:
            return word
        is_unknown = word in self._unknown or (self._vocabulary is not None and word not in self._vocabulary)
        return token if is_unknown else word

    def _cut_word(self, word: str) -> tuple[str, ...]:
        known = self._of_words.get(word)
        if known is None:
            known = tuple(_cut(f" {word} ", self._options.min_ngram, self._options.max_ngram))
            if len(self._of_words) >= _REMEMBERED_WORDS:
                self._of_words.clear()
            self._of_words[word] = known
        return known

    def _fold(self, text: str) -> str:
        options = self._options
        folded = text.lower() if options.lowercase else text
        if options.strip_accents is None or folded.isascii():
            return folded
        plain = unicodedata.normalize("NFKD", folded)
        if options.strip_accents == "ascii":
            return plain.encode("ascii", "ignore").decode("ascii")
        return "".join(char for char in plain if not unicodedata.combining(char))


_REMEMBERED_WORDS = 20_000


def _cut(text: str, least: int, most: int) -> Iterator[str]:
    for size in range(least, most + 1):
        if size >= len(text):
            yield text
            return
        yield from (text[at : at + size] for at in range(len(text) - size + 1))
