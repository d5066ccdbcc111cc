"""Which flow a message asks for, by its words alone."""

import pytest

from duologue.understanding.flow_matcher import FlowMatch, FlowMatcher, FlowText, FlowTranslation

SURE, POSSIBLE = 0.6, 0.35

BANK = (
    FlowText(
        flow_id="transfer_money",
        description="This flow lets users send money to friends and family.",
        slot_words=("recipient", "amount"),
    ),
    FlowText(
        flow_id="check_balance",
        name="check the balance",
        description="Shows how much money is in an account.",
    ),
    FlowText(
        flow_id="block_card",
        name="block a card",
        description="Blocks a lost or stolen card. Does not apply to ordering a cheque book.",
    ),
    FlowText(flow_id="list_payees", description="Show the list of payees."),
    FlowText(flow_id="add_payee", description="Add a new payee."),
    FlowText(
        flow_id="opening_hours",
        name="opening hours",
        description="Tells when a branch is open.",
        examples=("when do you open", "are you open on sundays", "what are your hours"),
    ),
)
GERMAN_BANK = (
    FlowText(flow_id="transfer", name="Geld überweisen", description="Überweist Geld an einen Empfänger"),
    FlowText(flow_id="balance", name="Kontostand abfragen", description="Zeigt den Kontostand eines Kontos"),
    FlowText(
        flow_id="block", name="Karte sperren", description="Sperrt eine verlorene oder gestohlene Karte"
    ),
    FlowText(flow_id="stop_order", name="Dauerauftrag kündigen", description="Kündigt einen Dauerauftrag"),
)


def _best(
    text: str, flows: tuple[FlowText, ...] = BANK, *, languages: tuple[str, ...] = ("en",)
) -> FlowMatch | None:
    ranked = FlowMatcher.build(flows, languages=languages).rank(text)
    return ranked[0] if ranked else None


@pytest.mark.parametrize(
    ("text", "flow_id"),
    [
        ("I want to transfer money", "transfer_money"),
        ("send 20 euros to Bob", "transfer_money"),
        ("could you wire some cash to my brother", "transfer_money"),
        ("what's my balance?", "check_balance"),
        ("freeze my card please", "block_card"),
        ("I misplaced my card", "block_card"),
        ("who are my payees", "list_payees"),
        ("I'd like to add Brad as a payee", "add_payee"),
        ("are you open on monday", "opening_hours"),
        ("Hi there! I was out all day, and now my card is gone. Can you block it?", "block_card"),
        ("I want to tranfser money", "transfer_money"),
    ],
)
def test_a_wish_finds_its_flow(text: str, flow_id: str) -> None:
    best = _best(text)
    assert best is not None
    assert best.flow_id == flow_id
    assert best.score >= POSSIBLE


@pytest.mark.parametrize(
    "text", ["transfer money", "check the balance", "block a card", "when do you open", "add a payee"]
)
def test_a_flow_called_by_its_own_words_is_sure(text: str) -> None:
    best = _best(text)
    assert best is not None
    assert best.score >= SURE
    assert best.margin > 0.2


@pytest.mark.parametrize(
    "text",
    [
        "order a pizza",
        "how is the weather",
        "can we discuss politics",
        "Sonia Smith",
        "hello",
        "thanks",
        "",
        "who won the game",
    ],
)
def test_what_no_flow_does_scores_low(text: str) -> None:
    best = _best(text)
    assert best is None or best.score < POSSIBLE


def test_exclusions_in_a_description_do_not_speak_for_the_flow() -> None:
    best = _best("order a cheque book")
    assert best is None or best.score < POSSIBLE


def test_two_near_flows_show_a_small_margin() -> None:
    first, second = FlowMatcher.build(BANK).rank("payee")[:2]
    assert {first.flow_id, second.flow_id} == {"list_payees", "add_payee"}
    assert 0 <= first.margin < 0.1
    assert second.margin <= 0


def test_a_match_shows_its_evidence() -> None:
    best = _best("are you open on sundays in Springfield")
    assert best is not None
    assert "open" in best.words
    assert best.example == "are you open on sundays"
    assert best.unknown == ("springfield",)


@pytest.mark.parametrize(
    ("text", "flow_id"),
    [
        ("ich möchte 50 Euro an Anna überweisen", "transfer"),
        ("wie ist mein Kontostand", "balance"),
        ("wieviel Geld ist auf meinem Konto", "balance"),
        ("meine Karte wurde gestohlen", "block"),
        ("bitte die Kreditkarte sperren", "block"),
        ("meinen Dauerauftrag stornieren", "stop_order"),
    ],
)
def test_german_inflection_and_compounds_are_understood(text: str, flow_id: str) -> None:
    best = _best(text, GERMAN_BANK, languages=("de",))
    assert best is not None
    assert best.flow_id == flow_id
    assert best.score >= POSSIBLE


def test_a_translated_flow_answers_in_both_languages() -> None:
    flows = (
        FlowText(
            flow_id="transfer",
            name="transfer money",
            translations=(FlowTranslation(language="de", name="Geld überweisen"),),
        ),
        FlowText(
            flow_id="hours",
            name="opening hours",
            translations=(FlowTranslation(language="de", name="Öffnungszeiten"),),
        ),
    )
    matcher = FlowMatcher.build(flows, languages=("en", "de"))
    assert matcher.rank("transfer money")[0].flow_id == "transfer"
    assert matcher.rank("bitte Geld überweisen")[0].flow_id == "transfer"
    assert matcher.rank("wie sind die Öffnungszeiten")[0].flow_id == "hours"


def test_the_order_of_flows_does_not_change_scores() -> None:
    forward = FlowMatcher.build(BANK).rank("send money to a payee")
    backward = FlowMatcher.build(tuple(reversed(BANK))).rank("send money to a payee")
    assert {match.flow_id: match.score for match in forward} == {
        match.flow_id: match.score for match in backward
    }


def test_no_flows_match_nothing() -> None:
    assert FlowMatcher.build(()).rank("transfer money") == []
