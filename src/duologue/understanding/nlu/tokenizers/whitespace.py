"""Words between blanks, punctuation around them left out; what Rasa's `WhitespaceTokenizer` gives."""

import re
import unicodedata

from duologue.understanding.nlu.message import Token

_LEFT_OUT = re.compile(
    # Signs that end a word.
    r"[^\w#@&]+(?=\s|$)|"
    # Signs that begin one, unless a number follows: "-5" keeps its sign.
    r"(?:\s|^)[^\w#@&]+(?=[^0-9\s])|"
    # Signs inside a word that neither a number, nor an address, nor a URL would hold.
    r"(?<=[^0-9\s])[^\w._~:/?#\[\]()@!$&*+,;=-]+(?=[^0-9\s])"
)
_WORD = re.compile(r"\S+")
_EMOJI = re.compile(
    "[\U0001f600-\U0001f64f\U0001f300-\U0001f5ff\U0001f680-\U0001f6ff\U0001f1e0-\U0001f1ff✂-➰Ⓜ-\U0001f251‍‌]+"
)


def split_at_blanks(text: str) -> list[Token]:
    """The words of a text; a text of signs only is one token."""
    bare = _LEFT_OUT.sub(lambda found: " " * len(found[0]), _cover_marks(text))
    tokens = [
        Token(text=text[found.start() : found.end()], start=found.start(), end=found.end())
        for found in _WORD.finditer(bare)
        if not _is_emoji(text[found.start() : found.end()])
    ]
    return tokens or ([Token(text=text, start=0, end=len(text))] if text.strip() else [])


def _is_emoji(word: str) -> bool:
    # The range of the pattern holds Chinese and Korean letters too, which are words.
    return _EMOJI.fullmatch(word) is not None and not any(sign.isalnum() for sign in word)


def _cover_marks(text: str) -> str:
    """Vowel signs and accents that stand alone count as letters, which `re` does not know."""
    if text.isascii():
        return text
    return "".join("x" if sign > "\x7f" and unicodedata.category(sign)[0] == "M" else sign for sign in text)
