"""Flows are found by what a message means, whatever its words."""

from collections.abc import Sequence

import pytest

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.embedder import TextRole, Vector
from duologue.understanding.flow_matcher import FlowMatcher, FlowText

SURE, POSSIBLE = 0.6, 0.35

SHOP = (
    FlowText(
        flow_id="report_card_problem",
        name="report a card problem",
        description="The customer's bank card is lost, stolen, damaged or was kept by a cash machine.",
    ),
    FlowText(flow_id="order_pizza", name="order a pizza", description="Take an order for delivery."),
    FlowText(
        flow_id="opening_hours",
        name="tell the opening hours",
        description="Says when the restaurant is open.",
    ),
    FlowText(
        flow_id="reserve_table",
        name="reserve a table",
        description="Book a table for a number of guests.",
        details=("number of guests", "seating area. inside or on the terrace"),
    ),
    FlowText(flow_id="send_money", name="transfer money", description="Pay somebody from the account."),
)


@pytest.mark.parametrize(
    ("text", "flow_id"),
    [
        ("a thief took my visa", "report_card_problem"),
        ("I'm hungry, bring me something with cheese", "order_pizza"),
        ("until what hour are you there tonight", "opening_hours"),
        ("dinner for six people on friday", "reserve_table"),
        ("wire 50 dollars to my landlord", "send_money"),
    ],
)
def test_a_wish_in_other_words_finds_its_flow(text: str, flow_id: str) -> None:
    assert FlowMatcher.build(SHOP).rank(text)[0].flow_id == flow_id


@pytest.mark.parametrize(
    "text",
    [
        "who was the first man on the moon",
        "my cat has fleas",
        "tell me a joke",
        "thanks a lot",
        "Berlin",
        "42",
    ],
)
def test_what_no_flow_serves_starts_none(text: str) -> None:
    ranked = FlowMatcher.build(SHOP).rank(text)
    assert not ranked or ranked[0].score < SURE


def test_meaning_is_shown_beside_the_words() -> None:
    best = FlowMatcher.build(SHOP).rank("wire some cash")[0]
    assert best.flow_id == "send_money"
    assert 0.1 < best.meaning <= 1.0


def test_a_bare_topic_is_shared_by_the_flows_that_are_named_with_it() -> None:
    flows = (
        FlowText(flow_id="cancel_order", name="cancel an order"),
        FlowText(flow_id="track_order", name="track an order"),
        FlowText(flow_id="opening_hours", name="opening hours"),
    )
    first, second, *_ = FlowMatcher.build(flows).rank("my orders")
    assert {first.flow_id, second.flow_id} == {"cancel_order", "track_order"}
    assert first.score == second.score
    assert POSSIBLE <= first.score < SURE


class KeywordEmbedder:
    """Points a text to one of two directions by a keyword; may be told to fail."""

    name = "keywords"

    def __init__(self) -> None:
        self.asked: list[tuple[str, TextRole]] = []
        self.fails = False

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        self.asked.extend((text, role) for text in texts)
        if self.fails:
            raise LanguageModelError("away", reason=ModelFailure.UNAVAILABLE, model=self.name)
        return [[1.0, 0.0] if "pizza" in text or "margherita" in text else [0.0, 1.0] for text in texts]

    async def close(self) -> None:
        self.asked.clear()


async def test_a_prepared_message_is_compared_with_the_embedders_vectors() -> None:
    matcher, embedder = FlowMatcher.build(SHOP), KeywordEmbedder()
    await matcher.learn(embedder)
    await matcher.prepare("one margherita")
    assert embedder.asked[-1] == ("one margherita", "query")
    best = matcher.rank("one margherita")[0]
    assert best.flow_id == "order_pizza"
    assert best.meaning == 1.0


async def test_a_message_is_embedded_once_however_often_it_is_prepared() -> None:
    matcher, embedder = FlowMatcher.build(SHOP), KeywordEmbedder()
    await matcher.learn(embedder)
    asked = len(embedder.asked)
    await matcher.prepare("one margherita")
    await matcher.prepare("one margherita")
    assert len(embedder.asked) == asked + 1


async def test_when_the_embedder_fails_the_light_vectors_answer() -> None:
    matcher, embedder = FlowMatcher.build(SHOP), KeywordEmbedder()
    expected = matcher.rank("wire 50 dollars to my landlord")
    await matcher.learn(embedder)
    embedder.fails = True
    await matcher.prepare("wire 50 dollars to my landlord")
    assert matcher.rank("wire 50 dollars to my landlord") == expected


async def test_without_an_embedder_preparing_does_nothing() -> None:
    matcher = FlowMatcher.build(SHOP)
    before = matcher.rank("order a pizza")
    await matcher.prepare("order a pizza")
    assert matcher.rank("order a pizza") == before
