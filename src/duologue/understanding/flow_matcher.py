"""Which flow a message asks for, by its words alone."""

import re
from collections.abc import Sequence
from math import exp

import msgspec

from duologue.understanding.concepts import join_phrases
from duologue.understanding.flow_index import (
    GENERIC_WEIGHT,
    Example,
    FlowIndex,
    FlowText,
    FlowTranslation,
    IndexedFlow,
    build_index,
)
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.text_features import stem, tokenise, words_in
from duologue.understanding.wording import likeness_to_flows

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
    example: str | None = None
    """The nearest of its examples, when one is near."""


class _QueryTerm(msgspec.Struct, frozen=True, kw_only=True):
    word: str
    weight: float
    near: tuple[tuple[str, float], ...]


class FlowFeatures(msgspec.Struct, frozen=True, kw_only=True):
    """What speaks for a flow, each from 0 to 1."""

    said: float
    """Share of the message that the flow speaks of."""
    named: float
    """Share of the flow's name that the message says."""
    like_example: float
    """Likeness to the nearest example."""
    evidence: float
    """How much in all speaks for the flow: one telling word is less than two."""
    wording: float
    """Likeness to all its examples together, little words included."""
    nearest: Example | None = None


_FULL_EVIDENCE = 2.0
_CANDIDATES = 8
_UNKNOWN_WEIGHT, _NAME_LIKE_WEIGHT = 0.85, 0.3
_CLAUSE_DISCOUNT = 0.95
# Fitted once on public intent data: how much each feature counts on the way to a probability.
_BIAS, _SAID, _NAMED, _LIKE_EXAMPLE, _EVIDENCE, _WORDING = -4.0, 2.0, 1.5, 3.0, 2.5, 3.0


class FlowMatcher:
    """Ranks flows by how surely a message asks for them. Build once, ask often."""

    def __init__(self, index: FlowIndex) -> None:
        self._index = index
        self._generic = words_in(GENERIC_WORDS, index.languages)
        self._stop = words_in(STOP_WORDS, index.languages)
        self._has_german = "de" in index.languages

    @classmethod
    def build(cls, entries: Sequence[FlowText], *, languages: Sequence[str] = ("en",)) -> "FlowMatcher":
        """Index these flows; the first language is the one their own name and description are written in."""
        return cls(build_index(entries, tuple(languages)))

    def rank(self, text: str, *, limit: int = 5) -> list[FlowMatch]:
        """The flows the message may ask for, best first."""
        best: dict[int, tuple[float, FlowFeatures, list[_QueryTerm]]] = {}
        for part, discount in _parts_of(text):
            terms = self._terms(part)
            for number, features in self.features(part, terms).items():
                score = probability(features) * discount
                if number not in best or score > best[number][0]:
                    best[number] = (score, features, terms)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[: max(limit, 2)]
        scores = [score for _, (score, _, _) in ranked]
        return [
            self._match(number, score, score - (scores[1] if place == 0 and len(scores) > 1 else scores[0] if place else 0.0), features, terms)
            for place, (number, (score, features, terms)) in enumerate(ranked[:limit])
        ]

    def _match(self, number: int, score: float, margin: float, features: FlowFeatures, terms: list[_QueryTerm]) -> FlowMatch:
        flow = self._index.flows[number]
        return FlowMatch(
            flow_id=flow.flow_id,
            score=round(score, 3),
            margin=round(margin, 3),
            words=tuple(term.word for term in terms if any(near in flow.terms for near, _ in term.near)),
            example=features.nearest.text if features.nearest and features.like_example >= 0.4 else None,
        )

    def _terms(self, text: str) -> list[_QueryTerm]:
        """The telling words of a message; numbers are values and tell nothing."""
        tokens = tokenise(text)
        capitals = {token.word for token in tokens[1:] if text[token.start].isupper()}
        terms: list[_QueryTerm] = []
        seen: set[str] = set()
        for word in join_phrases([token.word for token in tokens]):
            if word in self._stop or word in seen or word.isdigit():
                continue
            seen.add(word)
            terms.append(self._term(word, is_capital=word in capitals))
        return terms

    def _term(self, word: str, *, is_capital: bool) -> _QueryTerm:
        index = self._index
        near: dict[str, float] = {}
        for language in index.languages:
            for other, nearness in index.neighbours.near(stem(word, language)):
                near[other] = max(near.get(other, 0.0), nearness)
        weight = max((index.weights[other] for other, nearness in near.items() if nearness == 1.0), default=0.0)
        if not weight:
            weight = max((index.weights[other] * nearness for other, nearness in near.items()), default=_UNKNOWN_WEIGHT)
            if word in self._generic:
                weight = min(weight, GENERIC_WEIGHT)
            elif is_capital and not near and not self._has_german:
                # `to Amy`: most likely a name, which no flow could know.
                weight = _NAME_LIKE_WEIGHT
        return _QueryTerm(word=word, weight=weight, near=tuple(near.items()))

    def features(self, text: str, terms: Sequence[_QueryTerm]) -> dict[int, FlowFeatures]:
        """What speaks for each flow that any of the words speaks for."""
        said_mass = sum(term.weight for term in terms)
        if not said_mass:
            return {}
        matched = self._matched(terms)
        nearness: dict[str, float] = {}
        for term in terms:
            for other, near in term.near:
                if near > nearness.get(other, 0.0):
                    nearness[other] = near
        worth = {other: near * self._index.weights[other] for other, near in nearness.items()}
        wording = likeness_to_flows(text, self._index.wording)
        candidates = sorted(
            matched.items(), key=lambda item: (-item[1] - said_mass * wording.get(item[0], 0.0), item[0])
        )[:_CANDIDATES]
        return {number: _features(self._index.flows[number], mass, said_mass, worth, wording.get(number, 0.0)) for number, mass in candidates}

    def _matched(self, terms: Sequence[_QueryTerm]) -> dict[int, float]:
        """For every flow the weight of the said words that it speaks of."""
        postings = self._index.postings
        matched: dict[int, float] = {}
        for term in terms:
            if len(term.near) == 1:
                best = {number: strength * term.near[0][1] for number, strength in postings[term.near[0][0]]}
            else:
                best: dict[int, float] = {}
                for other, near in term.near:
                    for number, strength in postings[other]:
                        if strength * near > best.get(number, 0.0):
                            best[number] = strength * near
            for number, strength in best.items():
                matched[number] = matched.get(number, 0.0) + strength * term.weight
        return matched


