"""Which flow a message asks for, by its words and by what it means."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from duologue.core.errors import LanguageModelError
from duologue.ports.embedder import Embedder
from duologue.understanding.flow_alignment import Alignment, FlowAlignment
from duologue.understanding.flow_index import FlowIndex, FlowText, FlowTranslation, build_index
from duologue.understanding.flow_meaning import FlowMeaning, Likeness, as_matrix, list_places, list_texts
from duologue.understanding.flow_scoring import list_evidence, read_scorer
from duologue.understanding.vectors.sentence_vectors import SentenceVectors, read_vectors
from duologue.understanding.word_evidence import FlowFeatures, MessageWords, WordEvidence, probability

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = ["FlowMatch", "FlowMatcher", "FlowText", "FlowTranslation"]


class FlowMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A flow and how surely the message asks for it."""

    flow_id: str
    score: float
    """From 0.6 on sure, from 0.35 on unsure, below that no."""
    margin: float
    """How far ahead of the best other flow; negative when behind it."""
    words: tuple[str, ...]
    """The said words that speak for the flow."""
    unknown: tuple[str, ...] = ()
    """The said words that speak for no flow at all; many of them make a question of general knowledge likely."""
    example: str | None = None
    """The nearest of its examples, when one is near."""
    meaning: float = 0.0
    """How near in meaning the message is to the nearest text of the flow, from 0 to 1, whatever its words."""


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    score: float
    features: FlowFeatures
    said: MessageWords
    meaning: float = 0.0


class _LightMeaning(NamedTuple):
    vectors: SentenceVectors
    meaning: FlowMeaning
    alignment: FlowAlignment


_NEAR_IN_MEANING, _NEAR_BY_WORDS = 6, 4
_PREPARED = 32
"""Messages whose vectors are remembered until they are ranked: a turn ranks its message several times."""


