"""The words of a message: tokens with their place, folded spellings and light stems."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from duologue.understanding.lexicon.word_forms import ENGLISH_IRREGULAR, GERMAN_IRREGULAR


class Token(NamedTuple):
    """One word: its folded spelling and where it stands in the message."""

    word: str
    start: int
    end: int


_LOOKALIKES = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "\u00a0": " ",
        "\u202f": " ",
        "–": "-",
        "−": "-",
    }
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_WIDE_SCRIPT = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


# One message is read by many recognisers in a row: a few recent ones are worth remembering.
_RECENT = 64


@lru_cache(maxsize=_RECENT)
def normalise(text: str) -> str:
    """Lower case with plain quotes and dashes; every character keeps its place."""
    plain = text.translate(_LOOKALIKES)
    lowered = plain.lower()
    if len(lowered) == len(plain):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in plain)


@lru_cache(maxsize=16384)
def fold(word: str) -> str:
    """The word without case and accents: `Überweisung` and `uberweisung` are one word."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=_RECENT)
def fold_in_place(text: str) -> str:
    """The message in lower case without accents, every character in its place."""
    plain = normalise(text)
    if plain.isascii():
        return plain
    return "".join(char if char.isascii() else (fold(char) or " ")[0] for char in plain)


@lru_cache(maxsize=_RECENT)
def tokenise(text: str) -> tuple[Token, ...]:
    """The words of a message, folded, in order."""
    tokens: list[Token] = []
    for found in _WORD.finditer(normalise(text)):
        word, start, end = found.group(), found.start(), found.end()
        if _WIDE_SCRIPT.search(word):
            tokens.extend(_wide_tokens(word, start))
        else:
            tokens.append(Token(fold(word), start, end))
    return tuple(tokens)


def words_of(text: str) -> list[str]:
    """The folded words of a message without their places."""
    return [token.word for token in tokenise(text)]


def _wide_tokens(word: str, start: int) -> Iterator[Token]:
    # Scripts written without spaces: pairs of characters stand in for words.
    if len(word) == 1:
        yield Token(word, start, start + 1)
    for index in range(len(word) - 1):
        yield Token(word[index : index + 2], start + index, start + index + 2)


def words_in(table: Mapping[str, frozenset[str]], languages: Iterable[str]) -> frozenset[str]:
    """The words that a table lists for any of the languages."""
    found: set[str] = set()
    for language in languages:
        found |= table.get(language, frozenset())
    return frozenset(found)


def split_identifier(name: str) -> list[str]:
    """The words of a technical name: `recurrent_paymentDate` → recurrent, payment, date."""
    spaced = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])", " ", name)
    return [fold(part) for part in re.split(r"[\W_]+", spaced) if part]


_CONTRACTION = re.compile(r"'(?:s|re|ve|ll|d|m)$")


def stem(word: str, language: str = "en") -> str:
    """A light stem of a folded word: endings go, meaning stays."""
    if language == "en":
        return _stem_english(word)
    if language == "de":
        return _stem_german(word)
    return _stem_other(word)


def stems(words: Iterable[str], language: str = "en") -> set[str]:
    """The stems of several folded words."""
    return {stem(word, language) for word in words}


@lru_cache(maxsize=16384)
def _stem_english(word: str) -> str:
    word = _CONTRACTION.sub("", word)
    regular = ENGLISH_IRREGULAR.get(word)
    if regular == word:
        return word
    word = regular or word
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    word = _strip_english_ending(_strip_english_plural(word))
    word = word.replace("isat", "izat") if "isat" in word else word
    if word.endswith("is") and len(word) > 5:
        word = word[:-1] + "z"
    if word.endswith("y"):
        word = word[:-1] + "i"
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _strip_english_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_ENGLISH_ENDINGS = (
    ("ication", 4, "y"),
    ("ization", 3, "ize"),
    ("isation", 3, "ize"),
    ("ellation", 3, "el"),
    ("ement", 4, "e"),
    ("ment", 5, ""),
    ("ation", 4, ""),
    ("ing", 3, ""),
    ("ied", 2, "y"),
    ("ed", 3, ""),
    ("ly", 4, ""),
)


def _strip_english_ending(word: str) -> str:
    for ending, least, replacement in _ENGLISH_ENDINGS:
        root = word[: -len(ending)]
        if word.endswith(ending) and len(root) >= least and any(vowel in root for vowel in "aeiouy"):
            return _undouble(root + replacement) if not replacement else root + replacement
    return word


def _undouble(root: str) -> str:
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeiousz":
        return root[:-1]
    return root


_GERMAN_ENDINGS = ("ungen", "ung", "ern", "em", "en", "er", "es", "et", "st", "e", "n", "s", "t")


@lru_cache(maxsize=16384)
def _stem_german(word: str) -> str:
    if (irregular := _find_german_irregular(word)) is not None:
        return irregular
    if len(word) <= 3 or not word.isalpha():
        return word
    if word.startswith("ge") and word.endswith(("t", "en")) and len(word) >= 7:
        word = word[2:]
    for ending in _GERMAN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word


def _find_german_irregular(word: str) -> str | None:
    # Participles take adjective endings: `eine gestohlene Karte`.
    for ending in ("", "e", "er", "es", "en", "em"):
        root = word.removesuffix(ending)
        if root in GERMAN_IRREGULAR and (root != word or not ending):
            return GERMAN_IRREGULAR[root]
    return None


@lru_cache(maxsize=16384)
def _stem_other(word: str) -> str:
    word = word.rsplit("'", 1)[-1]
    for ending in (
        "mente",
        "ciones",
        "cion",
        "zioni",
        "zione",
        "tion",
        "es",
        "os",
        "as",
        "er",
        "ar",
        "ir",
        "en",
        "s",
        "e",
        "a",
        "o",
        "i",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def edit_distance(left: str, right: str, *, limit: int) -> int:
    """Letters to insert, drop, change or swap with a neighbour; `limit + 1` when it takes more than `limit`."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, char in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            cost = min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (char != other))
            if row > 1 and column > 1 and char == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]


def typo_limit(word: str) -> int:
    """How many wrong letters a word of this length is forgiven."""
    if len(word) <= 3 or word.isdigit():
        return 0
    return 1 if len(word) <= 6 else 2
