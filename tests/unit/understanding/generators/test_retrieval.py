"""Which flows a prompt shows: the nearest, those always shown, those under way; by words where vectors fail."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.core.generator_options import FlowRetrievalOptions
from duologue.flows.flow import Flow, Flows
from duologue.flows.offers import Offers
from duologue.ports.embedder import TextRole, Vector
from duologue.understanding.flow_texts import build_matcher
from duologue.understanding.generators.flow_vectors import FlowVectors
from duologue.understanding.generators.flow_views import FlowViews
from duologue.understanding.generators.retrieval import FlowRetriever, Ranking
from tests.flow_writing import ask, call, flow
from tests.unit.understanding.generators.bank import WordRanker, domain, offers

THINGS = ["apples", "bread", "cheese", "dates", "eggs", "figs", "grapes", "honey"]
FLOWS = [
    *(flow(f"buy_{thing}", ask("card"), description=f"Buy {thing}.") for thing in THINGS),
    flow("see_lounge", guard="slots.is_member", description="See the lounge."),
    flow("get_help", always_include_in_prompt=True, description="Get help."),
    flow("part_of_others", ask("amount"), guard=False),
]


class LetterEmbedder:
    """Texts that hold the same of the eight things are alike."""

    name = "letters"

    def __init__(self, error: LanguageModelError | None = None) -> None:
        self.error = error
        self.calls: list[tuple[TextRole, list[str]]] = []

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        self.calls.append((role, list(texts)))
        if self.error is not None:
            raise self.error
        return [[float(thing in text) + 0.01 for thing in THINGS] for text in texts]

    async def close(self) -> None:
        pass


def retriever(
    flows: Sequence[Flow] = FLOWS,
    embedder: LetterEmbedder | None = None,
    folder: Path | None = None,
    **options: object,
) -> FlowRetriever:
    views = FlowViews(Flows(flows), domain())
    retrieval = FlowRetrievalOptions(**{"num_flows": 2, **options})  # type: ignore[arg-type]
    vectors = FlowVectors(views, embedder, folder=folder) if embedder else None
    return FlowRetriever(views, retrieval, WordRanker(flows), vectors)


async def choose(found: FlowRetriever, text: str, at: Offers | None = None) -> list[str]:
    shown = await found.choose(text, at or offers(flows=FLOWS))
    return [view.flow_id for view in shown.flows]


async def test_the_nearest_flows_come_first_and_the_others_fill_up() -> None:
    assert await choose(retriever(), "some honey") == ["buy_honey", "buy_apples", "get_help"]


async def test_flows_under_way_are_shown_too() -> None:
    at = offers(flows=FLOWS, active="buy_figs")

    assert await choose(retriever(), "honey", at) == ["buy_honey", "buy_apples", "get_help", "buy_figs"]


async def test_a_flow_is_not_shown_while_its_guard_is_false() -> None:
    member = offers(flows=FLOWS, slots={"is_member": True})

    assert "see_lounge" not in await choose(retriever(num_flows=30), "the lounge")
    assert "see_lounge" in await choose(retriever(num_flows=30), "the lounge", member)
    assert "see_lounge" not in await choose(retriever(), "see lounge")
    assert (await choose(retriever(), "see lounge", member))[0] == "see_lounge"


async def test_every_flow_is_shown_where_they_are_few_or_retrieval_is_off() -> None:
    few, off = retriever(num_flows=10), retriever(active=False)

    assert few.shows_all
    assert off.shows_all
    assert not retriever().shows_all
    assert len(await choose(off, "honey")) == 9
    assert "part_of_others" not in await choose(off, "honey")


async def test_slots_of_called_flows_count_as_the_callers_own() -> None:
    flows = [flow("send", ask("payee"), call("part_of_others")), FLOWS[-1]]

    (view,) = (await retriever(flows).choose("x", offers(flows=flows))).flows

    assert [slot.name for slot in view.slots] == ["payee", "amount"]


async def test_earlier_turns_are_compared_if_the_author_wants_so() -> None:
    at = offers(flows=FLOWS, said=[("figs", "Which?"), ("honey", "How much?")])

    assert (await choose(retriever(turns_to_embed=1), "two", at))[0] == "buy_apples"
    assert (await choose(retriever(turns_to_embed=2), "two", at))[0] == "buy_honey"
    assert set((await choose(retriever(turns_to_embed=3), "two", at))[:2]) == {"buy_figs", "buy_honey"}


async def test_vectors_rank_where_there_is_an_embedder() -> None:
    embedder = LetterEmbedder()
    found = retriever(embedder=embedder)

    shown = await found.choose("I like honey", offers(flows=FLOWS))

    assert shown.ranked_by is Ranking.EMBEDDINGS
    assert shown.flows[0].flow_id == "buy_honey"
    assert [role for role, _ in embedder.calls] == ["passage", "query"]
    assert "buy honey\nBuy honey.\ncard" in embedder.calls[0][1]


async def test_flows_are_embedded_once() -> None:
    embedder = LetterEmbedder()
    found = retriever(embedder=embedder)

    await found.prepare()
    await choose(found, "honey")
    await choose(found, "figs")

    assert [role for role, _ in embedder.calls] == ["passage", "query", "query"]


async def test_vectors_are_kept_in_a_folder_until_a_description_changes(tmp_path: Path) -> None:
    first, second, third = LetterEmbedder(), LetterEmbedder(), LetterEmbedder()
    changed = [flow("buy_apples", description="Buy only red apples."), *FLOWS[1:]]

    await retriever(embedder=first, folder=tmp_path).prepare()
    await retriever(embedder=second, folder=tmp_path).prepare()
    await retriever(changed, third, tmp_path).prepare()

    assert len(first.calls[0][1]) == 10
    assert second.calls == []
    assert third.calls == [("passage", ["buy apples\nBuy only red apples."])]


def list_files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def test_a_damaged_file_of_vectors_is_made_anew(tmp_path: Path) -> None:
    await retriever(embedder=LetterEmbedder(), folder=tmp_path).prepare()
    (file,) = list_files(tmp_path)
    file.write_bytes(b"\x81\xa1x\xc4\x03abc")
    embedder = LetterEmbedder()

    await retriever(embedder=embedder, folder=tmp_path).prepare()

    assert len(embedder.calls[0][1]) == 10


async def test_words_rank_while_the_embedder_is_away(caplog: pytest.LogCaptureFixture) -> None:
    away = LanguageModelError("it is away", reason=ModelFailure.UNAVAILABLE, model="letters")
    embedder = LetterEmbedder(away)
    found = retriever(embedder=embedder)

    with caplog.at_level(logging.WARNING):
        shown = [await found.choose("honey", offers(flows=FLOWS)) for _ in range(3)]

    assert [one.ranked_by for one in shown] == [Ranking.WORDS] * 3
    assert shown[0].flows[0].flow_id == "buy_honey"
    assert len(embedder.calls) == 1, "it is not asked again on every message"
    assert caplog.text.count("retrieval.embeddings_failed") == 1


class SlowEmbedder(LetterEmbedder):
    """Embeds flows when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = asyncio.Event()

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        await self.may_go_on.wait()
        return await super().embed(texts, role)


async def test_no_message_waits_while_the_flows_are_embedded() -> None:
    embedder = SlowEmbedder()
    found = retriever(embedder=embedder)
    preparing = asyncio.create_task(found.prepare())
    await asyncio.sleep(0)

    meanwhile = await found.choose("honey", offers(flows=FLOWS))
    embedder.may_go_on.set()
    await preparing

    assert meanwhile.ranked_by is Ranking.WORDS
    assert (await found.choose("honey", offers(flows=FLOWS))).ranked_by is Ranking.EMBEDDINGS


async def test_the_local_matcher_ranks_flows_for_a_prompt() -> None:
    flows = Flows(FLOWS)
    views = FlowViews(flows, domain())
    matcher = build_matcher(flows, [], ["en"])
    found = FlowRetriever(views, FlowRetrievalOptions(num_flows=3), matcher)

    assert (await choose(found, "I want to buy cheese"))[0] == "buy_cheese"
