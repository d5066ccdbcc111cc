"""Examples made ready for learning: what is marked in them and what can be seen of each piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from duologue.core.understanding import Entity
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.entities.labels import EntityKind, LabelSet, kind_of
from duologue.understanding.nlu.entities.options import EntityOptions
from duologue.understanding.nlu.entities.piece_features import PieceFeatures
from duologue.understanding.nlu.entities.piece_table import PieceTable
from duologue.understanding.nlu.entities.pieces import Piece, read_pieces
from duologue.understanding.nlu.entities.text_reader import ReadingKnowledge, TextReader
from duologue.understanding.nlu.message import TrainingExample, list_requested
from duologue.understanding.vectors.sentence_vectors import read_vectors

if TYPE_CHECKING:
    from duologue.ports.sentence_encoder import EncodedText

_MANY = 1000
"""From here on a feature must occur twice to be looked at."""


class Lessons(NamedTuple):
    """What is learned from."""

    kinds: tuple[EntityKind, ...]
    knowledge: ReadingKnowledge
    table: PieceTable


class _Lesson(NamedTuple):
    text: str
    pieces: list[Piece]
    entities: list[Entity]
    asked: Sequence[str]
    encoded: EncodedText | None


def prepare_lessons(
    examples: Sequence[TrainingExample],
    *,
    resources: NluResources,
    options: EntityOptions,
    encoded: Sequence[EncodedText] | None,
) -> Lessons | None:
    """None if no example marks an entity."""
    kinds = tuple(sorted({kind_of(entity) for example in examples for entity in _list_spans(example)}))
    if not kinds:
        return None
    lessons = _list_lessons(examples, resources, encoded)
    knowledge = ReadingKnowledge(
        encoder=resources.encoder.name if resources.encoder else None,
        encoder_width=resources.encoder.token_width if resources.encoder else 0,
        vector_width=read_vectors((resources.language[:2],)).width if options.use_vectors else 0,
        is_asked_known=any(lesson.asked for lesson in lessons),
    )
    reader = TextReader(knowledge, resources, options)
    features = [reader.list_features(lesson.text, lesson.pieces, lesson.asked) for lesson in lessons]
    names = _choose_names(features, least=2 if len(examples) >= _MANY else 1)
    knowledge = msgspec.structs.replace(knowledge, features=names)
    reader = TextReader(knowledge, resources, options)
    return Lessons(kinds, knowledge, _fill_table(reader, lessons, features, LabelSet(kinds)))


def _list_spans(example: TrainingExample) -> list[Entity]:
    """The marked entities that stand in the text."""
    return [
        entity
        for entity in example.entities
        if entity.start is not None
        and entity.end is not None
        and 0 <= entity.start < entity.end <= len(example.text)
    ]


def _list_lessons(
    examples: Sequence[TrainingExample], resources: NluResources, encoded: Sequence[EncodedText] | None
) -> list[_Lesson]:
    vectors: Sequence[EncodedText | None] = [None] * len(examples)
    if resources.encoder is not None:
        vectors = encoded if encoded is not None else resources.encoder.encode([one.text for one in examples])
    return [
        _Lesson(
            example.text,
            read_pieces(example.text, example.tokens),
            _list_spans(example),
            list_requested(example),
            vector,
        )
        for example, vector in zip(examples, vectors, strict=True)
    ]


def _choose_names(features: Iterable[Sequence[PieceFeatures]], least: int) -> tuple[str, ...]:
    pieces = [piece for text in features for piece in text]
    counts = Counter(
        name for piece in pieces for part in (piece.parts, piece.near, piece.forms) for name in part
    )
    return tuple(sorted(name for name, count in counts.items() if count >= least))


def _fill_table(
    reader: TextReader,
    lessons: Sequence[_Lesson],
    features: Sequence[Sequence[PieceFeatures]],
    labels: LabelSet,
) -> PieceTable:
    import numpy as np

    numbers = [reader.number(text, is_padded=False) for text in features]
    sizes = [
        start - before
        for text in numbers
        for before, start in zip(text.starts, text.starts[1:], strict=False)
    ]
    lengths = [len(lesson.pieces) for lesson in lessons]
    dense = None
    if reader.knowledge.dense_width:
        dense = np.zeros((sum(lengths), reader.knowledge.dense_width), dtype=np.float16)
        first = 0
        for lesson in lessons:
            last = first + len(lesson.pieces)
            if (
                lesson.pieces
                and (found := reader.look_up_dense(lesson.text, lesson.pieces, lesson.encoded)) is not None
            ):
                dense[first:last] = found
            first = last
    return PieceTable(
        rows=np.array([row for text in numbers for row in text.rows], dtype=np.int32),
        starts=np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(sizes, dtype=np.intp)]),
        words=np.array([count for text in numbers for count in text.words], dtype=np.intp),
        dense=dense,
        labels=np.array(
            [label for lesson in lessons for label in labels.encode(lesson.pieces, lesson.entities)],
            dtype=np.int32,
        ),
        offsets=np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(lengths, dtype=np.intp)]),
    )
