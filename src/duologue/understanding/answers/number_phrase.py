"""Numbers written as words: `twenty five`, `fünfundzwanzig`, `quatre-vingt-dix`."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from duologue.understanding.answers.answer import Span
from duologue.understanding.lexicon.number_words import (
    ARTICLE_LIKE,
    DECIMAL_WORDS,
    GLUED_LANGUAGES,
    HALVES,
    NUMBER_LINKS,
    NUMBER_WORDS,
    UNITS_FIRST_LANGUAGES,
)
from duologue.understanding.text_features import Token


class FoundNumber(NamedTuple):
    """A number and its place in the message."""

    value: float
    span: Span
    is_article_like: bool = False
    """The word also serves as an article or pronoun, as `one` or `eine` does."""


def find_number_phrases(tokens: Sequence[Token], language: str) -> list[FoundNumber]:
    """Every number written in words of one language, in order."""
    found: list[FoundNumber] = []
    index = 0
    while index < len(tokens):
        phrase = _longest_phrase(tokens, index, language)
        if phrase is None:
            index += 1
            continue
        number, index = phrase
        found.append(number)
    return found


def _longest_phrase(tokens: Sequence[Token], start: int, language: str) -> tuple[FoundNumber, int] | None:
    if tokens[start].word in HALVES:
        token = tokens[start]
        return FoundNumber(HALVES[token.word], (token.start, token.end)), start + 1
    parts: list[int] = []
    end = start
    for index in range(start, len(tokens)):
        word = tokens[index].word
        if word in NUMBER_LINKS.get(language, ()) and parts:
            continue
        values = _word_values(word, language)
        if not values or _total([*parts, *values], language) is None:
            break
        parts.extend(values)
        end = index + 1
    if not parts:
        return None
    value = float(_total(parts, language) or 0)
    value, end = _add_decimals(value, tokens, end, language)
    value, end = _add_half(value, tokens, end)
    is_article_like = end == start + 1 and tokens[start].word in ARTICLE_LIKE.get(language, ())
    return FoundNumber(value, (tokens[start].start, tokens[end - 1].end), is_article_like), end


def _add_half(value: float, tokens: Sequence[Token], end: int) -> tuple[float, int]:
    if [token.word for token in tokens[end : end + 3]] == ["and", "a", "half"]:
        return value + 0.5, end + 3
    return value, end


def _add_decimals(value: float, tokens: Sequence[Token], end: int, language: str) -> tuple[float, int]:
    if end >= len(tokens) - 1 or tokens[end].word not in DECIMAL_WORDS.get(language, ()):
        return value, end
    digits = ""
    stop = end + 1
    while stop < len(tokens):
        values = _word_values(tokens[stop].word, language)
        if len(values) != 1 or values[0] > 99:
            break
        digits += str(values[0])
        stop += 1
    return (float(f"{int(value)}.{digits}"), stop) if digits else (value, end)


_SHORTEST_GLUED, _LONGEST_GLUED = 6, 80


@lru_cache(maxsize=4096)
def _word_values(word: str, language: str) -> tuple[int, ...]:
    """The number morphemes a word is made of, in spoken order; empty when it is no number."""
    table = NUMBER_WORDS.get(language, {})
    if word in table:
        return (table[word],)
    if language not in GLUED_LANGUAGES or not _SHORTEST_GLUED <= len(word) <= _LONGEST_GLUED:
        return ()
    return _split_glued(word, language, table) or ()


def _split_glued(word: str, language: str, table: dict[str, int]) -> tuple[int, ...] | None:
    if not word:
        return ()
    links = NUMBER_LINKS[language] if language in UNITS_FIRST_LANGUAGES else frozenset[str]()
    for length in range(len(word), 1, -1):
        head, rest = word[:length], word[length:]
        if head in table and (tail := _split_glued(rest, language, table)) is not None:
            return (table[head], *tail)
        if head in links and (tail := _split_glued(rest, language, table)):
            return tail
    return None


def _total(parts: Sequence[int], language: str) -> int | None:
    """The number that the spoken parts add up to; None when they are several numbers."""
    total, current, scale = 0, 0, 10**9
    for part in parts:
        if part >= 1000:
            if part >= scale:
                return None
            total, current, scale = total + max(1, current) * part, 0, part
        elif part == 100:
            if current >= 100:
                return None
            current = max(1, current) * 100
        else:
            joined = _join(current, part, language)
            if joined is None or (part == 0 and len(parts) > 1):
                return None
            current = joined
    return total + current


def _join(current: int, part: int, language: str) -> int | None:
    low = current % 100
    if part >= 100:
        return part if current == 0 else None
    if low == 0:
        return current + part
    if language == "fr" and low == 4 and part == 20:
        return current - 4 + 80
    if low >= 20 and low % 10 == 0 and (part < 10 or (language == "fr" and low in {60, 80} and part < 20)):
        return current + part
    if language in UNITS_FIRST_LANGUAGES and low < 10 and part >= 20 and part % 10 == 0:
        return current + part
    return None
