"""What the words of a message say for each flow."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import exp

import msgspec

from duologue.understanding.concepts import join_phrases
from duologue.understanding.flow_index import GENERIC_WEIGHT, Example, FlowIndex, IndexedFlow
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.lexicon.synonyms import MONEY_WORDS, SEEING_WORDS
from duologue.understanding.text_features import Token, stem, tokenise, words_in
from duologue.understanding.wording import likeness_to_flows


class QueryTerm(msgspec.Struct, frozen=True, kw_only=True):
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
    has_examples: bool
    leads_saying: float = 1.0
    """`said` as a share of the best flow's."""
    leads_wording: float = 0.0
    """`wording` as a share of the best flow's."""
    nearest: Example | None = None


_FULL_EVIDENCE, _TELLING_NAME = 2.0, 0.7
_CANDIDATES = 8
_FRONT_RUNNERS = 4
_LITTLE_SAID = 0.5
_UNKNOWN_WEIGHT, _NAME_LIKE_WEIGHT = 0.85, 0.3
_CURRENCY = re.compile(
    r"[€$£¥₹]|\d\s?(?:euros?|eur|dollars?|usd|bucks|pounds?|gbp|quid|chf|franken)\b", re.IGNORECASE
)
_ASKS_TO_SEE = re.compile(
    r"(?:what|what's|whats|who|which|where|where's|was|wer|welche[rsn]?|wo)\b|(?:how (?:much|many|is|are)|wie (?:viel|viele|hoch|ist|sind|lautet))\b|wieviel"
)


class MessageWords(msgspec.Struct, frozen=True, kw_only=True):
    """A message taken apart."""

    words: tuple[str, ...]
    terms: tuple[QueryTerm, ...]

    @property
    def unknown_share(self) -> float:
        """How much of what was said no flow speaks of, from 0 to 1."""
        total = sum(term.weight for term in self.terms if term.word)
        return (
            sum(term.weight for term in self.terms if term.word and not term.near) / total if total else 0.0
        )


