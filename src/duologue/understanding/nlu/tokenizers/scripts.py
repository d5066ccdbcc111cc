"""Words of scripts that are written without blanks: Chinese, Japanese, Thai, Lao, Khmer, Burmese."""

import unicodedata
from itertools import pairwise

from duologue.understanding.nlu.message import Token
from duologue.understanding.nlu.tokenizers.whitespace import split_at_blanks

LANGUAGES_WITHOUT_BLANKS = frozenset(("ja", "km", "lo", "my", "th", "zh"))
_SINGLE = ("han", "cluster")
"""Kinds of signs that are each a token."""
_CLUSTERED = ("THAI", "LAO", "KHMER", "MYANMAR")


def split_by_script(text: str) -> list[Token]:
    """Each Chinese character is a token, as is each run of kana and each syllable of Thai; others as usual."""
    return [
        Token(text=text[start:end], start=start, end=end)
        for token in split_at_blanks(text)
        for start, end in _split_word(token, text)
    ]


def _split_word(token: Token, text: str) -> list[tuple[int, int]]:
    edges = [token.start]
    last = ""
    for place in range(token.start, token.end):
        kind = _find_kind(text[place])
        # A mark belongs to the sign before it.
        if kind == "mark":
            continue
        if last and (kind in _SINGLE or kind != last):
            edges.append(place)
        last = kind
    pairs = pairwise([*edges, token.end])
    return [pair for pair in pairs if any(sign.isalnum() for sign in text[slice(*pair)])] or [
        (token.start, token.end)
    ]


def _find_kind(sign: str) -> str:
    if sign < "\u0e00":
        return "word"
    name = unicodedata.name(sign, "")
    if unicodedata.category(sign)[0] == "M" or "SOUND MARK" in name:
        return "mark"
    if name.startswith("CJK"):
        return "han"
    if name.startswith(("HIRAGANA", "KATAKANA")):
        return name.partition(" ")[0]
    return "cluster" if name.startswith(_CLUSTERED) else "word"