class FlowMatcher:
    """Ranks flows by how surely a message asks for them. Build once, ask often."""

    def __init__(
        self,
        index: FlowIndex,
        entries: Sequence[FlowText] = (),
        read: Callable[[], SentenceVectors | None] | None = None,
    ) -> None:
        """`read` gives the light vectors when they are first needed; without it only words count."""
        self._index = index
        self._entries = tuple(entries)
        self._words = WordEvidence(index)
        self._read = read
        self._embedder: Embedder | None = None
        self._deep_meaning: FlowMeaning | None = None
        self._prepared: OrderedDict[str, dict[str, Matrix]] = OrderedDict()

    @classmethod
    def build(
        cls, entries: Sequence[FlowText], *, languages: Sequence[str] = ("en",), words_only: bool = False
    ) -> FlowMatcher:
        """Index these flows; the first language is the one their own name and description are written in."""
        spoken = tuple(languages)
        read = None if words_only else partial(read_vectors, spoken)
        return cls(build_index(entries, spoken), entries, read)

    @cached_property
    def _light(self) -> _LightMeaning | None:
        """What the light vectors know of the flows. Made when first asked for, so that no start waits for it; two
        threads that ask at once make the same."""
        vectors = self._read() if self._read is not None and self._entries else None
        if vectors is None:
            return None
        languages = self._index.languages
        return _LightMeaning(
            vectors=vectors,
            meaning=FlowMeaning.build(self._entries, languages, vectors.embed),
            alignment=FlowAlignment(self._entries, languages, vectors),
        )

    async def learn(self, embedder: Embedder) -> None:
        """From now on compare meanings with this embedder's vectors, for messages that were prepared.

        Raises:
            LanguageModelError: the embedder failed; the matcher stays as it was.
        """
        places = list(list_places(self._entries, self._index.languages))
        texts = list_texts(places)
        vectors = as_matrix(await embedder.embed(texts, "passage"))
        self._deep_meaning = FlowMeaning.from_vectors(places, vectors, len(self._entries))
        self._embedder = embedder

    async def prepare(self, text: str) -> None:
        """Embed a message before it is ranked; does nothing without an embedder, and never fails."""
        if self._embedder is None or text in self._prepared:
            return
        parts = [part for part, _ in _parts_of(text)[:_DEEP_PARTS]]
        try:
            vectors = as_matrix(await self._embedder.embed(parts, "query"))
        except LanguageModelError:
            return  # The light vectors answer instead.
        self._prepared[text] = dict(zip(parts, vectors, strict=True))
        while len(self._prepared) > _PREPARED:
            self._prepared.popitem(last=False)

    def rank(self, text: str, *, limit: int = 5) -> list[FlowMatch]:
        """The flows the message may ask for, best first."""
        best: dict[int, _Found] = {}
        prepared = self._prepared.get(text, {})
        for part, discount in _parts_of(text):
            for number, found in self._weigh(part, prepared.get(part), discount).items():
                if number not in best or found.score > best[number].score:
                    best[number] = found
        self._share_bare_topic(best)
        ranked = sorted(best.items(), key=lambda item: (-item[1].score, item[0]))[: max(limit, 2)]
        scores = [found.score for _, found in ranked]
        return [
            self._match(
                number,
                found,
                found.score - (scores[1] if place == 0 and len(scores) > 1 else scores[0] if place else 0.0),
            )
            for place, (number, found) in enumerate(ranked[:limit])
        ]

    def list_evidence(self, text: str) -> dict[str, list[float]]:
        """For every likely flow the evidence that the scorer is trained on, in the order of its `FEATURES`."""
        seen = self._look(text, self._prepared.get(text, {}).get(text))
        if seen is None:
            return {}
        said = self._words.read(text)
        aligned = self._align(said)
        found = self._words.weigh(said, _likely(seen, aligned))
        rows = list_evidence(
            text, said=said, found=found, likeness=seen, alignment=aligned, languages=self._index.languages
        )
        return {self._index.flows[number].flow_id: row for number, row in zip(found, rows, strict=True)}

    def _weigh(self, part: str, prepared: Matrix | None, discount: float) -> dict[int, _Found]:
        said = self._words.read(part)
        seen = self._look(part, prepared)
        if seen is None:
            return {
                number: _Found(score=probability(features) * discount, features=features, said=said)
                for number, features in self._words.weigh(said).items()
            }
        aligned = self._align(said)
        found = self._words.weigh(said, _likely(seen, aligned))
        if not found:
            return {}
        scorer = read_scorer("light" if prepared is None else "deep")
        scores = scorer.score(
            list_evidence(
                part,
                said=said,
                found=found,
                likeness=seen,
                alignment=aligned,
                languages=self._index.languages,
            )
        )
        return {
            number: _Found(
                score=score * discount, features=features, said=said, meaning=float(seen.best[number])
            )
            for (number, features), score in zip(found.items(), scores, strict=True)
        }

    def _align(self, said: MessageWords) -> Alignment | None:
        return self._light.alignment.compare(said.words) if self._light else None

    def _share_bare_topic(self, best: dict[int, _Found]) -> None:
        """A message of one word that several flows are named with, as `card`, asks for each of them alike."""
        said = next((found.said.terms for found in best.values()), ())
        topics = [term for term in said if term.word]
        if len(topics) != 1:
            return
        terms = {near for near, nearness in topics[0].near if nearness == 1.0}
        named = [
            number
            for number in best
            if any(not terms.isdisjoint(name) for name in self._index.flows[number].names)
        ]
        whole = any(name <= terms for number in named for name in self._index.flows[number].names)
        if len(named) < 2 or whole:
            return
        score = min(_SHARED_SCORE, max(best[number].score for number in named))
        for number in named:
            best[number] = msgspec.structs.replace(best[number], score=score)

    def _look(self, part: str, prepared: Matrix | None) -> Likeness | None:
        """How alike the part and every flow are in meaning; None where only words can tell."""
        if prepared is not None and self._deep_meaning is not None:
            return self._deep_meaning.compare(prepared)
        if self._light is None:
            return None
        seen = self._light.meaning.compare(self._light.vectors.embed_one(part))
        return seen if seen.known else None

    def _match(self, number: int, found: _Found, margin: float) -> FlowMatch:
        flow, features, terms = self._index.flows[number], found.features, found.said.terms
        return FlowMatch(
            flow_id=flow.flow_id,
            score=round(found.score, 3),
            margin=round(margin, 3),
            words=tuple(
                term.word for term in terms if term.word and any(near in flow.terms for near, _ in term.near)
            ),
            unknown=tuple(term.word for term in terms if not term.near),
            example=features.nearest.text if features.nearest and features.like_example >= 0.4 else None,
            meaning=round(min(1.0, max(0.0, found.meaning)), 3),
        )


def _likely(seen: Likeness, aligned: Alignment | None) -> list[int]:
    """The flows that are near in meaning, as a whole or word by word."""
    near = seen.nearest(_NEAR_IN_MEANING)
    if aligned is not None:
        near.extend(number for number in aligned.nearest(_NEAR_BY_WORDS) if number not in near)
    return near


_CLAUSE_END = re.compile(
    r"(?<![.!?;:])[.!?;:]++\s+|[—–]|(?<!\s)\s++(?:-|and|but|so|because|und|aber|weil)\s+|,\s+"
)
_SHARED_SCORE = 0.55
_DEEP_PARTS = 1
"""A transformer takes its time over each part: it reads the whole message, and the light vectors read its clauses."""
_FEWEST_WORDS, _CLAUSE_DISCOUNT = 3, 0.95


def _parts_of(text: str) -> list[tuple[str, float]]:
    """The message and, when it is long, its clauses: the wish often stands in one of them."""
    parts = [part for part in _CLAUSE_END.split(text) if len(part.split()) >= _FEWEST_WORDS]
    return [(text, 1.0), *((part, _CLAUSE_DISCOUNT) for part in parts if part.strip() != text.strip())]