class WordEvidence:
    """Weighs the words of messages against the words of flows. Build once, ask often."""

    def __init__(self, index: FlowIndex) -> None:
        self._index = index
        self._generic = words_in(GENERIC_WORDS, index.languages)
        self._stop = words_in(STOP_WORDS, index.languages)
        self._has_german = "de" in index.languages

    def read(self, text: str) -> MessageWords:
        """The telling words of a message or of a part of it."""
        tokens = tokenise(text)
        return MessageWords(
            words=tuple(token.word for token in tokens), terms=tuple(self._terms(text, tokens))
        )

    def weigh(self, said: MessageWords, also: Iterable[int] = ()) -> dict[int, FlowFeatures]:
        """What the words say for the likely flows, and for some more that are likely for other reasons."""
        return self._features(said.words, said.terms, tuple(also))

    def _terms(self, text: str, tokens: Sequence[Token]) -> list[QueryTerm]:
        """The telling words of a message; numbers are values and tell nothing."""
        capitals = {token.word for token in tokens[1:] if text[token.start].isupper()}
        terms: list[QueryTerm] = []
        seen: set[str] = set()
        for word in join_phrases([token.word for token in tokens]):
            if word in self._stop or word in seen or word.isdigit():
                continue
            seen.add(word)
            terms.append(self._term(word, is_capital=word in capitals))
        terms.extend(self._implied(text, tokens))
        return terms

    def _implied(self, text: str, tokens: Sequence[Token]) -> list[QueryTerm]:
        """What is said without its word: `send 20 to Bob` speaks of money, `who are my payees` asks to see them."""
        implied: list[QueryTerm | None] = []
        if any(token.word.isdigit() for token in tokens):
            implied.append(self._implied_term(MONEY_WORDS, 0.8 if _CURRENCY.search(text) else 0.5))
        if _ASKS_TO_SEE.match(" ".join(token.word for token in tokens[:2])):
            implied.append(self._implied_term(SEEING_WORDS, 0.4))
        return [term for term in implied if term]

    def _implied_term(self, words: Mapping[str, Sequence[str]], nearness: float) -> QueryTerm | None:
        index = self._index
        known = [
            term
            for language in index.languages
            for word in words.get(language, ())
            if (term := stem(word, language)) in index.weights
        ]
        if not known:
            return None
        weight = max(index.weights[term] for term in known)
        return QueryTerm(word="", weight=weight, near=tuple((term, nearness) for term in known))

    def _term(self, word: str, *, is_capital: bool) -> QueryTerm:
        index = self._index
        near: dict[str, float] = {}
        for language in index.languages:
            for other, nearness in index.neighbours.near(stem(word, language)):
                near[other] = max(near.get(other, 0.0), nearness)
        weight = max(
            (index.weights[other] for other, nearness in near.items() if nearness == 1.0), default=0.0
        )
        if not weight:
            weight = max(
                (index.weights[other] * nearness for other, nearness in near.items()), default=_UNKNOWN_WEIGHT
            )
            if word in self._generic:
                weight = min(weight, GENERIC_WEIGHT)
            elif is_capital and not near and not self._has_german:
                # `to Amy`: most likely a name, which no flow could know.
                weight = _NAME_LIKE_WEIGHT
        return QueryTerm(word=word, weight=weight, near=tuple(near.items()))

    def _features(
        self, words: Sequence[str], terms: Sequence[QueryTerm], also: Sequence[int]
    ) -> dict[int, FlowFeatures]:
        # Implied words are a bonus: no flow needs to speak of what was not said.
        said_mass = sum(term.weight for term in terms if term.word)
        matched = self._matched(terms)
        if said_mass < _LITTLE_SAID:
            # Only little words, as in `who are you`: the wording of examples decides, so every flow is looked at.
            matched = {number: matched.get(number, 0.0) for number in range(len(self._index.flows))}
        nearness: dict[str, float] = {}
        for term in terms:
            for other, near in term.near:
                if near > nearness.get(other, 0.0):
                    nearness[other] = near
        worth = {other: near * self._index.weights[other] for other, near in nearness.items()}
        likely = [number for _, number in sorted((-mass, number) for number, mass in matched.items())]
        if said_mass >= _LITTLE_SAID:
            likely = likely[:_CANDIDATES]
        likely.extend(number for number in also if number not in likely)
        wording = likeness_to_flows(words, likely, self._index.wording)
        return self._compare(likely, matched, wording, said_mass or 1.0, worth)

    def _compare(
        self,
        likely: Sequence[int],
        matched: Mapping[int, float],
        wording: Mapping[int, float],
        said_mass: float,
        worth: dict[str, float],
    ) -> dict[int, FlowFeatures]:
        """The likely flows, measured by themselves and against the best of them."""
        # Single examples are compared for the front runners only: that is the costly part.
        standing = sorted(
            (-matched.get(number, 0.0) - said_mass * wording.get(number, 0.0), number) for number in likely
        )
        front = {number for _, number in standing[:_FRONT_RUNNERS]}
        most_said = (
            min(1.0, max((matched.get(number, 0.0) for number in likely), default=0.0) / said_mass) or 1.0
        )
        most_like = max(wording.values(), default=0.0) or 1.0
        found: dict[int, FlowFeatures] = {}
        for number in likely:
            flow, said, like = (
                self._index.flows[number],
                matched.get(number, 0.0) / said_mass,
                wording.get(number, 0.0),
            )
            likeness, nearest = _nearest_example(flow, said_mass, worth) if number in front else (0.0, None)
            found[number] = FlowFeatures(
                said=min(1.0, said),
                named=min(1.0, _share_of_name(flow, worth)),
                like_example=min(1.0, likeness),
                evidence=min(1.0, matched.get(number, 0.0) / _FULL_EVIDENCE),
                wording=min(1.0, like),
                has_examples=bool(flow.examples),
                leads_saying=min(1.0, said) / most_said,
                leads_wording=like / most_like,
                nearest=nearest,
            )
        return found

    def _matched(self, terms: Sequence[QueryTerm]) -> dict[int, float]:
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
            if not term.word:
                # What was not said strengthens a flow that something was said for, and no other.
                best = {number: strength for number, strength in best.items() if number in matched}
            for number, strength in best.items():
                matched[number] = matched.get(number, 0.0) + strength * term.weight
        return matched


def _nearest_example(
    flow: IndexedFlow, said_mass: float, worth: dict[str, float]
) -> tuple[float, Example | None]:
    said = worth.keys()
    likeness, nearest = 0.0, None
    for example in flow.examples:
        if hits := example.terms & said:
            alike = 2 * sum([worth[term] for term in hits]) / (said_mass + example.mass)
            if alike > likeness:
                likeness, nearest = alike, example
    return likeness, nearest


def _share_of_name(flow: IndexedFlow, worth: dict[str, float]) -> float:
    share = 0.0
    for name, name_mass in zip(flow.names, flow.name_masses, strict=True):
        if hits := name & worth.keys():
            # A name of nothing but generic words (`help you`) tells little.
            share = max(share, sum([worth[term] for term in hits]) / max(name_mass, _TELLING_NAME))
    return share


# A logistic regression fitted on public intent data (5 to 40 intents, none to 12 examples each, out-of-scope
# sentences among them): of the flows scored 0.7 about seven in ten are right.
_BIAS = -5.09
_SAID, _NAMED, _LIKE_EXAMPLE, _EVIDENCE, _WORDING = 1.46, 2.35, 1.04, 1.05, 1.69
_HAS_EXAMPLES, _LEADS_WORDING, _LEADS_SAYING = -2.32, 2.3, 2.26


def probability(features: FlowFeatures) -> float:
    """How likely it is that the message asks for a flow with these features."""
    total = (
        _BIAS
        + _SAID * features.said
        + _NAMED * features.named
        + _LIKE_EXAMPLE * features.like_example
        + _EVIDENCE * features.evidence
        + _WORDING * features.wording
        + _HAS_EXAMPLES * features.has_examples
        + _LEADS_WORDING * features.leads_wording
        + _LEADS_SAYING * features.leads_saying
    )
    return 1 / (1 + exp(-total))
