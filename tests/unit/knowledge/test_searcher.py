"""The searcher answers with a model or without one, and follows what was asked before."""

import pytest

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.core.search_options import SearchOptions, VectorStoreOptions
from duologue.core.state import Line
from duologue.knowledge.generation import AnswerGenerator
from duologue.knowledge.passage_vectors import PassageVectors
from duologue.knowledge.searcher import KnowledgeSearcher
from duologue.ports.knowledge_source import KnowledgeQuery
from duologue.testing.scripted_model import ScriptedAnswer, ScriptedLanguageModel
from tests.unit.knowledge.documents import FAQ, LIBRARY, options
from tests.unit.knowledge.embedders import ThingEmbedder

UNAVAILABLE = LanguageModelError("no", reason=ModelFailure.UNAVAILABLE, model="m")


def searcher(
    *answers: ScriptedAnswer, embedder: ThingEmbedder | None = None, **given: object
) -> KnowledgeSearcher:
    search = options(**given)
    return KnowledgeSearcher(
        (LIBRARY, FAQ),
        ("en",),
        search,
        generator=AnswerGenerator(ScriptedLanguageModel(*answers), search) if answers else None,
        vectors=PassageVectors(embedder) if embedder else None,
    )


def said(*lines: str) -> tuple[Line, ...]:
    """What was said in turn, by the user first."""
    return tuple(Line(is_user=place % 2 == 0, text=line) for place, line in enumerate(lines))


async def answer(source: KnowledgeSearcher, question: str, *earlier: str) -> str | None:
    reply = await source.answer(KnowledgeQuery(question=question, earlier=said(*earlier)))
    return reply and reply.text


async def test_a_reply_tells_where_it_comes_from() -> None:
    reply = await searcher().answer(KnowledgeQuery(question="When are you open?"))

    assert reply is not None
    assert reply.text.startswith("We are open from Tuesday")
    assert (reply.sources, reply.search_query) == (("library.md",), "When are you open?")
    assert reply.search_results[0].startswith("Opening hours\nWe are open")


async def test_what_no_document_says_has_no_answer() -> None:
    assert await answer(searcher(), "What is the capital of France?") is None


async def test_a_question_that_does_not_stand_alone_is_searched_with_the_one_before() -> None:
    earlier = ("How long can I keep a book?", "Books may be kept for four weeks.")

    assert (await answer(searcher(), "and films?", *earlier) or "").startswith("Books may be kept")
    assert await answer(searcher(), "and Einstein?", *earlier) is None
    assert await answer(searcher(), "and for that?") is None
    assert await answer(searcher(), "and for that?", *earlier) is not None
    assert await answer(searcher(max_messages_in_query=1), "and for that?", *earlier) is None


async def test_the_sources_can_be_named() -> None:
    named = await answer(searcher(citation_enabled=True), "photocopies")

    assert named == "- Photocopies: 10 cents a page\n\n[1] library.md"


async def test_a_model_words_the_answer() -> None:
    assert await answer(searcher("From ten to six."), "When are you open?") == "From ten to six."


async def test_what_the_model_does_not_find_is_not_quoted_instead() -> None:
    assert await answer(searcher("[NO_ANSWER]", check_relevancy=True), "When are you open?") is None


async def test_without_a_passage_no_model_is_asked() -> None:
    assert await answer(searcher(UNAVAILABLE), "Who was Einstein?") is None


@pytest.mark.parametrize("failure", [UNAVAILABLE, ""])
async def test_where_the_model_fails_the_documents_are_quoted(failure: ScriptedAnswer) -> None:
    found = await answer(searcher(failure), "What do photocopies cost?")

    assert found == "- Photocopies: 10 cents a page"


async def test_a_question_may_come_while_the_documents_are_indexed() -> None:
    source = searcher()

    source.start()
    assert await answer(source, "opening hours") is not None
    await source.close()


async def test_vectors_find_what_says_it_in_other_words() -> None:
    embedder = ThingEmbedder()
    model = ScriptedLanguageModel("50 cents.")
    source = KnowledgeSearcher(
        (LIBRARY, FAQ),
        ("en",),
        generator=AnswerGenerator(model, SearchOptions()),
        vectors=PassageVectors(embedder),
    )
    await source.prepare()

    reply = await source.answer(KnowledgeQuery(question="What are your prices?"))

    assert reply is not None
    assert reply.search_results[0].startswith("Fees\n")
    assert embedder.calls == [("passage", 7), ("query", 1)]


async def test_where_the_embedder_fails_the_words_are_searched() -> None:
    embedder = ThingEmbedder()
    embedder.is_broken = True
    source = searcher(embedder=embedder)

    assert await answer(source, "opening hours") is not None

    embedder.is_broken = False
    assert await answer(source, "opening hours") is not None
    assert [role for role, _ in embedder.calls] == ["passage", "passage", "query"]


async def test_a_threshold_leaves_out_what_is_not_near() -> None:
    far = VectorStoreOptions(threshold=0.99)

    assert await answer(searcher(embedder=ThingEmbedder()), "my card was stolen") is not None
    assert await answer(searcher(embedder=ThingEmbedder(), vector_store=far), "free study rooms cost") is None


async def test_without_vectors_a_threshold_is_the_share_of_the_question_that_must_be_covered() -> None:
    question = "opening hours of the castle"

    assert await answer(searcher(), question) is not None
    assert await answer(searcher(vector_store=VectorStoreOptions(threshold=0.9)), question) is None


async def test_a_searcher_without_documents_knows_nothing() -> None:
    assert await answer(KnowledgeSearcher((), ("en",)), "opening hours") is None
