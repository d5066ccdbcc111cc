"""Digits said one by one: `five five double two`."""

from collections.abc import Sequence

from duologue.understanding.answers.answer import Span
from duologue.understanding.lexicon.number_words import NUMBER_WORDS
from duologue.understanding.text_features import tokenise

_REPEATS = {"double": 2, "triple": 3, "doppel": 2, "dreifach": 3}
_OH = {"oh": "0", "o": "0"}


def find_spoken_digits(text: str, *, languages: Sequence[str], fewest: int = 3) -> list[tuple[str, Span]]:
    """Runs of at least `fewest` digits said as words, or typed one by one, with their places."""
    table = _OH | {
        word: str(value)
        for language in languages
        for word, value in NUMBER_WORDS.get(language, {}).items()
        if value < 10
    }
    found: list[tuple[str, Span]] = []
    digits, start, end, repeat = "", 0, 0, 1
    for token in tokenise(text):
        if token.word in _REPEATS:
            start = start if digits else token.start
            repeat = _REPEATS[token.word]
            continue
        digit = token.word if token.word.isdigit() and len(token.word) == 1 else table.get(token.word)
        if digit is not None:
            start = start if digits or repeat > 1 else token.start
            digits, end, repeat = digits + digit * repeat, token.end, 1
            continue
        if len(digits) >= fewest:
            found.append((digits, (start, end)))
        digits, repeat = "", 1
    if len(digits) >= fewest:
        found.append((digits, (start, end)))
    return found
