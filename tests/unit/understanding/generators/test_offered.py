"""Of what a model proposes only what is on offer is kept, in the project's own spelling."""

import pytest

from duologue.core.commands import (
    CancelFlow,
    ChitChat,
    Clarify,
    Command,
    Restart,
    SetSlot,
    SkipQuestion,
    StartFlow,
)
from duologue.flows.offers import Offers
from duologue.understanding.generators.offered import keep_offered
from tests.unit.understanding.generators.bank import offers


def kept(command: Command, at: Offers, *beside: Command) -> list[Command]:
    found = keep_offered((*beside, command), at)
    assert len(found.commands) + found.dropped == 1 + len(beside)
    return list(found.commands)


@pytest.mark.parametrize(
    "command",
    [
        StartFlow(flow="invent_money"),
        StartFlow(flow="pattern_restart"),
        StartFlow(flow="confirm"),
        StartFlow(flow="book_lounge"),
        SetSlot(name="amount", value="50"),
        SetSlot(name="no_such_slot", value="50"),
        CancelFlow(),
        SkipQuestion(),
        Restart(),
        Clarify(options=("invent_money", "confirm")),
    ],
)
def test_what_is_not_on_offer_is_dropped(command: Command) -> None:
    assert kept(command, offers()) == []


def test_names_are_taken_whatever_the_case_of_their_letters() -> None:
    start, amount = StartFlow(flow="Transfer_Money"), SetSlot(name="AMOUNT", value="50")

    assert kept(amount, offers(), start) == [
        StartFlow(flow="transfer_money"),
        SetSlot(name="amount", value=50.0),
    ]


def test_a_flow_whose_guard_is_true_may_start() -> None:
    assert kept(StartFlow(flow="book_lounge"), offers(slots={"is_member": True})) == [
        StartFlow(flow="book_lounge")
    ]


def test_slots_of_the_active_flow_and_of_flows_it_calls_may_be_filled() -> None:
    at = offers(active="transfer_money", asked="payee")

    assert kept(SetSlot(name="currency", value="usd"), at) == [SetSlot(name="currency", value="USD")]
    assert kept(SetSlot(name="card", value="1"), at) == []
    assert kept(SetSlot(name="risk", value="high"), at) == []


def test_a_value_that_does_not_fit_is_kept_for_the_open_question_alone() -> None:
    at = offers(active="transfer_money", asked="amount")

    assert kept(SetSlot(name="amount", value="plenty"), at) == [SetSlot(name="amount", value="plenty")]
    assert kept(SetSlot(name="currency", value="plenty"), at) == []


def test_none_is_a_value_where_the_slot_lists_it() -> None:
    at = offers(active="transfer_money", asked="currency")

    assert kept(SetSlot(name="currency", value=None), at) == [SetSlot(name="currency", value="none")]
    assert kept(SetSlot(name="amount", value=None), at) == [SetSlot(name="amount", value=None)]


def test_only_flows_that_may_start_are_clarified() -> None:
    options = ("check_balance", "confirm", "CHECK_BALANCE", "transfer_money")

    assert kept(Clarify(options=options), offers()) == [Clarify(options=("check_balance", "transfer_money"))]
    assert kept(Clarify(), offers()) == [Clarify()]


def test_small_talk_is_always_on_offer() -> None:
    assert kept(ChitChat(), offers()) == [ChitChat()]
