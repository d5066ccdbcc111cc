"""Flows and stories in one assistant without a router: who answers a message."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.understanding import Evidence, Understanding
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.understanding.classic_rung import ClassicRung, FlowsFirstRung
from duologue.understanding.ladder import Ladder
from tests.flow_writing import flow
from tests.unit.understanding.trained_bank import FLOWS, ToldParser, idle, said

PAY, NOTHING = cmd.StartFlow(flow="pay"), cmd.CannotHandle()
EMPTY = flow("empty")


class FlowsSide:
    """The flows' part of an assistant, which understands everything as the same command."""

    name = "local"

    def __init__(self, command: Command, confidence: float) -> None:
        self._told = Understanding(
            commands=(command,), evidence=(Evidence(rung=self.name, confidence=confidence),)
        )

    async def understand(self, message: object, offers: object) -> Understanding:
        return self._told

    def warm_up(self) -> None:
        pass


async def understand(
    by_flows: Command, confidence: float, intents: Mapping[str, float], *, offers: Offers | None = None
) -> Understanding:
    rung = FlowsFirstRung(Ladder([FlowsSide(by_flows, confidence)]), ClassicRung(ToldParser(**intents)))
    here = offers or Offers(idle().state, Flows([*FLOWS, EMPTY]), idle().domain)
    return await rung.understand(said("words"), here)


async def test_the_flows_answer_what_they_understand() -> None:
    understanding = await understand(PAY, 0.9, {"greet": 0.99})
    assert (understanding.commands, understanding.is_for_policies) == ((PAY,), False)


@pytest.mark.parametrize(
    ("by_flows", "confidence"),
    [(NOTHING, 0.0), (cmd.ChitChat(), 0.95), (PAY, 0.3), (cmd.StartFlow(flow="empty"), 0.9)],
    ids=["nothing", "small talk", "a guess", "a flow that does nothing"],
)
async def test_the_policies_answer_what_the_flows_do_not_really_understand(
    by_flows: Command, confidence: float
) -> None:
    understanding = await understand(by_flows, confidence, {"greet": 0.9})
    assert understanding.is_for_policies
    assert understanding.intent is not None
    assert understanding.intent.name == "greet"


@pytest.mark.parametrize(
    ("by_flows", "confidence", "intents"),
    [
        (PAY, 0.3, {"greet": 0.5}),
        (cmd.ChitChat(), 0.95, {"nlu_fallback": 0.8, "greet": 0.2}),
        (NOTHING, 0.0, {"nlu_fallback": 0.8}),
    ],
    ids=["both guess", "the pipeline is in doubt", "nobody understands"],
)
async def test_the_flows_answer_what_the_policies_do_not_understand_either(
    by_flows: Command, confidence: float, intents: dict[str, float]
) -> None:
    understanding = await understand(by_flows, confidence, intents)
    assert (understanding.commands, understanding.is_for_policies) == ((by_flows,), False)


async def test_a_form_that_is_under_way_gets_its_answers() -> None:
    state = replace(idle().state, active_loop="ticket_form")
    offers = Offers(state, Flows(FLOWS), idle().domain)
    understanding = await understand(PAY, 0.9, {"inform": 0.5}, offers=offers)
    assert understanding.is_for_policies
