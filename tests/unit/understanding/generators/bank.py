"""A small bank for the tests of command generators."""

from collections.abc import Sequence

import msgspec

from duologue.core.domain import Domain
from duologue.core.ids import ConversationId
from duologue.core.slots import Slot
from duologue.core.stack import FlowFrame, PatternFrame
from duologue.core.state import Line, State
from duologue.core.values import SlotValue
from duologue.flows.flow import Flow, Flows
from duologue.flows.offers import Offers
from tests.flow_writing import ask, call, choice, controlled, flag, flow, number, slot

SLOTS: tuple[Slot, ...] = (
    slot("payee"),
    number("amount"),
    choice("currency", "EUR", "USD", "none"),
    flag("is_sure"),
    flag("is_member", initial_value=False),
    slot("card"),
    controlled("risk"),
)
TRANSFER = flow(
    "transfer_money",
    ask("payee", description="name of a person"),
    ask("amount"),
    call("confirm"),
    description="Send money\n to somebody.",
)
CONFIRM = flow("confirm", ask("currency"), ask("is_sure", ask_before_filling=True), guard=False)
BALANCE = flow("check_balance", ask("card"), description="Tell the balance.")
LOUNGE = flow("book_lounge", description="Book an airport lounge.", guard="slots.is_member")
FLOWS: tuple[Flow, ...] = (TRANSFER, CONFIRM, BALANCE, LOUNGE)


class Match(msgspec.Struct, frozen=True):
    flow_id: str


class WordRanker:
    """Ranks flows by the words of their ids."""

    def __init__(self, flows: Sequence[Flow] = FLOWS) -> None:
        self._flows = flows

    def rank(self, text: str, *, limit: int) -> list[Match]:
        said = set(text.casefold().split())
        scores = [(-len(said & set(flow.id.split("_"))), flow.id) for flow in self._flows]
        return [Match(flow_id) for score, flow_id in sorted(scores) if score < 0][:limit]


def domain(*more: Slot) -> Domain:
    return Domain(slots={one.name: one for one in (*SLOTS, *more)})


def offers(
    *,
    active: str | None = None,
    asked: str | None = None,
    said: Sequence[tuple[str, str]] = (),
    flows: Sequence[Flow] = FLOWS,
    slots: dict[str, SlotValue] | None = None,
) -> Offers:
    """What is on offer; `said` holds pairs of a message and its reply."""
    stack: list[FlowFrame | PatternFrame] = []
    if active:
        stack.append(FlowFrame(flow_id=active, step_id="0"))
    if asked:
        stack.append(PatternFrame(flow_id="pattern_collect_information", context={"collect": asked}))
    lines = [line for text, reply in said for line in (Line(True, text), Line(False, reply))]
    state = State(
        conversation_id=ConversationId("c"), stack=tuple(stack), slots=slots or {}, transcript=tuple(lines)
    )
    return Offers(state, Flows(flows), domain())
