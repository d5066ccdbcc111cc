"""The words of the documents as the answer: the passage, or the sentences of it, that answer the question."""

from collections.abc import Sequence

import msgspec

from duologue.knowledge.passage_index import Hit, PassageIndex, QuestionTerms
from duologue.knowledge.passages import split_units

LEAST_RELEVANCE = 0.5
"""Share of the question's telling words that an answer must say, or stand under."""
LONGEST_QUOTE = 700
"""Characters; longer answers end with the last whole line or sentence before."""
_CONSIDERED = 6
_SHORT = 350
"""What is no longer is said whole."""
_CLEARLY = 0.15
_RANK_SHARE, _DEFINITION_SHARE, _ANSWER_SHARE, _LIKENESS_SHARE = 0.15, 0.3, 0.05, 0.4
_LIKENESS_RELEVANCE = 0.15
"""What a written question that is worded alike adds to the relevance of its answer."""
_BEGINNING = 2
"""A sentence that is about a thing names it among its first words, or before a colon."""
_LONGEST_LABEL = 90
_SHORT_QUESTION = 2
"""A question of so few words asks what the thing is."""
_MOST_LINES = 4
"""Lines that stand together are said together, if they are so few."""

Unit = tuple[int, int]


class Extract(msgspec.Struct, frozen=True, kw_only=True):
    """An answer in the words of a document."""

    text: str
    hit: Hit
    relevance: float
    """0 to 1."""


class _Candidate(msgspec.Struct, frozen=True, kw_only=True):
    hit: Hit
    relevance: float
    rank: float
    lead_share: float
    """How much of the question its heading covers."""
    best: int
    """The unit that covers most."""
    best_share: float
    units: tuple[Unit, ...]


def extract_answer(
    question: str,
    terms: QuestionTerms,
    hits: Sequence[Hit],
    index: PassageIndex,
    *,
    least: float = LEAST_RELEVANCE,
) -> Extract | None:
    """The best answer among the passages found, verbatim; None if none of them is relevant enough."""
    if not hits or not terms.total:
        return None
    top = max(hit.score for hit in hits)
    words = set(index.list_terms(question, all_words=True))
    candidates = [_weigh(hit, terms, words, index, top) for hit in hits[:_CONSIDERED]]
    relevant = [candidate for candidate in candidates if candidate.relevance >= least]
    if not relevant:
        return None
    best = max(relevant, key=lambda candidate: candidate.rank)
    return Extract(text=_quote(best), hit=best.hit, relevance=best.relevance)


def _weigh(hit: Hit, terms: QuestionTerms, words: set[str], index: PassageIndex, top: float) -> _Candidate:
    passage = hit.passage
    lead = set(index.list_terms(passage.lead))
    context = lead.union(index.list_terms(passage.title))
    units = tuple(split_units(passage.text)) or ((0, len(passage.text)),)
    relevance = terms.cover(context if passage.is_answer else lead)
    best, best_share, defines = 0, 0.0, 0.0
    for place, (start, end) in enumerate(units):
        said = index.list_terms(passage.text[start:end])
        share = terms.cover(said)
        definition = _measure_definition(passage.text[start:end], terms, index) if share else 0.0
        if (share, definition) > (best_share, defines):
            best, best_share, defines = place, share, definition
        relevance = max(relevance, terms.cover(context.union(said)))
    likeness = _liken(words, set(index.list_terms(passage.lead, all_words=True)))
    relevance = min(1.0, relevance + _LIKENESS_RELEVANCE * likeness * passage.is_answer)
    rank = (
        relevance
        + _RANK_SHARE * (hit.score / top if top else 0.0)
        + _DEFINITION_SHARE * (defines if len(terms.weights) <= _SHORT_QUESTION else 0.0)
        + _LIKENESS_SHARE * likeness * (1.0 if passage.is_answer else 0.5)
        + _ANSWER_SHARE * passage.is_answer
    )
    return _Candidate(
        hit=hit,
        relevance=relevance,
        rank=rank,
        lead_share=terms.cover(lead),
        best=best,
        best_share=best_share,
        units=units,
    )


def _measure_definition(unit: str, terms: QuestionTerms, index: PassageIndex) -> float:
    """How much a sentence says what a thing is: `FAISS: a fast index`, `A deductible is the amount that …`."""
    label, colon, _ = unit[:_LONGEST_LABEL].partition(":")
    if not colon:
        return terms.cover(index.list_terms(label)[:_BEGINNING]) / _BEGINNING
    # A name and its short form: `Personal Injury Protection (PIP)`.
    name, _, short = label.partition("(")
    heads = [set(index.list_terms(part)) for part in (name, short.partition(")")[0])]
    return max((_measure_sameness(head, terms) for head in heads if head), default=0.0)


def _measure_sameness(head: set[str], terms: QuestionTerms) -> float:
    return terms.cover(head) * sum(terms.cover([word]) > 0 for word in head) / len(head)


def _liken(words: set[str], others: set[str]) -> float:
    """How alike two sentences are worded, 0 to 1."""
    return 2 * len(words & others) / (len(words) + len(others)) if words and others else 0.0


def _quote(candidate: _Candidate) -> str:
    text, units = candidate.hit.passage.text, candidate.units
    # A part is the answer where it covers clearly more of the question than the heading of the whole does.
    is_part = candidate.best_share > candidate.lead_share + _CLEARLY
    if is_part and (len(text) > _SHORT or "\n" in text):
        return _quote_part(text, units, candidate.best)
    return text if len(text) <= _SHORT else _quote_from(text, units, 0)


def _quote_part(text: str, units: Sequence[Unit], best: int) -> str:
    """The sentence with those after it on its line, or the few lines that it stands among."""
    start, end = units[best]
    block_start = text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0
    block_end = text.find("\n\n", end)
    block = text[block_start : block_end if block_end >= 0 else len(text)].strip()
    if len(block) <= _SHORT and len(block.splitlines()) <= _MOST_LINES:
        return block
    for next_start, next_end in units[best + 1 :]:
        if "\n" in text[end:next_start] or next_end - start > _SHORT:
            break
        end = next_end
    if text[start:end].rstrip().endswith(":"):
        # It announces a list.
        return _quote_from(text, units, best)
    return text[start:end]


def _quote_from(text: str, units: Sequence[Unit], first: int) -> str:
    start, end = units[first]
    for next_start, next_end in units[first + 1 :]:
        if next_end - start > LONGEST_QUOTE or (first and "\n\n" in text[end:next_start]):
            break
        end = next_end
    return text[start:end]
