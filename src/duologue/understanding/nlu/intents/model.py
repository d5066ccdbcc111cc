"""Ranks the intents of a text: counted pieces and nearness in meaning, and learned from in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from duologue.core.errors import DefinitionError
from duologue.core.understanding import Intent
from duologue.ports.sentence_encoder import EncodedText, SentenceEncoder
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.features.counted import CountedFeatures, CountedTables, learn_counted
from duologue.understanding.nlu.features.meanings import Meanings, choose_meanings
from duologue.understanding.nlu.features.recipe import FeatureRecipe
from duologue.understanding.nlu.features.views import ENCODED, LIGHT, OTHER, WORDS, average, gather_views
from duologue.understanding.nlu.intents.calibration import Calibration, calibrate
from duologue.understanding.nlu.intents.margins import MarginLesson, widen_margins
from duologue.understanding.nlu.intents.other_topics import OTHER_TOPICS
from duologue.understanding.nlu.intents.solution import solve
from duologue.understanding.nlu.intents.storage import StoredIntents, format_model, parse_model
from duologue.understanding.nlu.message import Token, TrainingExample

if TYPE_CHECKING:
    from duologue.understanding.nlu.features.arrays import Floats, Places

_STRENGTH = 0.1
_PIECE_COST = 0.4
"""How dear an intent is that counted pieces miss: meanings are asked first, pieces mend what is left."""
_TRUST, _LESS_TRUST = 2.0, 1.0
"""How much pieces leave to meanings; less where they know less than an encoder does."""
_EMPHASIS = 1.25
"""Meanings keep being right a little more often than on the examples that pieces mend."""
_MOST_WEIGHTS = 8_000_000
"""Of counted pieces, all labels together: rare pieces of very many intents are left out."""
_ENCODED_AT_ONCE = 512


class IntentModel:
    """A trained model; it does not change, so several threads may ask it."""

    def __init__(self, stored: StoredIntents, resources: NluResources) -> None:
        """Use `train` or `restore`."""
        self._stored = stored
        self._counted = CountedFeatures(stored.tables)
        self._language = resources.language
        self._encoder = resources.encoder

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can tell apart; empty if it learned nothing."""
        return self._stored.labels

    @classmethod
    def train(
        cls,
        examples: Sequence[TrainingExample],
        *,
        resources: NluResources,
        recipe: FeatureRecipe | None = None,
        labels: Sequence[str] | None = None,
        encoded: Sequence[EncodedText] | None = None,
        dense: Sequence[Floats] | None = None,
    ) -> IntentModel:
        """Learn from examples; `labels` stand in for their intents. Those with an empty label are left out."""
        recipe = recipe or FeatureRecipe()
        given = [example.intent for example in examples] if labels is None else list(labels)
        order = _spread_out(examples, given)
        chosen = [examples[number] for number in order]
        names = _choose_views(recipe, resources, has_dense=dense is not None)
        if ENCODED in names and encoded is None and resources.encoder is not None:
            encoded = _encode(examples, resources.encoder)
        views = gather_views(
            [example.text for example in chosen],
            names=names if chosen else (),
            language=resources.language,
            encoded=[encoded[number] for number in order] if encoded is not None else None,
            dense=[dense[number] for number in order] if dense is not None else None,
        )
        texts = [(example.text, example.tokens) for example in chosen]
        most = _MOST_WEIGHTS // max(1, len(set(filter(None, given))))
        tables = learn_counted(recipe, texts, resources, most=most)
        stored = _learn(chosen, [given[number] for number in order], views, tables, resources)
        return cls(stored, resources)

    def predict(
        self,
        text: str,
        tokens: Sequence[Token] = (),
        encoded: EncodedText | None = None,
        dense: Floats | None = None,
    ) -> list[Intent]:
        """Every label, the likeliest first; what is missing to 1 is the chance that it is none of them."""
        if not self.labels:
            return []
        stored = self._stored
        if ENCODED in stored.meanings.views and encoded is None and self._encoder is not None:
            encoded = self._encoder.encode((text,))[0]
        views = gather_views(
            (text,),
            names=tuple(stored.meanings.views),
            language=self._language,
            encoded=(encoded,) if encoded is not None else None,
            dense=(dense,) if dense is not None else None,
        )
        scores = _score(stored, [self._counted.lay_out(text, tokens)], views)[0]
        confidences = stored.calibration.read(scores)
        order: list[int] = (-confidences).argsort(kind="stable").tolist()
        told: list[float] = confidences.tolist()
        return [Intent(name=stored.labels[place], confidence=told[place]) for place in order]

    def dump(self) -> dict[str, bytes]:
        """The model as files; the same for the same training."""
        return format_model(self._stored)

    @classmethod
    def restore(cls, files: Mapping[str, bytes], resources: NluResources) -> IntentModel:
        """The model that was dumped.

        Raises:
            DefinitionError: it was trained with another sentence encoder.
        """
        stored = parse_model(files)
        found = resources.encoder.name if resources.encoder else None
        if stored.encoder is not None and stored.encoder != found:
            raise DefinitionError(
                f"The model was trained with the sentence encoder `{stored.encoder}`, and here is"
                f" {f'`{found}`' if found else 'none'}: install the same one, or train again."
            )
        return cls(stored, resources)


def _encode(examples: Sequence[TrainingExample], encoder: SentenceEncoder) -> list[EncodedText]:
    """The vectors of the sentences, and the middle of their words: those of all words would fill the memory."""
    texts = [example.text for example in examples]
    return [
        replace(one, tokens=average(one.tokens)[None], spans=one.spans[:0].copy())
        for start in range(0, len(texts), _ENCODED_AT_ONCE)
        for one in encoder.encode(texts[start : start + _ENCODED_AT_ONCE])
    ]


