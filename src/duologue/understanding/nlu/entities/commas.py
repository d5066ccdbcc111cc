"""Entities and the commas inside or between them, where an author says how to take them."""

from collections.abc import Iterator, Sequence

from duologue.understanding.nlu.entities.labels import EntityKind, Span
from duologue.understanding.nlu.entities.options import EntityOptions, is_split
from duologue.understanding.nlu.entities.pieces import Piece

_COMMAS = frozenset(",，、،")


def mend_commas(
    spans: Sequence[Span], pieces: Sequence[Piece], kinds: Sequence[EntityKind], options: EntityOptions
) -> list[Span]:
    """Cut or join spans at commas as the options say; as learned where they say nothing."""
    mended: list[Span] = []
    for span in spans:
        choice = is_split(options, kinds[span.kind].entity)
        if choice:
            mended += _cut(span, pieces)
        elif choice is False and mended and _is_continued(mended[-1], span, pieces):
            mended[-1] = Span(span.kind, mended[-1].first, span.last)
        else:
            mended.append(span)
    return mended


def _cut(span: Span, pieces: Sequence[Piece]) -> Iterator[Span]:
    first = span.first
    for place in range(span.first, span.last + 1):
        if _is_separator(pieces, place):
            if place > first:
                yield Span(span.kind, first, place - 1)
            first = place + 1
    if first <= span.last:
        yield Span(span.kind, first, span.last)


def _is_separator(pieces: Sequence[Piece], place: int) -> bool:
    """A comma between words; the one inside `1,000` is none."""
    if pieces[place].text not in _COMMAS:
        return False
    around = pieces[max(place - 1, 0)], pieces[min(place + 1, len(pieces) - 1)]
    is_tight = around[0].end == pieces[place].start and pieces[place].end == around[1].start
    return not (is_tight and all(piece.text.isdigit() for piece in around))


def _is_continued(before: Span, span: Span, pieces: Sequence[Piece]) -> bool:
    between = pieces[before.last + 1 : span.first]
    return before.kind == span.kind and len(between) == 1 and between[0].text in _COMMAS
