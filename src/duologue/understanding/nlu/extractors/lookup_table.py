"""Finds the entries of a lookup table in a text, however long the table is."""

from collections.abc import Iterable, Iterator

_KEY_LENGTH = 4


class LookupTable:
    """Matches as one regular expression of all entries would: leftmost first, then in the table's order."""

    def __init__(self, entries: Iterable[str], *, is_case_sensitive: bool, needs_boundaries: bool) -> None:
        self._is_case_sensitive = is_case_sensitive
        self._needs_boundaries = needs_boundaries
        self._by_beginning: dict[str, list[tuple[int, str]]] = {}
        for rank, entry in enumerate(dict.fromkeys(self._fold(entry) for entry in entries if entry)):
            self._by_beginning.setdefault(entry[:_KEY_LENGTH], []).append((rank, entry))
        self._lengths = sorted({len(beginning) for beginning in self._by_beginning})

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where entries stand in the text, none overlapping another."""
        folded = self._fold(text)
        place = 0
        while place < len(folded):
            end = self._match(folded, place)
            if end is not None:
                yield place, end
            place = end or place + 1

    def _match(self, text: str, place: int) -> int | None:
        if self._needs_boundaries and not _is_boundary(text, place):
            return None
        candidates = (
            pair
            for length in self._lengths
            for pair in self._by_beginning.get(text[place : place + length], ())
        )
        ends = (
            (rank, place + len(entry))
            for rank, entry in candidates
            if text.startswith(entry, place)
            and (not self._needs_boundaries or _is_boundary(text, place + len(entry)))
        )
        return min(ends, default=(0, None))[1]

    def _fold(self, text: str) -> str:
        if self._is_case_sensitive:
            return text
        folded = text.lower()
        # A letter that becomes two would move every place behind it.
        return folded if len(folded) == len(text) else "".join(_lower(sign) for sign in text)


def _lower(sign: str) -> str:
    lower = sign.lower()
    return lower if len(lower) == 1 else sign


def _is_boundary(text: str, place: int) -> bool:
    before = place > 0 and _is_word(text[place - 1])
    after = place < len(text) and _is_word(text[place])
    return before != after


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"
