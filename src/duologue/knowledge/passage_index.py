"""Which passages say the words of a question: a ranking by BM25, and how much of the question each one covers."""

import difflib
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import msgspec

from duologue.knowledge.passages import Passage
from duologue.knowledge.synonyms import read_synonyms
from duologue.knowledge.words import base_language, list_ordinary, list_terms

_SATURATION, _LENGTH_SHARE = 1.2, 0.75
_LEAD_WEIGHT, _TITLE_WEIGHT = 2.0, 0.5
_RELATED, _SYNONYM, _MISSPELT = 0.6, 0.6, 0.8
_SHORTEST_BEGINNING, _SHORTEST_PART = 4, 5
_SHORTEST_SLIP = 3
_COMPOUNDING = frozenset(("de", "nl"))
_MOST_TERMS, _MOST_LOOKUPS = 60, 8


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A passage that was found."""

    place: int
    """Its position among all passages."""
    passage: Passage
    score: float
    """Comparable only within one search."""


class QuestionTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The telling words of a question, and how much each of them tells in these documents."""

    weights: Mapping[str, float]
    related: Mapping[str, Mapping[str, float]] = {}
    """Words that stand near a word, with their share of its weight."""

    @property
    def total(self) -> float:
        return sum(self.weights.values())

    def cover(self, terms: Collection[str]) -> float:
        """The share of the question that these words cover, 0 to 1."""
        total = self.total
        if not total:
            return 0.0
        found = 0.0
        for term, weight in self.weights.items():
            if term in terms:
                found += weight
            elif near := self.related.get(term):
                found += weight * max((share for word, share in near.items() if word in terms), default=0.0)
        return found / total


class PassageIndex:
    """Passages by the words that they say."""

    def __init__(self, passages: Sequence[Passage], languages: tuple[str, ...]) -> None:
        self.passages = tuple(passages)
        self._languages = languages
        self._is_compounding = any(base_language(language) in _COMPOUNDING for language in languages)
        self._synonyms = read_synonyms(languages)
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        self._lengths: list[float] = []
        for place, passage in enumerate(self.passages):
            counts = self._count(passage)
            self._lengths.append(sum(counts.values()))
            for term, count in counts.items():
                self._postings[term].append((place, count))
        self._mean_length = sum(self._lengths) / len(self._lengths) if self._lengths else 1.0

    def list_terms(self, text: str, *, all_words: bool = False) -> list[str]:
        """The telling words of a text, or all of them, as this index spells them."""
        return list_terms(text, self._languages, all_words=all_words)

    def weigh(self, text: str) -> QuestionTerms:
        """The words of a question with their weights."""
        weights: dict[str, float] = {}
        lookups = 0
        related: dict[str, Mapping[str, float]] = {}
        for term in dict.fromkeys(self.list_terms(text)[:_MOST_TERMS]):
            near = {word: _SYNONYM for word in self._synonyms.get(term, ()) if word in self._postings}
            if term not in self._postings:
                lookups += 1
                near.update(self._find_related(term) if lookups <= _MOST_LOOKUPS else {})
                if not near and self._is_misspelt_ordinary(term):
                    continue
            if near:
                related[term] = near
            weights[term] = self._weigh_term(term, near)
        return QuestionTerms(weights=weights, related=related)

    def _weigh_term(self, term: str, near: Mapping[str, float]) -> float:
        if term in self._postings or not near:
            return self._rarity(term)
        return max(map(self._rarity, near))

    def search(self, terms: QuestionTerms, limit: int) -> list[Hit]:
        """The passages that say most of the words, the best first."""
        scores: defaultdict[int, float] = defaultdict(float)
        for term, weight in terms.weights.items():
            for word, share in {**terms.related.get(term, {}), term: 1.0}.items():
                for place, count in self._postings.get(word, ()):
                    scores[place] += weight * share * self._saturate(count, self._lengths[place])
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return [Hit(place=place, passage=self.passages[place], score=score) for place, score in best]

    def _count(self, passage: Passage) -> dict[str, float]:
        counts: defaultdict[str, float] = defaultdict(float)
        parts = ((passage.text, 1.0), (passage.lead, _LEAD_WEIGHT), (passage.title, _TITLE_WEIGHT))
        for text, weight in parts:
            for term in self.list_terms(text):
                counts[term] += weight
        return counts

    def _rarity(self, term: str) -> float:
        """How telling a word is; one that no document says tells most."""
        having = len(self._postings.get(term, ()))
        return math.log(1 + (len(self.passages) - having + 0.5) / (having + 0.5))

    def _saturate(self, count: float, length: float) -> float:
        slack = 1 - _LENGTH_SHARE + _LENGTH_SHARE * length / self._mean_length
        return count * (_SATURATION + 1) / (count + _SATURATION * slack)

    def _find_related(self, term: str) -> dict[str, float]:
        """Words of the documents that continue this one, hold it (a compound), or differ by a slip of the keyboard."""
        if len(term) < _SHORTEST_BEGINNING or not term.isalpha():
            return {}
        found: dict[str, float] = {}
        for word in self._postings:
            is_beginning = word.startswith(term) or (len(word) >= _SHORTEST_PART and term.startswith(word))
            if is_beginning or (self._is_compounding and (_is_part(term, word) or _is_part(word, term))):
                found[word] = _RELATED
            elif word[0] == term[0] and len(term) >= _SHORTEST_PART and _is_one_slip(word, term):
                found[word] = _MISSPELT
        return found

    def _is_misspelt_ordinary(self, term: str) -> bool:
        """`wht`: nothing that the documents could say."""
        alike = [word for word in list_ordinary(self._languages) if word[0] == term[0]]
        return len(term) >= _SHORTEST_SLIP and bool(difflib.get_close_matches(term, alike, n=1, cutoff=0.85))


def _is_part(part: str, whole: str) -> bool:
    return len(part) >= _SHORTEST_PART and part in whole


def _is_one_slip(left: str, right: str) -> bool:
    """Whether one letter is missing, needless, wrong, or swapped with its neighbour."""
    if abs(len(left) - len(right)) > 1:
        return False
    start, longest, shortest = 0, max(len(left), len(right)), min(len(left), len(right))
    while start < shortest and left[start] == right[start]:
        start += 1
    end = 0
    while end < shortest - start and left[-1 - end] == right[-1 - end]:
        end += 1
    rest = longest - start - end
    is_swapped = rest == 2 and left[start : start + 2] == right[start : start + 2][::-1]
    return rest <= 1 or is_swapped
