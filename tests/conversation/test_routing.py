"""A conversation is routed once, to the flows or to the classic part, and stays there until it is let go."""

from collections.abc import Sequence

from duologue.core.commands import CannotHandle, Command, SetSlot, StartFlow
from duologue.core.events import SlotWasSet
from duologue.core.router_options import CalmEntryTexts, ModelRouterOptions
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import ScriptedUnderstander
from duologue.testing.scripted_model import ScriptedLanguageModel
from duologue.understanding.answer_rung import PayloadRung
from duologue.understanding.ladder import Ladder
from duologue.understanding.model_router import LLMBasedRouter
from duologue.understanding.routing import RoutingRung
from tests.flow_writing import act, ask, flag, flow, number

TRANSFER = flow("transfer", ask("amount"), act("utter_sent"), run_pattern_completed=False)
LEAVE = flow("leave", act("action_reset_routing"), act("utter_left"), run_pattern_completed=False)
OPTIONS = ModelRouterOptions(calm_entry=CalmEntryTexts(sticky="sends money"))


class ScriptedRung(ScriptedUnderstander):
    """The rung of the flows, which understands as a test tells it to."""

    name = "scripted"

    def warm_up(self) -> None:
        pass


class Routed:
    """A conversation whose router asks a scripted model, and whose flows understand by a script."""

    def __init__(self, letters: str, *understood: Command | Sequence[Command]) -> None:
        self.model = ScriptedLanguageModel(*letters)
        self.flows_side = ScriptedRung(*understood)
        router = LLMBasedRouter(self.model, OPTIONS)
        rung = RoutingRung(router, Ladder([PayloadRung(), self.flows_side]))
        self.talk = Conversation.with_flows(
            TRANSFER,
            LEAVE,
            slots=[number("amount"), flag("route_session_to_calm")],
            understander=Ladder([rung]),
        )

    @property
    def route(self) -> object:
        return self.talk.slots["route_session_to_calm"]

    async def __aenter__(self) -> Conversation:
        return await self.talk.__aenter__()

    async def __aexit__(self, *exception: object) -> None:
        if exception[0] is None:
            self.model.assert_complete()
            self.flows_side.assert_complete()


async def test_a_session_that_is_routed_to_the_flows_stays_there() -> None:
    routed = Routed("A", StartFlow(flow="transfer"), SetSlot(name="amount", value=5))
    async with routed as talk:
        assert await talk.sends("send money") == ["utter_ask_amount"]
        assert routed.route is True
        assert [event.filled_by for event in talk.find_events(SlotWasSet)] == ["ROUTER"]
        assert await talk.sends("5") == ["utter_sent"]


async def test_what_the_flows_do_not_understand_is_said_so_although_the_session_was_routed() -> None:
    routed = Routed("A", CannotHandle())
    async with routed as talk:
        assert await talk.sends("hm") == ["utter_ask_rephrase"]
        assert routed.route is True


async def test_nobody_is_shut_out_of_the_flows_by_a_classic_part_that_is_not_there() -> None:
    routed = Routed("CA", StartFlow(flow="transfer"))
    async with routed as talk:
        assert await talk.sends("tell me a story") == ["utter_cannot_handle"]
        assert routed.route is None
        assert await talk.sends("send money") == ["utter_ask_amount"]


async def test_a_flow_lets_the_session_go() -> None:
    routed = Routed("AA", StartFlow(flow="leave"), StartFlow(flow="transfer"))
    async with routed as talk:
        assert await talk.sends("leave") == ["utter_left"]
        assert routed.route is None
        assert await talk.sends("send money") == ["utter_ask_amount"]
        assert routed.route is True


async def test_a_payload_needs_no_router() -> None:
    routed = Routed("")
    async with routed as talk:
        assert await talk.sends("/transfer") == ["utter_ask_amount"]
        assert routed.route is True


async def test_only_the_router_sets_its_slot() -> None:
    words = SetSlot(name="route_session_to_calm", value=False)
    other = SetSlot(name="amount", value=5, extractor="ROUTER")
    routed = Routed("A", (words, other))
    async with routed as talk:
        assert await talk.sends("route me elsewhere") == ["utter_ask_rephrase"]
        assert routed.route is True
        assert talk.slots["amount"] is None
