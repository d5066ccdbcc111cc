"""A router decides once whether a session belongs to the flows or to the classic part of an assistant."""

import logging

import pytest

from duologue.core import commands as cmd
from duologue.core.commands import Command, SetSlot, StartFlow
from duologue.core.messages import UserMessage
from duologue.core.nlu_options import FallbackOptions
from duologue.core.router_options import CalmEntryIntents, IntentRouterOptions, NluEntryIntents
from duologue.core.understanding import Evidence, Understanding
from duologue.flows.offers import Offers
from duologue.understanding.answer_rung import PayloadRung
from duologue.understanding.intent_router import IntentBasedRouter
from duologue.understanding.ladder import Ladder
from duologue.understanding.routing import NO_CLASSIC_PART, Decision, Route, RoutingRung
from tests.flow_writing import flag
from tests.unit.understanding.trained_bank import ToldParser, idle, said

ROUTING_SLOT = flag("route_session_to_calm")
TO_FLOWS = SetSlot(name="route_session_to_calm", value=True, extractor="ROUTER")
TO_CLASSIC = SetSlot(name="route_session_to_calm", value=False, extractor="ROUTER")
NOT_SUPPORTED = cmd.CannotHandle(reason="cannot_handle_not_supported")


class Side:
    """One part of an assistant, which understands everything as the same command."""

    def __init__(self, name: str, command: Command) -> None:
        self.name = name
        self._command = command

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        return Understanding(commands=(self._command,), evidence=(Evidence(rung=self.name),))

    def warm_up(self) -> None:
        pass


class Told:
    """A router that decides as a test tells it to."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self.asked = 0

    async def route(self, message: UserMessage, offers: Offers) -> Decision:
        self.asked += 1
        return Decision(route=self._route, reason="told")

    def warm_up(self) -> None:
        pass


FLOWS_SIDE, CLASSIC_SIDE = Side("flows", StartFlow(flow="pay")), Side("stories", cmd.Noop())


async def route(
    route: Route, *, has_classic: bool = True, belongs_to_flows: bool | None = None, text: str = "words"
) -> Understanding:
    rung = RoutingRung(
        Told(route), Ladder([PayloadRung(), FLOWS_SIDE]), CLASSIC_SIDE if has_classic else None
    )
    understanding = await rung.understand(
        said(text), idle(ROUTING_SLOT, slots={"route_session_to_calm": belongs_to_flows})
    )
    assert understanding is not None
    return understanding


@pytest.mark.parametrize(
    ("chosen", "commands"),
    [
        (Route.FLOWS, (TO_FLOWS, StartFlow(flow="pay"))),
        (Route.CLASSIC, (TO_CLASSIC, cmd.Noop())),
        (Route.CLASSIC_ONCE, (cmd.Noop(),)),
        (Route.UNKNOWN, (cmd.Noop(),)),
    ],
)
async def test_a_decision_is_followed_and_kept_if_it_is_sticky(
    chosen: Route, commands: tuple[Command, ...]
) -> None:
    understanding = await route(chosen)

    assert understanding.commands == commands
    assert understanding.evidence[-1].rung == "router"
    assert understanding.evidence[-1].details == {"route": chosen.value}


@pytest.mark.parametrize("chosen", [Route.CLASSIC, Route.CLASSIC_ONCE])
async def test_without_a_classic_part_the_assistant_says_so_and_is_not_stuck(chosen: Route) -> None:
    understanding = await route(chosen, has_classic=False)

    assert understanding.commands == (NOT_SUPPORTED,)
    assert understanding.evidence[0].reason == NO_CLASSIC_PART


async def test_without_a_classic_part_what_nobody_can_tell_is_for_the_flows_this_once() -> None:
    assert (await route(Route.UNKNOWN, has_classic=False)).commands == (StartFlow(flow="pay"),)


@pytest.mark.parametrize(
    ("belongs_to_flows", "commands"), [(True, (StartFlow(flow="pay"),)), (False, (cmd.Noop(),))]
)
async def test_a_session_stays_where_it_belongs_and_the_router_is_not_asked(
    belongs_to_flows: bool, commands: tuple[Command, ...]
) -> None:
    router = Told(Route.CLASSIC if belongs_to_flows else Route.FLOWS)
    rung = RoutingRung(router, Ladder([FLOWS_SIDE]), CLASSIC_SIDE)
    offers = idle(ROUTING_SLOT, slots={"route_session_to_calm": belongs_to_flows})

    understanding = await rung.understand(said("words"), offers)

    assert understanding is not None
    assert understanding.commands == commands
    assert router.asked == 0


async def test_a_payload_that_starts_a_flow_decides_for_the_session() -> None:
    understanding = await route(Route.CLASSIC, text="/pay")

    assert understanding.commands == (TO_FLOWS, StartFlow(flow="pay", is_explicit=True))


async def test_other_payloads_decide_nothing() -> None:
    assert (await route(Route.CLASSIC, text="/session_start")).commands == (cmd.SessionStart(),)


async def test_a_decision_is_not_kept_if_the_project_has_no_slot_for_it() -> None:
    understanding = await RoutingRung(Told(Route.FLOWS), Ladder([FLOWS_SIDE])).understand(
        said("words"), idle()
    )

    assert understanding is not None
    assert understanding.commands == (StartFlow(flow="pay"),)


async def test_a_router_that_breaks_costs_no_message(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Told):
        async def route(self, message: UserMessage, offers: Offers) -> Decision:
            raise RuntimeError("cannot decide")

    with caplog.at_level(logging.ERROR):
        understanding = await RoutingRung(Broken(Route.CLASSIC), Ladder([FLOWS_SIDE])).understand(
            said("words"), idle(ROUTING_SLOT)
        )

    assert understanding is not None
    assert understanding.commands == (StartFlow(flow="pay"),)
    assert "understanding.rung_failed" in caplog.text


# ------------------------------------------------------------------------------------ IntentBasedRouter

OPTIONS = IntentRouterOptions(
    nlu_entry=NluEntryIntents(sticky=("close",), non_sticky=("greet",)),
    calm_entry=CalmEntryIntents(sticky=("pay",)),
)


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        ("pay", Route.FLOWS),
        ("close", Route.CLASSIC),
        ("greet", Route.CLASSIC_ONCE),
        ("book_flight", Route.FLOWS),
        ("complain", Route.CLASSIC),
    ],
)
async def test_the_lists_decide_and_for_an_intent_in_none_of_them_its_use(
    intent: str, expected: Route
) -> None:
    router = IntentBasedRouter(ToldParser(**{intent: 0.9}), OPTIONS)

    decision = await router.route(said("words"), idle())

    assert decision.route is expected
    assert decision.intent is not None
    assert decision.intent.name == intent


@pytest.mark.parametrize("fallback", [None, FallbackOptions(threshold=0.7)])
async def test_a_doubtful_intent_decides_nothing(fallback: FallbackOptions | None) -> None:
    decision = await IntentBasedRouter(ToldParser(pay=0.4), OPTIONS, fallback).route(said("words"), idle())

    assert decision.route is Route.UNKNOWN


async def test_the_fallback_intent_can_be_listed() -> None:
    options = IntentRouterOptions(nlu_entry=NluEntryIntents(non_sticky=("nlu_fallback",)))
    router = IntentBasedRouter(ToldParser(pay=0.4), options, FallbackOptions(threshold=0.7))

    assert (await router.route(said("words"), idle())).route is Route.CLASSIC_ONCE
