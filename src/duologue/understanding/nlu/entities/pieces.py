"""A text in the smallest pieces that an entity can begin or end with."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from duologue.understanding.nlu.message import Token

# Runs of digits, single characters of scripts without spaces, runs of letters, and every other sign by itself:
# finer than any tokenizer, so that `7pm`, `p.m.` and `$5` begin and end where people mark them.
_PIECE = re.compile(
    r"\d+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]+|[^\w\s]|_"
)


class Piece(NamedTuple):
    """`text[start:end]` as it is written."""

    text: str
    start: int
    end: int


def read_pieces(text: str, tokens: Iterable[Token] = ()) -> list[Piece]:
    """The pieces of a text in order; wherever a tokenizer cuts, a piece ends too."""
    pieces = [Piece(found.group(), found.start(), found.end()) for found in _PIECE.finditer(text)]
    cuts = {place for token in tokens for place in (token.start, token.end)}
    if cuts.issubset({place for piece in pieces for place in piece[1:]}):
        return pieces
    return [part for piece in pieces for part in _cut(piece, cuts)]


def find_pieces(pieces: Sequence[Piece], start: int, end: int) -> range:
    """The pieces that lie at least half inside a span."""
    inside = [
        place
        for place, piece in enumerate(pieces)
        if 2 * (min(piece.end, end) - max(piece.start, start)) >= piece.end - piece.start
    ]
    return range(inside[0], inside[-1] + 1) if inside else range(0)


def _cut(piece: Piece, cuts: set[int]) -> list[Piece]:
    places = [
        piece.start,
        *sorted(cut for cut in cuts if piece.start < cut < piece.end),
        piece.end,
    ]
    return [
        Piece(piece.text[start - piece.start : end - piece.start], start, end)
        for start, end in pairwise(places)
    ]
