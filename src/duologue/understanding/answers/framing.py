"""How surely a value inside a message is the answer: by what else the message says."""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from duologue.understanding.answers.answer import Span
from duologue.understanding.lexicon.fillers import FILLERS, HEDGES
from duologue.understanding.text_features import Token, stem, tokenise, words_in

WHOLE_MESSAGE = 0.98
_ONLY_FILLERS = 0.92
# By the number of words that are neither the value nor filler.
_WITH_OTHER_WORDS = (0.78, 0.7, 0.62, 0.56, 0.5)
_LONG_MESSAGE = 0.42


@lru_cache(maxsize=64)
def fillers_of(languages: tuple[str, ...]) -> frozenset[str]:
    """Filler words of several languages together."""
    return words_in(FILLERS, languages)


@lru_cache(maxsize=64)
def hedges_of(languages: tuple[str, ...]) -> frozenset[str]:
    """Words of doubt of several languages together."""
    return words_in(HEDGES, languages)


def topic_of(*texts: str, language: str = "en") -> frozenset[str]:
    """The words a question is about; said again in the answer they are no surprise."""
    return frozenset(stem(token.word, language) for text in texts for token in tokenise(text))


def words_outside(tokens: Iterable[Token], spans: Sequence[Span]) -> list[Token]:
    """The tokens that lie outside all spans."""
    return [
        token for token in tokens if not any(token.start < end and token.end > start for start, end in spans)
    ]


def confidence_around(
    text: str, spans: Sequence[Span], *, languages: Sequence[str], topic: Collection[str] = frozenset()
) -> float:
    """How sure a value at these places is the answer, judged by the words around it."""
    around = words_outside(tokenise(text), spans)
    if not around:
        return WHOLE_MESSAGE
    fillers, hedges = fillers_of(tuple(languages)), hedges_of(tuple(languages))
    other = [
        token for token in around if token.word not in fillers and not _is_topic(token.word, topic, languages)
    ]
    confidence = _by_other_words(len(other))
    if any(token.word in hedges for token in around):
        confidence *= 0.95
    if text.rstrip().endswith("?"):
        confidence *= 0.9 if not other else 0.8
    return round(confidence, 3)


def _by_other_words(count: int) -> float:
    if count == 0:
        return _ONLY_FILLERS
    return _WITH_OTHER_WORDS[count - 1] if count <= len(_WITH_OTHER_WORDS) else _LONG_MESSAGE


def _is_topic(word: str, topic: Collection[str], languages: Sequence[str]) -> bool:
    return bool(topic) and any(stem(word, language) in topic for language in languages)
