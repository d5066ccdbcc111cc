"""Entities as labels of pieces: outside, begin, inside, end and single, for each kind of entity."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from duologue.core.understanding import Entity
from duologue.understanding.nlu.entities.arrays import Flags, Places
from duologue.understanding.nlu.entities.pieces import Piece, find_pieces

OUTSIDE = 0
_BEGIN, _INSIDE, _END, _SINGLE = range(4)
_PLACES = 4


class EntityKind(msgspec.Struct, frozen=True, array_like=True, order=True):
    """What is told of a span: name, role and group are found together."""

    entity: str
    role: str = ""
    group: str = ""

    @property
    def name(self) -> str:
        """All of it in one word: `city`, `city#departure`, `topping##1`."""
        return "#".join((self.entity, self.role, self.group)).rstrip("#")


class Span(NamedTuple):
    """Pieces `first` to `last` are one entity."""

    kind: int
    first: int
    last: int


class LabelSet:
    """The labels of some kinds of entities, as numbers."""

    def __init__(self, kinds: Sequence[EntityKind]) -> None:
        self.kinds = tuple(kinds)
        self._numbers = {kind: number for number, kind in enumerate(self.kinds)}
        self.allowed = _list_allowed(self.size)
        self.is_first = self.allowed[OUTSIDE]

    @property
    def size(self) -> int:
        return 1 + _PLACES * len(self.kinds)

    def encode(self, pieces: Sequence[Piece], entities: Iterable[Entity]) -> list[int]:
        """One label for each piece; of entities that overlap the longer one counts."""
        labels = [OUTSIDE] * len(pieces)
        for entity in sorted(entities, key=_by_length):
            places = find_pieces(pieces, entity.start or 0, entity.end or 0)
            kind = self._numbers.get(kind_of(entity))
            if kind is None or not places or any(labels[place] for place in places):
                continue
            for place in places:
                labels[place] = _label(kind, _INSIDE)
            labels[places[0]] = _label(kind, _BEGIN)
            labels[places[-1]] = _label(kind, _END if len(places) > 1 else _SINGLE)
        return labels

    def decode(self, labels: Sequence[int]) -> Iterator[Span]:
        """The entities that a lawful sequence of labels tells."""
        first = 0
        for place, label in enumerate(labels):
            if label == OUTSIDE:
                continue
            kind, part = divmod(label - 1, _PLACES)
            if part in (_BEGIN, _SINGLE):
                first = place
            if part in (_END, _SINGLE):
                yield Span(kind, first, place)

    def list_beginnings(self, names: Collection[str]) -> list[int]:
        """The labels of the first pieces of entities of the named kinds."""
        kinds = [number for number, kind in enumerate(self.kinds) if kind.name in names]
        return [_label(kind, part) for kind in kinds for part in (_BEGIN, _SINGLE)]

    def list_labels(self, kind: int) -> slice:
        """All labels of one kind."""
        return slice(_label(kind, _BEGIN), _label(kind + 1, _BEGIN))


def kind_of(entity: Entity) -> EntityKind:
    """What is told of this entity."""
    return EntityKind(entity.entity, entity.role or "", entity.group or "")


def _by_length(entity: Entity) -> tuple[int, int]:
    start, end = entity.start or 0, entity.end or 0
    return start - end, start


def _label(kind: int, part: int) -> int:
    return 1 + _PLACES * kind + part


def _list_allowed(size: int) -> Flags:
    """Which label may follow which: what began must go on or end with its own kind."""
    import numpy as np

    labels: Places = np.arange(size)
    part = np.where(labels == OUTSIDE, -1, (labels - 1) % _PLACES)
    kind = np.where(labels == OUTSIDE, -1, (labels - 1) // _PLACES)
    is_open = (part == _BEGIN) | (part == _INSIDE)
    goes_on = (part == _INSIDE) | (part == _END)
    is_same = np.equal.outer(kind, kind)
    return (is_open[:, None] & goes_on & is_same) | ~(is_open[:, None] | goes_on)
