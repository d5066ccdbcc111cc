"""The searchable words of all flows: which flow says which word, and how telling that word is."""

from collections.abc import Iterable, Sequence
from math import log

import msgspec

from duologue.understanding.concepts import join_phrases
from duologue.understanding.flow_description import read_description
from duologue.understanding.lexicon.function_words import DESCRIPTION_WORDS, GENERIC_WORDS, STOP_WORDS
from duologue.understanding.text_features import split_identifier, stem, words_of
from duologue.understanding.word_neighbours import WordNeighbours
from duologue.understanding.wording import WordingIndex, build_wording_index


class FlowTranslation(msgspec.Struct, frozen=True, kw_only=True):
    """A flow's wording in one more language."""

    language: str
    name: str = ""
    description: str = ""
    examples: tuple[str, ...] = ()


class FlowText(msgspec.Struct, frozen=True, kw_only=True):
    """What a flow says about itself, and what users said to start it."""

    flow_id: str
    name: str = ""
    description: str = ""
    examples: tuple[str, ...] = ()
    slot_words: tuple[str, ...] = ()
    """Words of the slots it collects."""
    details: tuple[str, ...] = ()
    """What it asks for, one text for each slot: name, description, values."""
    translations: tuple[FlowTranslation, ...] = ()


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One wording a user chose, or an author quoted."""

    text: str
    terms: frozenset[str]
    mass: float
    """The weights of its terms together."""


class IndexedFlow(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one flow."""

    flow_id: str
    names: tuple[frozenset[str], ...]
    """The words of its name, one set for each language it is named in."""
    name_masses: tuple[float, ...]
    examples: tuple[Example, ...]
    terms: frozenset[str]
    """Every word that speaks for the flow."""


class FlowIndex(msgspec.Struct, frozen=True, kw_only=True):
    """All flows' words, each with the flows that say it and how telling it is."""

    flows: tuple[IndexedFlow, ...]
    postings: dict[str, tuple[tuple[int, float], ...]]
    """Word → flows, each with the strength of the place where it says the word."""
    weights: dict[str, float]
    wording: WordingIndex
    neighbours: WordNeighbours
    languages: tuple[str, ...]


# How strongly a word speaks for a flow, by where it stands.
_IN_NAME, _IN_EXAMPLE, _IN_DESCRIPTION, _IN_SLOTS = 1.0, 1.0, 0.85, 0.5
GENERIC_WEIGHT = 0.3
_COMMON_WEIGHT = 0.4
# Parts of technical names that say nothing about the flow.
_NAME_NOISE = frozenset(["flow", "flows", "pattern", "action", "nlu", "intent"])


class _Draft(msgspec.Struct, kw_only=True):
    flow_id: str
    names: list[frozenset[str]]
    examples: list[tuple[str, frozenset[str]]]
    strengths: dict[str, float]


def build_index(entries: Sequence[FlowText], languages: tuple[str, ...]) -> FlowIndex:
    """Read every flow's wording once; the order of entries makes no difference to any score."""
    generic: set[str] = set()
    drafts = [_draft(entry, languages, generic) for entry in entries]
    weights = _weigh(drafts, generic)
    postings: dict[str, list[tuple[int, float]]] = {}
    for number, draft in enumerate(drafts):
        for term, strength in draft.strengths.items():
            postings.setdefault(term, []).append((number, strength))
    return FlowIndex(
        flows=tuple(_finish(draft, weights) for draft in drafts),
        postings={term: tuple(places) for term, places in postings.items()},
        weights=weights,
        wording=build_wording_index([[text for text, _ in draft.examples] for draft in drafts]),
        neighbours=WordNeighbours(postings, languages),
        languages=languages,
    )


def content_words(words: Iterable[str], language: str) -> list[str]:
    """The words that carry a topic, fixed expressions joined."""
    ignored = STOP_WORDS.get(language, frozenset[str]())
    return [word for word in join_phrases(list(words)) if word not in ignored]


def _draft(entry: FlowText, languages: tuple[str, ...], generic: set[str]) -> _Draft:
    first = languages[0]
    own = FlowTranslation(
        language=first, name=entry.name, description=entry.description, examples=entry.examples
    )
    draft = _Draft(flow_id=entry.flow_id, names=[], examples=[], strengths={})
    spoken_id = " ".join(split_identifier(entry.flow_id))
    _add_wording(draft, msgspec.structs.replace(own, name=own.name or spoken_id), generic)
    _strengthen(draft, _terms(spoken_id, first, generic, _NAME_NOISE), _IN_NAME)
    for translation in entry.translations:
        _add_wording(draft, translation, generic)
    _strengthen(draft, _terms(" ".join((*entry.slot_words, *entry.details)), first, generic), _IN_SLOTS)
    return draft


def _add_wording(draft: _Draft, wording: FlowTranslation, generic: set[str]) -> None:
    language = wording.language
    name = _terms(" ".join(split_identifier(wording.name)), language, generic, _NAME_NOISE)
    if name:
        draft.names.append(name)
        _strengthen(draft, name, _IN_NAME)
    parts = read_description(wording.description)
    author_words = DESCRIPTION_WORDS.get(language, frozenset[str]())
    _strengthen(draft, _terms(parts.positive, language, generic, author_words), _IN_DESCRIPTION)
    for example in (*wording.examples, *parts.phrases):
        if terms := _terms(example, language, generic):
            draft.examples.append((example, terms))
            _strengthen(draft, terms, _IN_EXAMPLE)


def _terms(
    text: str, language: str, generic: set[str], ignored: frozenset[str] = frozenset()
) -> frozenset[str]:
    terms: set[str] = set()
    generic_words = GENERIC_WORDS.get(language, frozenset[str]())
    for word in content_words(words_of(text), language):
        if word in ignored or word.isdigit():
            continue
        term = stem(word, language)
        terms.add(term)
        if word in generic_words:
            generic.add(term)
    return frozenset(terms)


def _strengthen(draft: _Draft, terms: Iterable[str], strength: float) -> None:
    for term in terms:
        draft.strengths[term] = max(draft.strengths.get(term, 0.0), strength)


def _weigh(drafts: Sequence[_Draft], generic: set[str]) -> dict[str, float]:
    """Rare words tell more: 1 for a word of one flow only, down to 0.4 for a word that all flows say."""
    counts: dict[str, int] = {}
    for draft in drafts:
        for term in draft.strengths:
            counts[term] = counts.get(term, 0) + 1
    most = _rarity(len(drafts), 1)
    return {
        term: (GENERIC_WEIGHT if term in generic else 1.0)
        * (_COMMON_WEIGHT + (1 - _COMMON_WEIGHT) * _rarity(len(drafts), count) / most)
        for term, count in counts.items()
    }


def _rarity(flows: int, count: int) -> float:
    return log(1 + (flows - count + 0.5) / (count + 0.5))


def _finish(draft: _Draft, weights: dict[str, float]) -> IndexedFlow:
    def mass(terms: Iterable[str]) -> float:
        return sum(weights[term] for term in terms)

    examples = {terms: text for text, terms in reversed(draft.examples)}
    return IndexedFlow(
        flow_id=draft.flow_id,
        names=tuple(draft.names),
        name_masses=tuple(mass(name) for name in draft.names),
        examples=tuple(Example(text=text, terms=terms, mass=mass(terms)) for terms, text in examples.items()),
        terms=frozenset(draft.strengths),
    )