def _features(flow: IndexedFlow, mass: float, said_mass: float, worth: dict[str, float], wording: float) -> FlowFeatures:
    said = worth.keys()
    named = 0.0
    for name, name_mass in zip(flow.names, flow.name_masses, strict=True):
        if hits := name & said:
            named = max(named, sum(worth[term] for term in hits) / name_mass)
    likeness, nearest = 0.0, None
    for example in flow.examples:
        if hits := example.terms & said:
            alike = 2 * sum([worth[term] for term in hits]) / (said_mass + example.mass)
            if alike > likeness:
                likeness, nearest = alike, example
    return FlowFeatures(
        said=min(1.0, mass / said_mass),
        named=min(1.0, named),
        like_example=min(1.0, likeness),
        evidence=min(1.0, mass / _FULL_EVIDENCE),
        wording=min(1.0, wording),
        nearest=nearest,
    )


def probability(features: FlowFeatures) -> float:
    """How likely it is that the message asks for a flow with these features."""
    total = (
        _BIAS
        + _SAID * features.said
        + _NAMED * features.named
        + _LIKE_EXAMPLE * features.like_example
        + _EVIDENCE * features.evidence
        + _WORDING * features.wording
    )
    return 1 / (1 + exp(-total))


_CLAUSE_END = re.compile(r"[.!?;:]+\s+|\s*[—–]\s*|\s+-\s+|,\s+|\s+(?:and|but|so|because|und|aber|weil)\s+")
_FEWEST_WORDS = 3


def _parts_of(text: str) -> list[tuple[str, float]]:
    """The message and, when it is long, its clauses: the wish often stands in one of them."""
    parts = [part for part in _CLAUSE_END.split(text) if len(part.split()) >= _FEWEST_WORDS]
    return [(text, 1.0), *((part, _CLAUSE_DISCOUNT) for part in parts if part.strip() != text.strip())]
