"""What can be seen of each piece of a text: its word, parts of it, its neighbours and its form."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from duologue.understanding.nlu.entities.pieces import Piece

_LONG_NUMBER = 3
_LONGEST_AFFIX = 4
_BEFORE, _BEHIND = "<s>", "</s>"
ASKED = "a="
"""How the names of features begin that tell what was asked for."""


class PieceFeatures(NamedTuple):
    """Names of what is true of one piece."""

    text: str
    parts: tuple[str, ...]
    """Of the word alone, so the same wherever it stands."""
    near: tuple[str, ...]
    """Of the word and its neighbours; hidden with the parts at times while learning, so that values never seen are
    found by what stands around them."""
    forms: list[str]


def list_features(
    pieces: Sequence[Piece], known: Sequence[Sequence[str]], asked: Sequence[str] = ()
) -> list[PieceFeatures]:
    """The features of every piece; `known` are those that lookups and regexes add."""
    words = [_spell(piece.text) for piece in pieces]
    around = [_BEFORE, *words, _BEHIND]
    always = [f"{ASKED}{name}" for name in sorted(set(asked))]
    return [
        PieceFeatures(
            piece.text,
            _list_parts(piece.text),
            (f"l={around[place]}|{word}", f"r={word}|{around[place + 2]}"),
            [*_list_forms(pieces, place), *known[place], *always],
        )
        for place, (piece, word) in enumerate(zip(pieces, words, strict=True))
    ]


def _spell(text: str) -> str:
    """The word in lower case; of a long number only its length."""
    return "0" * len(text) if text.isdigit() and len(text) >= _LONG_NUMBER else text.lower()


@lru_cache(maxsize=8192)
def _list_parts(text: str) -> tuple[str, ...]:
    word = _spell(text)
    if text.isdigit():
        return (f"w={word}", f"n={text}") if len(text) >= _LONG_NUMBER else (f"w={word}",)
    framed = f"<{word}>"
    parts = [f"w={word}", *(f"c={framed[at : at + 3]}" for at in range(len(framed) - 2))]
    for size in range(2, min(_LONGEST_AFFIX, len(word) - 1) + 1):
        parts += (f"p={word[:size]}", f"s={word[-size:]}")
    return tuple(parts)


def _list_forms(pieces: Sequence[Piece], place: int) -> list[str]:
    piece = pieces[place]
    touches_left = place > 0 and pieces[place - 1].end == piece.start
    touches_right = place + 1 < len(pieces) and pieces[place + 1].start == piece.end
    forms = [f"h={_name_form(piece.text)}", f"g={touches_left:d}{touches_right:d}"]
    if place == 0:
        forms.append("first")
    if place == len(pieces) - 1:
        forms.append("last")
    return forms


def _name_form(text: str) -> str:
    if text.isdigit():
        return f"d{min(len(text), 5)}"
    if not text[0].isalpha():
        return text
    if text.islower() or text.lower() == text.upper():
        return "x"
    return "X" if text.isupper() else "Xx" if text[0].isupper() else "xX"
