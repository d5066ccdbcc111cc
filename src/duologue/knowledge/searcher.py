"""A question is looked up in the project's documents and answered: with a model, or in the documents' own words."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from duologue.core.documents import Document
from duologue.core.search_options import SearchOptions
from duologue.core.state import Line
from duologue.knowledge.extraction import LEAST_RELEVANCE, Extract, extract_answer
from duologue.knowledge.generation import AnswerGenerator, GenerationFailedError, append_sources
from duologue.knowledge.passage_index import Hit, PassageIndex, QuestionTerms
from duologue.knowledge.passage_vectors import PassageVectors
from duologue.knowledge.passages import cut_documents
from duologue.ports.knowledge_source import KnowledgeQuery, KnowledgeReply

MOST_PASSAGES = 5
"""How many passages a model is shown."""
_FOUND = 20
_EARLIER_SHARE = 0.5
"""What was asked before weighs at most so much of what is asked now."""
_MOST_WORDS_OF_FOLLOW_UP, _MOST_TERMS_OF_FOLLOW_UP = 4, 2
_NEAR_RELEVANCE = 0.3
"""Share of the words that suffices where vectors say that the passage is near."""
_FUSION = 60
"""Constant of reciprocal rank fusion: how little the very first places count above the next."""


class _Finding(msgspec.Struct, frozen=True, kw_only=True):
    query: str
    hits: tuple[Hit, ...]
    extract: Extract | None


class KnowledgeSearcher:
    """A `KnowledgeSource` over documents. They are cut and indexed when first needed."""

    def __init__(
        self,
        documents: Sequence[Document],
        languages: tuple[str, ...],
        options: SearchOptions | None = None,
        *,
        generator: AnswerGenerator | None = None,
        vectors: PassageVectors | None = None,
    ) -> None:
        """Without a generator the answers are quoted; without vectors passages are found by their words alone."""
        self._documents = documents
        self._languages = languages
        self._options = options or SearchOptions()
        self._generator = generator
        self._vectors = vectors
        self._index: PassageIndex | None = None
        self._lock = threading.Lock()
        self._task: asyncio.Task[None] | None = None

    def warm_up(self) -> None:
        """Index the documents; blocks, so call it in a thread."""
        self._get_index()

    async def prepare(self) -> None:
        """Index the documents, and embed them if they are to be. Never raises."""
        index = await self._open_index()
        if self._vectors is not None:
            await self._vectors.prepare(index.passages)

    def start(self) -> None:
        """Get ready beside the start of a server, so that neither waits for the other."""
        self._task = asyncio.create_task(self.prepare())

    async def close(self) -> None:
        """See `KnowledgeSource.close`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._vectors is not None:
            await self._vectors.close()

    async def answer(self, query: KnowledgeQuery) -> KnowledgeReply | None:
        """See `KnowledgeSource.answer`."""
        index = await self._open_index()
        finding = await self._find(query, index)
        if not finding.hits:
            return None
        if self._generator is not None:
            passages = [hit.passage for hit in finding.hits[:MOST_PASSAGES]]
            try:
                made = await self._generator.generate(query, passages)
            except GenerationFailedError:
                pass
            else:
                return made and _reply(made.text, made.sources, finding)
        return self._quote(finding)

    def _quote(self, finding: _Finding) -> KnowledgeReply | None:
        if finding.extract is None:
            return None
        sources = (finding.extract.hit.passage.source,)
        text = finding.extract.text
        return _reply(
            append_sources(text, sources) if self._options.citation_enabled else text, sources, finding
        )

    # ---------------------------------------------------------------- finding

    async def _find(self, query: KnowledgeQuery, index: PassageIndex) -> _Finding:
        """What the question finds by itself, or, if it does not stand alone, together with what was asked before."""
        own = index.weigh(query.question)
        alone = await self._search(query.question, query.question, own, index)
        earlier = _list_earlier(query.earlier, self._options.max_messages_in_query - 1)
        is_whole = alone.extract is not None and len(query.question.split()) > _MOST_WORDS_OF_FOLLOW_UP
        if not earlier or is_whole or len(own.weights) > _MOST_TERMS_OF_FOLLOW_UP:
            return alone
        text = " ".join((*earlier, query.question))
        together = await self._search(text, query.question, _join(index.weigh(" ".join(earlier)), own), index)
        if alone.extract is not None and not _is_better(together, alone, own, index):
            return alone
        return together if together.hits else alone

    async def _search(self, text: str, question: str, terms: QuestionTerms, index: PassageIndex) -> _Finding:
        hits = index.search(terms, _FOUND)
        near: dict[int, float] = {}
        if self._vectors is not None:
            near = dict((await self._vectors.rank(text, index.passages))[:_FOUND])
            hits = _fuse(hits, near, index)
        threshold = self._options.vector_store.threshold
        if threshold and near:
            hits = [hit for hit in hits if near.get(hit.place, 0.0) >= threshold]
        least = _NEAR_RELEVANCE if near else max(LEAST_RELEVANCE, threshold)
        return _Finding(
            query=text,
            hits=tuple(hits),
            extract=extract_answer(question, terms, hits, index, least=least),
        )

    async def _open_index(self) -> PassageIndex:
        return self._index or await asyncio.to_thread(self._get_index)

    def _get_index(self) -> PassageIndex:
        with self._lock:
            if self._index is None:
                self._index = PassageIndex(cut_documents(self._documents), self._languages)
            return self._index


def _reply(text: str, sources: tuple[str, ...], finding: _Finding) -> KnowledgeReply:
    return KnowledgeReply(
        text=text,
        sources=sources,
        search_query=finding.query,
        search_results=tuple(hit.passage.whole for hit in finding.hits[:MOST_PASSAGES]),
    )


def _list_earlier(lines: Sequence[Line], most: int) -> list[str]:
    """What the user said in the turns before, the latest last."""
    said = [line.text for line in lines if line.is_user and not line.text.startswith("/")]
    return said[-most:] if most > 0 else []


def _join(before: QuestionTerms, own: QuestionTerms) -> QuestionTerms:
    share = _EARLIER_SHARE * own.total / before.total if own.total and before.total else 1.0
    lighter = {term: weight * share for term, weight in before.weights.items()}
    return QuestionTerms(weights={**lighter, **own.weights}, related={**before.related, **own.related})


def _is_better(together: _Finding, alone: _Finding, own: QuestionTerms, index: PassageIndex) -> bool:
    """Whether what was asked before leads to another passage that covers the question itself just as well."""
    found, known = together.extract, alone.extract
    if found is None or known is None or found.hit.place == known.hit.place:
        return False
    covered, needed = (own.cover(index.list_terms(extract.hit.passage.whole)) for extract in (found, known))
    return covered >= needed


def _fuse(hits: Sequence[Hit], near: dict[int, float], index: PassageIndex) -> list[Hit]:
    """One ranking of two: what stands high in both stands highest."""
    scores: defaultdict[int, float] = defaultdict(float)
    for places in ([hit.place for hit in hits], list(near)):
        for rank, place in enumerate(places):
            scores[place] += 1 / (_FUSION + rank)
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [Hit(place=place, passage=index.passages[place], score=score) for place, score in best]
