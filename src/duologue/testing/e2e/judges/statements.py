"""Texts as what they claim: content words, numbers and names, and whether they say it or deny it."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from duologue.understanding.lexicon.function_words import STOP_WORDS
from duologue.understanding.lexicon.number_words import NUMBER_WORDS
from duologue.understanding.text_features import fold, stem, tokenise, words_in

NEGATIONS: dict[str, frozenset[str]] = {
    "en": frozenset(
        [
            "not",
            "no",
            "never",
            "without",
            "cannot",
            "neither",
            "nor",
            "none",
            "nothing",
            "cant",
            "dont",
            "wont",
            "isnt",
            "arent",
        ]
    ),
    "de": frozenset(
        ["nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals", "ohne", "nichts"]
    ),
    "fr": frozenset(["pas", "jamais", "sans", "aucun", "aucune", "rien"]),
    "es": frozenset(["no", "nunca", "sin", "ningun", "ninguna", "nada"]),
    "it": frozenset(["non", "mai", "senza", "nessun", "nessuna", "niente"]),
    "nl": frozenset(["niet", "geen", "nooit", "zonder", "niets"]),
    "pt": frozenset(["nao", "nunca", "sem", "nenhum", "nenhuma", "nada"]),
}
_COURTESIES = re.compile(
    r"let me know|happy to help|glad to help|anything else|feel free|hope (this|that) helps|welcome|good question"
    r"|great question|thank you|thanks for|please ask|have a (nice|great|good)|gerne|noch fragen|lassen sie"
    r"|n'hesitez|avec plaisir|no dudes en|con gusto",
)
_LONGEST_COURTESY = 12
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+|\n+|(?<=;)\s+|\s+[•▪*–-]\s+")
_NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f]\d+)*")
_NAME = re.compile(r"(?<=[\w,;:)] )[A-ZÀ-ÖØ-Þ][\w'’-]+")
_LEAST_STEM = 5
_MOST_NAMES = 0.6
"""A sentence in which more of the words are capitalised than this is a headline; its capitals name nobody."""
_CAPITAL_NOUNS = frozenset({"de", "lb"})
"""Languages in which a capital tells no name from a plain noun."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence."""

    text: str
    words: frozenset[str]
    """Stems of the content words, numbers left out."""
    numbers: frozenset[str]
    names: frozenset[str]
    """Stems of words that are capitalised within the sentence."""
    is_negated: bool
    is_claim: bool
    """It says something that can be true: no question and no courtesy."""
    spellings: Mapping[str, str] = {}
    """The words that the stems stand for, to be shown."""

    def spell(self, stems: Iterable[str]) -> str:
        """Stems as the text spells them, in a row."""
        return ", ".join(sorted(self.spellings.get(one, one) for one in stems))


class StatementReader:
    """Reads texts in the languages of the assistant."""

    def __init__(self, languages: Sequence[str]) -> None:
        codes = tuple(dict.fromkeys(language.split("-")[0].casefold() for language in (*languages, "en")))
        self._language = codes[0]
        self._fillers = words_in(STOP_WORDS, codes)
        self._negations = words_in(NEGATIONS, codes)
        self._number_words = {
            word: str(value)
            for code in codes
            for word, value in NUMBER_WORDS.get(code, {}).items()
            if value != 1  # `one` and its like are pronouns and articles as well
        }

    def read(self, text: str) -> tuple[Statement, ...]:
        """The sentences of a text."""
        return tuple(self.read_sentence(part) for part in _SENTENCE_END.split(text.strip()) if part.strip())

    def read_sentence(self, text: str) -> Statement:
        """A text as one statement."""
        spoken = [token.word for token in tokenise(text)]
        words = {
            stem(word, self._language): word
            for word in spoken
            if word not in self._fillers
            and word not in self._negations
            and word not in self._number_words
            and not any(character.isdigit() for character in word)
        }
        denials = sum(word in self._negations or word.endswith("n't") for word in spoken)
        is_courtesy = len(spoken) <= _LONGEST_COURTESY and _COURTESIES.search(fold(text)) is not None
        numbers = read_numbers(text) | {
            self._number_words[word] for word in spoken if word in self._number_words
        }
        return Statement(
            text=text.strip(),
            words=frozenset(words),
            numbers=numbers,
            names=self._read_names(text, len(spoken)) & words.keys(),
            is_negated=denials % 2 == 1,
            is_claim=bool(words or numbers) and not is_courtesy and not text.strip().endswith(("?", "？")),
            spellings=words,
        )

    def _read_names(self, text: str, length: int) -> frozenset[str]:
        names = _NAME.findall(text)
        if self._language in _CAPITAL_NOUNS or len(names) > _MOST_NAMES * length:
            return frozenset()
        return frozenset(stem(token.word, self._language) for name in names for token in tokenise(name))


def read_numbers(text: str) -> frozenset[str]:
    """The numbers of a text, each in one spelling: `1,000`, `1.000` and `1000.00` are the same."""
    return frozenset(_even_number(found.group()) for found in _NUMBER.finditer(text))


def _even_number(number: str) -> str:
    whole, *parts = re.split(r"[.,'\u00a0\u202f]", number)
    fraction = parts.pop() if parts and (len(parts[-1]) != 3 or len(whole) > 3) else ""
    digits = "".join((whole, *parts)).lstrip("0") or "0"
    fraction = fraction.rstrip("0")
    return f"{digits}.{fraction}" if fraction else digits


def find_missing(wanted: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    """The stems that have no counterpart among the known ones; long words may differ in their endings."""
    return tuple(
        sorted(word for word in wanted if word not in known and not any(_is_akin(word, one) for one in known))
    )


def _is_akin(word: str, other: str) -> bool:
    shortest = min(len(word), len(other))
    if shortest < _LEAST_STEM:
        return False
    shared = next((place for place in range(shortest) if word[place] != other[place]), shortest)
    return shared >= _LEAST_STEM and shared >= 0.7 * max(len(word), len(other))
