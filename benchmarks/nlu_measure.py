"""One pipeline on one set: what it gets right, what it costs to train, and how long it reads a sentence."""

import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from benchmarks.nlu_data import NluSet
from duologue.adapters.sentence_encoder.encoder import read_encoder
from duologue.core.understanding import Entity
from duologue.core.values import OpenData
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.entities.evaluation import evaluate_entities
from duologue.understanding.nlu.message import list_requested
from duologue.understanding.nlu.pipeline import load_pipeline, train_pipeline

BASELINE, LIGHT, ENCODER = "TF-IDF and a linear SVM", "light", "with the encoder"
_MOST_TIMED = 500


class Entry(msgspec.Struct, frozen=True):
    """One entry of a pipeline."""

    name: str
    options: OpenData = {}


_LIGHT_PIPELINE = (
    Entry("WhitespaceTokenizer"),
    Entry("RegexFeaturizer"),
    Entry("LexicalSyntacticFeaturizer"),
    Entry("CountVectorsFeaturizer"),
    Entry("CountVectorsFeaturizer", {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}),
    Entry("DIETClassifier"),
)
_PIPELINES = {
    LIGHT: _LIGHT_PIPELINE,
    ENCODER: (_LIGHT_PIPELINE[0], Entry("LanguageModelFeaturizer"), *_LIGHT_PIPELINE[1:]),
}


class Reading(NamedTuple):
    """What was read out of one sentence."""

    intent: str
    confidence: float
    entities: Sequence[Entity]


Read = Callable[[str, Sequence[str]], Reading]
"""Reads a sentence, given the slots that were asked for."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What came out."""

    name: str
    pipeline: str
    intents: int
    accuracy: float | None
    """None if the set has no intents; so are the next, where it says nothing of them."""
    macro_f1: float | None
    entity_f1: float | None
    accuracy_at_threshold: float | None
    """A sentence whose best confidence is below the threshold counts as wrong."""
    out_of_scope_recall: float | None
    train_seconds: float
    peak_megabytes: float
    parse_median: float
    """Milliseconds."""
    parse_p99: float


def measure(chosen: NluSet, pipeline: str, *, threshold: float, threads: int) -> Measured:
    """Train one pipeline on a set and ask it; runs in a process of its own, so that memory is its own."""
    began = time.perf_counter()
    read = _train_baseline(chosen) if pipeline == BASELINE else _train(chosen, pipeline, threads)
    seconds = time.perf_counter() - began
    readings = [read(example.text, list_requested(example)) for example in chosen.test]
    times = sorted(_time(read, example.text) for example in chosen.test[:_MOST_TIMED])
    right = [one.intent == example.intent for one, example in zip(readings, chosen.test, strict=True)]
    sure = [one.confidence >= threshold for one in readings]
    others = [read(text, ()).confidence < threshold for text in chosen.out_of_scope]
    has_entities = pipeline != BASELINE and any(example.entities for example in chosen.test)
    gold, found = [one.entities for one in chosen.test], [one.entities for one in readings]
    asked = [example.intent for example in chosen.test]
    intents = {example.intent for example in chosen.train if example.intent}
    has_intents = bool(intents)
    return Measured(
        name=chosen.name,
        pipeline=pipeline,
        intents=len(intents),
        accuracy=sum(right) / len(right) if has_intents else None,
        macro_f1=_average_f1(asked, [one.intent for one in readings]) if has_intents else None,
        entity_f1=evaluate_entities(gold, found).f1 if has_entities else None,
        accuracy_at_threshold=sum(map(all, zip(right, sure, strict=True))) / len(right)
        if has_intents
        else None,
        out_of_scope_recall=sum(others) / len(others) if others else None,
        train_seconds=seconds,
        peak_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE,
        parse_median=times[len(times) // 2],
        parse_p99=times[int(len(times) * 0.99)],
    )


_MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10


def _train(chosen: NluSet, pipeline: str, threads: int) -> Read:
    encoder = read_encoder(threads) if pipeline == ENCODER else None
    assert encoder is not None or pipeline != ENCODER, "onnxruntime is not installed"
    entries, resources = _PIPELINES[pipeline], NluResources(encoder=encoder, threads=threads)
    files = train_pipeline(entries, chosen.train, resources).dump()
    trained = load_pipeline(entries, files, resources)

    def read(text: str, asked: Sequence[str]) -> Reading:
        parsed = trained.parse(text, asked=asked)
        best = parsed.intents[0] if parsed.intents else None
        return Reading(best.name if best else "", best.confidence if best else 0.0, parsed.entities)

    return read


def _train_baseline(chosen: NluSet) -> Read:
    """Words, pairs of words and pieces of words, weighed by rarity; a plain classifier on top."""
    from sklearn.feature_extraction.text import (  # pyright: ignore[reportMissingTypeStubs]
        TfidfVectorizer,
    )
    from sklearn.pipeline import make_pipeline, make_union  # pyright: ignore[reportMissingTypeStubs]
    from sklearn.svm import LinearSVC  # pyright: ignore[reportMissingTypeStubs]

    pieces: Any = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )
    model: Any = make_pipeline(pieces, LinearSVC())
    intents = [example.intent for example in chosen.train]
    if len(set(intents)) > 1:
        model.fit([example.text for example in chosen.train], intents)

        def read(text: str, _: Sequence[str]) -> Reading:
            return Reading(str(model.predict([text])[0]), 1.0, ())

        return read
    return lambda _text, _asked: Reading("", 1.0, ())


def _time(read: Read, text: str) -> float:
    began = time.perf_counter()
    read(text, ())
    return (time.perf_counter() - began) * 1000


def _average_f1(gold: Sequence[str], found: Sequence[str]) -> float:
    """Of all intents, the rare ones counting as much as the others."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for truth, guess in zip(gold, found, strict=True):
        counts[truth][0] += truth == guess
        counts[truth][1] += 1
        counts[guess][2] += 1
    scores = [2 * hits / (marked + named) for hits, marked, named in counts.values() if marked]
    return sum(scores) / len(scores)