def _choose_views(recipe: FeatureRecipe, resources: NluResources, *, has_dense: bool) -> tuple[str, ...]:
    is_encoded = recipe.use_encoder and resources.encoder is not None
    wanted = (
        (LIGHT, recipe.use_vectors and not is_encoded),
        (ENCODED, is_encoded),
        (WORDS, is_encoded),
        (OTHER, has_dense),
    )
    return tuple(name for name, is_wanted in wanted if is_wanted)


def _spread_out(examples: Sequence[TrainingExample], labels: Sequence[str]) -> list[int]:
    """Numbers of the labelled examples, label by label, so that every n-th is a fair choice."""
    chosen = [number for number, label in enumerate(labels) if label and examples[number].text.strip()]
    return sorted(chosen, key=lambda number: (labels[number], number))


def _learn(
    examples: Sequence[TrainingExample],
    given: Sequence[str],
    views: Mapping[str, Floats],
    tables: CountedTables,
    resources: NluResources,
) -> StoredIntents:
    import numpy as np

    names = tuple(sorted(set(given)))
    if not names:
        return _empty(tables)
    numbers = {name: number for number, name in enumerate(names)}
    labels = np.array([numbers[name] for name in given])
    costs = _weigh_examples(labels)
    meanings = choose_meanings(views)
    meaning_weights, unseen = _compare_meanings(meanings, views, labels, costs)
    trust = _TRUST if ENCODED in views or OTHER in views else _LESS_TRUST
    features = CountedFeatures(tables)
    # Pieces that sentences of all kinds have in common must not speak for a label because it alone has them.
    others = _compare_other_topics(meanings, meaning_weights, resources, has_encoder=ENCODED in views)
    known = np.concatenate([unseen, others])
    margins = widen_margins(
        MarginLesson(
            rows=[
                *(features.lay_out(example.text, example.tokens) for example in examples),
                *(features.lay_out(text, ()) for text in OTHER_TOPICS),
            ],
            width=features.width,
            offsets=trust * known - 1,
            labels=np.concatenate([labels, np.full(len(others), -1)]),
            costs=np.concatenate([costs, np.ones(len(others))]) * _PIECE_COST,
        )
    )
    stored = StoredIntents(
        labels=names,
        tables=tables,
        weights=(margins.weights / 2).astype(np.float16),
        bias=margins.bias / 2,
        meanings=meanings,
        meaning_weights=meaning_weights * (emphasis := np.float32(_EMPHASIS * trust / 2)),
        calibration=Calibration(sharpness=1.0, level=0.0),
        encoder=resources.encoder.name if resources.encoder and ENCODED in views else None,
    )
    scores = known * emphasis + margins.unseen / 2
    count = len(labels)
    return replace(stored, calibration=calibrate(scores[:count], labels, scores[count:]))


def _weigh_examples(labels: Places) -> Floats:
    """An example of an intent with many counts less, though all of them together count more."""
    import numpy as np

    sizes = np.bincount(labels).astype(np.float32)
    return np.clip(np.sqrt(sizes.mean() / sizes), 0.5, 2.0)[labels]


def _compare_meanings(
    meanings: Meanings, views: Mapping[str, Floats], labels: Places, costs: Floats
) -> tuple[Floats, Floats]:
    """The weights of nearness, and the scores of the examples as if each had not been learned from."""
    import numpy as np

    count = int(labels.max()) + 1
    if not views:
        return np.zeros((0, count), dtype=np.float32), np.zeros((len(labels), count), dtype=np.float32)
    whitening = meanings.whiten()
    rows, near = meanings.compare(views), len(whitening)
    rows[:, :near] = rows[:, :near] @ whitening
    solution = solve(rows, labels, costs, strength=_STRENGTH)
    weights = solution.weights.astype(np.float32)
    weights[:near] = whitening @ weights[:near]
    return weights, solution.unseen


def _compare_other_topics(
    meanings: Meanings, weights: Floats, resources: NluResources, *, has_encoder: bool
) -> Floats:
    """What nearness says of sentences on other topics."""
    import numpy as np

    encoded = resources.encoder.encode(OTHER_TOPICS) if resources.encoder and has_encoder else None
    # Vectors of other featurizers are not to be had for them: words and the other views have to do.
    views = gather_views(
        OTHER_TOPICS, names=tuple(meanings.views), language=resources.language, encoded=encoded
    )
    if not views:
        return np.zeros((len(OTHER_TOPICS), weights.shape[1]), dtype=np.float32)
    return meanings.compare(views) @ weights


def _score(
    stored: StoredIntents, counted: Sequence[tuple[Places, Floats]], views: Mapping[str, Floats]
) -> Floats:
    """One row of scores for each text: about 1 for the right label, about 0 for the others."""
    import numpy as np

    scores = np.stack([values @ stored.weights[columns].astype(np.float32) for columns, values in counted])
    scores += stored.bias
    return scores + stored.meanings.compare(views) @ stored.meaning_weights if views else scores


def _empty(tables: CountedTables) -> StoredIntents:
    import numpy as np

    nothing = np.zeros((0, 0), dtype=np.float32)
    return StoredIntents(
        labels=(),
        tables=tables,
        weights=nothing,
        bias=nothing[0:0].ravel(),
        meanings=Meanings(views={}),
        meaning_weights=nothing,
        calibration=Calibration(sharpness=1.0, level=0.0),
        encoder=None,
    )
