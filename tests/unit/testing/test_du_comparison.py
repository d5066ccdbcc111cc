"""Commands are compared by what they mean to the flows, in any order."""

from collections.abc import Sequence
from typing import Any

import pytest

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.domain import Domain
from duologue.core.ids import ConversationId, FrameId
from duologue.core.slots import Slot, SlotType
from duologue.core.stack import FlowFrame, PatternFrame
from duologue.core.state import State
from duologue.flows.flow import Flow, Flows
from duologue.flows.offers import Offers
from duologue.flows.patterns import STOCK_FLOWS
from duologue.flows.steps import CollectStep
from duologue.testing.du.comparison import accept, compare, format_command_line, settle

SLOTS = {
    "amount": Slot(name="amount", type=SlotType.FLOAT),
    "account": Slot(name="account", type=SlotType.CATEGORICAL, values=("Current", "Savings")),
    "agreed": Slot(name="agreed", type=SlotType.BOOL),
    "note": Slot(name="note", type=SlotType.ANY),
}
PAY = Flow(
    id="pay",
    name="pay",
    description="Pay.",
    steps=tuple(CollectStep(id=name, slot=name) for name in SLOTS),
)
SHOW = Flow(id="show", name="show", description="Show.", steps=())
HIDDEN = Flow(id="hidden", name="hidden", description="Never.", guard=False, steps=())


def offer(*, slots: dict[str, Any] | None = None, is_paying: bool = False) -> Offers:
    """What may happen with nothing under way, or while an amount is asked for."""
    stack = (
        FlowFrame(frame_id=FrameId("1"), flow_id="pay", step_id="amount"),
        PatternFrame(
            frame_id=FrameId("2"),
            flow_id="pattern_collect_information",
            step_id="START",
            context={"collect": "amount"},
        ),
    )
    state = State(conversation_id=ConversationId("c"), stack=stack if is_paying else (), slots=slots or {})
    return Offers(state, Flows([PAY, SHOW, HIDDEN, *STOCK_FLOWS]), Domain(slots=SLOTS))


START = cmd.StartFlow(flow="pay")


def is_right(wanted: Sequence[Command], understood: Sequence[Command], offers: Offers | None = None) -> bool:
    offers = offers or offer()
    return compare(settle(wanted, offers)[0], accept(understood, offers)).is_right


def test_the_order_of_commands_does_not_matter() -> None:
    one, other = cmd.SetSlot(name="amount", value=5), cmd.SetSlot(name="agreed", value=True)
    assert is_right([START, one, other], [other, START, one])


@pytest.mark.parametrize(
    ("slot", "wanted", "understood"),
    [
        ("amount", "50", 50.0),
        ("amount", 50, "50.0"),
        ("account", "savings", "SAVINGS"),
        ("agreed", True, "yes"),
        ("note", "7", 7.0),
        ("note", " hi", "hi"),
    ],
)
def test_values_are_compared_in_the_type_of_their_slot(slot: str, wanted: Any, understood: Any) -> None:
    assert is_right(
        [START, cmd.SetSlot(name=slot, value=wanted)], [START, cmd.SetSlot(name=slot, value=understood)]
    )


@pytest.mark.parametrize(
    ("wanted", "understood"),
    [
        ([START], [cmd.StartFlow(flow="show")]),
        ([START], [START, cmd.SetSlot(name="amount", value=5)]),
        ([START, cmd.SetSlot(name="amount", value=5)], [START]),
        ([START, cmd.SetSlot(name="amount", value=5)], [START, cmd.SetSlot(name="amount", value=6)]),
        ([START, cmd.SetSlot(name="note", value=1)], [START, cmd.SetSlot(name="note", value=True)]),
        ([cmd.ChitChat()], [cmd.KnowledgeAnswer()]),
    ],
)
def test_what_is_missed_or_not_meant_is_wrong(wanted: list[Command], understood: list[Command]) -> None:
    assert not is_right(wanted, understood)


def test_what_was_expected_understood_and_missed_is_told_apart() -> None:
    amount, other = cmd.SetSlot(name="amount", value=5), cmd.SetSlot(name="amount", value=6)
    compared = compare([START, amount], [other, START])
    assert (compared.right, compared.missed, compared.unexpected) == ((START,), (amount,), (other,))


def test_an_empty_clarification_matches_any_options() -> None:
    understood = cmd.Clarify(options=("pay", "show"))
    assert compare([cmd.Clarify()], [understood]).is_right
    assert compare([cmd.Clarify(options=("show", "pay"))], [understood]).is_right
    assert not compare([cmd.Clarify(options=("show",))], [understood]).is_right


def test_a_correction_counts_as_the_slot_that_it_sets() -> None:
    offers = offer(slots={"amount": 5.0, "agreed": True}, is_paying=True)
    change = cmd.SetSlot(name="agreed", value=False)
    assert accept([change], offers) == (change,)


def test_what_the_flows_do_not_accept_does_not_count_against_the_understander() -> None:
    assert is_right([START], [START, cmd.SetSlot(name="nowhere", value=1), cmd.StartFlow(flow="hidden")])


def test_what_is_so_already_need_not_be_understood_again() -> None:
    offers = offer(slots={"agreed": True}, is_paying=True)
    wanted = [cmd.SetSlot(name="agreed", value=True), cmd.SetSlot(name="amount", value=5)]
    assert is_right(wanted, [cmd.SetSlot(name="amount", value=5)], offers)


@pytest.mark.parametrize(
    "command",
    [
        cmd.StartFlow(flow="hidden"),
        cmd.SetSlot(name="amount", value=5),
        cmd.SetSlot(name="nowhere", value=5),
        cmd.CancelFlow(),
        cmd.SkipQuestion(),
    ],
)
def test_an_expected_command_that_is_not_on_offer_stays_expected_and_is_named(command: Command) -> None:
    assert settle([command], offer()) == ((command,), (command,))
    assert not is_right([command], [command])


def test_nothing_at_all_may_be_expected() -> None:
    assert not is_right([], [cmd.CannotHandle()])
    assert is_right([], [])


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (START, "start flow pay"),
        (cmd.SetSlot(name="amount", value=50.0), "set slot amount 50"),
        (cmd.SetSlot(name="agreed", value=True), "set slot agreed true"),
        (cmd.SetSlot(name="note", value="a b"), "set slot note a b"),
        (cmd.SetSlot(name="note", value=None), "set slot note null"),
        (cmd.Clarify(options=("pay", "show")), "disambiguate flows pay show"),
        (cmd.SkipQuestion(), "skip question"),
        (cmd.RepeatBotMessages(), "repeat message"),
    ],
)
def test_commands_are_shown_as_a_test_writes_them(command: Command, line: str) -> None:
    assert format_command_line(command) == line
