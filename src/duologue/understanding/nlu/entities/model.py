"""Finds entities in texts, having learned from marked examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from duologue.core.understanding import Entity
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.entities.arrays import Floats
from duologue.understanding.nlu.entities.chain import find_best, list_steps, weigh, weigh_steps
from duologue.understanding.nlu.entities.commas import mend_commas
from duologue.understanding.nlu.entities.labels import OUTSIDE, EntityKind, LabelSet, Span
from duologue.understanding.nlu.entities.learning import learn, plan_learning
from duologue.understanding.nlu.entities.lessons import prepare_lessons
from duologue.understanding.nlu.entities.network import Network
from duologue.understanding.nlu.entities.options import EntityOptions, settle_commas
from duologue.understanding.nlu.entities.pieces import Piece, read_pieces
from duologue.understanding.nlu.entities.storage import StoredModel, format_model, parse_model
from duologue.understanding.nlu.entities.text_reader import ReadingKnowledge, TextReader
from duologue.understanding.nlu.message import Token, TrainingExample

if TYPE_CHECKING:
    from duologue.ports.sentence_encoder import EncodedText

_CERTAIN = 0.999
_EXPECTED = 2.0
"""How much likelier, as a logarithm, an entity is that the assistant asked for, where no example tells of questions."""


class EntityModel:
    """A trained labeller; not changed after training, safe to use from several threads."""

    def __init__(self, stored: StoredModel, resources: NluResources) -> None:
        self._stored = stored
        self._labels = LabelSet(stored.kinds)
        self._reader = TextReader(stored.knowledge, resources, stored.options)
        self._network = stored.network
        if self._network is not None:
            self._steps = list_steps(self._network.transitions, self._labels)
            self._step_weights = weigh_steps(self._network.transitions, self._labels)

    @classmethod
    def train(
        cls,
        examples: Sequence[TrainingExample],
        *,
        resources: NluResources,
        options: EntityOptions | None = None,
        encoded: Sequence[EncodedText] | None = None,
    ) -> Self:
        """Learn from the entities that examples mark; `encoded` are the examples' vectors, if they are at hand.

        Raises:
            DefinitionError: a library that learning needs is missing.
        """
        options = settle_commas(options or EntityOptions(), examples)
        lessons = prepare_lessons(examples, resources=resources, options=options, encoded=encoded)
        if lessons is None:
            return cls(
                StoredModel(kinds=(), knowledge=ReadingKnowledge(), options=options, network=None), resources
            )
        features = len(lessons.knowledge.features)
        plan = plan_learning(len(lessons.table.lengths), options.seed)
        network = learn(lessons.table, features, LabelSet(lessons.kinds), plan)
        stored = StoredModel(
            kinds=lessons.kinds, knowledge=lessons.knowledge, options=options, network=network.rounded()
        )
        return cls(stored, resources)

    @property
    def labels(self) -> tuple[EntityKind, ...]:
        """The kinds of entities it can find; empty if no example marks any."""
        return self._labels.kinds

    def predict(
        self,
        text: str,
        tokens: Sequence[Token] = (),
        encoded: EncodedText | None = None,
        *,
        asked: Sequence[str] = (),
    ) -> list[Entity]:
        """The entities of a text in order; `asked` are the slots and kinds of entities that were just asked for.

        What examples told of a question counts as they showed it; of any other, a little more is expected of what
        was asked for, which tips the scales only where the text leaves the choice open.
        """
        pieces = read_pieces(text, tokens)
        if self._network is None or not pieces:
            return []
        scores = self._score(self._network, text, pieces, encoded, asked)
        weights = weigh(scores, self._step_weights, self._labels)
        if (weights[:, OUTSIDE] > _CERTAIN).all():
            return []
        best = find_best(scores, self._steps, weights, self._labels)
        spans = mend_commas(list(self._labels.decode(best)), pieces, self._labels.kinds, self._stored.options)
        return [self._make_entity(text, pieces, span, weights) for span in spans]

    def dump(self) -> dict[str, bytes]:
        """What it has learned, as files by name; the same for the same training."""
        return format_model(self._stored)

    @classmethod
    def restore(cls, files: Mapping[str, bytes], resources: NluResources) -> Self:
        """The model that was dumped.

        Raises:
            DefinitionError: it was learned with an encoder that is not there.
        """
        return cls(parse_model(files, resources), resources)

    def _score(
        self,
        network: Network,
        text: str,
        pieces: Sequence[Piece],
        encoded: EncodedText | None,
        asked: Sequence[str],
    ) -> Floats:
        import numpy as np

        features = self._reader.list_features(text, pieces, asked)
        numbers = self._reader.number(features, is_padded=True)
        dense = self._reader.look_up_dense(text, pieces, encoded)
        scores = network.score(
            np.array(numbers.rows, dtype=np.int32), np.array(numbers.starts, dtype=np.intp), dense
        )
        expected = self._reader.list_untold(asked)
        if expected:
            scores[:, self._labels.list_beginnings(expected)] += np.float32(_EXPECTED)
        return scores

    def _make_entity(self, text: str, pieces: Sequence[Piece], span: Span, weights: Floats) -> Entity:
        kind = self._labels.kinds[span.kind]
        start, end = pieces[span.first].start, pieces[span.last].end
        own = weights[span.first : span.last + 1, self._labels.list_labels(span.kind)]
        # As sure as its least sure piece.
        sure = float(own.sum(axis=1).min())
        return Entity(
            entity=kind.entity,
            value=text[start:end],
            start=start,
            end=end,
            role=kind.role or None,
            group=kind.group or None,
            confidence=min(sure, 1.0),
            extractor=self._stored.options.extractor,
        )
