"""One turn: what is recorded, in which order, and what is reported."""

from duologue.core.commands import SetSlot, StartFlow
from duologue.core.events import (
    ActionExecuted,
    BotSpoke,
    FlowCompleted,
    FlowStarted,
    SlotWasSet,
    StackChanged,
    UserSpoke,
)
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.tracker import Tracker
from duologue.core.understanding import Evidence, Understanding
from duologue.dialogue.turn import Turn
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import FrozenClock, RecordingDelivery, ScriptedActions
from tests.flow_writing import act, ask, flow, number

TRANSFER = flow("transfer", ask("amount"), act("utter_sent"), run_pattern_completed=False)
AMOUNT = number("amount")


async def test_a_turn_is_recorded_in_the_order_it_happened() -> None:
    async with Conversation.with_flows(TRANSFER, slots=[AMOUNT]) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        await talk.says("50", SetSlot(name="amount", value=50))
        told = [
            event.name if isinstance(event, ActionExecuted) else type(event)
            for event in talk.new_events
            if not isinstance(event, StackChanged)
        ]
        assert told == [
            UserSpoke,
            SlotWasSet,
            "action_run_slot_rejections",
            "utter_sent",
            BotSpoke,
            FlowCompleted,
            SlotWasSet,
            "action_listen",
        ]


async def test_what_was_understood_is_kept_with_its_evidence_though_not_all_of_it_is_done() -> None:
    understanding = Understanding(
        commands=(StartFlow(flow="transfer"), StartFlow(flow="nowhere")),
        evidence=(Evidence(rung="local", confidence=0.8),),
    )
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", understanding)
        assert talk.find_events(UserSpoke)[0].understanding == understanding
        assert talk.report is not None
        assert talk.report.understanding == understanding
        assert [e.flow_id for e in talk.find_events(FlowStarted)] == ["transfer"]


async def test_the_report_holds_the_replies_and_the_state() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        assert talk.report is not None
        assert [reply.response for reply in talk.report.replies] == ["utter_ask_amount"]
        assert talk.report.state == talk.state
        assert not talk.report.is_repeat


async def test_replies_are_shown_as_they_come() -> None:
    delivery = RecordingDelivery()
    chatty = flow("f", act("utter_one"), act("utter_two"), ask("name"))
    async with Conversation.with_flows(chatty, deliver=delivery) as talk:
        await talk.says("go", StartFlow(flow="f"))
        delivery.assert_shown(talk.replies)
        assert len(delivery.messages) == 3


async def test_the_understander_sees_what_is_on_offer_before_the_message() -> None:
    async with Conversation.with_flows(TRANSFER, slots=[AMOUNT]) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        await talk.says("50", SetSlot(name="amount", value=50))
        first, second = talk.script.offers
        assert first.question is None
        assert first.state.session.session_id
        assert second.question is not None
        assert second.question.slot == "amount"
        assert second.state.turns == 1


async def test_a_turn_that_is_run_again_sends_the_same_keys_to_actions() -> None:
    doing = flow("f", act("action_one"), act("action_two"), run_pattern_completed=False)
    actions = ScriptedActions({"action_one": [], "action_two": []})
    async with Conversation.with_flows(doing, actions=actions) as talk:
        before = talk.state
        await talk.says("go", StartFlow(flow="f"))
        talk.state = before
        await talk.says("go", StartFlow(flow="f"))
        keys = [call.idempotency_key for call in actions.calls]
        assert keys[:2] == keys[2:] == ["test/1/1", "test/1/2"]


async def test_rewinding_a_turn_keeps_what_the_user_has_seen() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        message = UserMessage(conversation_id=talk.state.conversation_id, text="hi")
        shown = RecordingDelivery(fails_after=1)
        turn = Turn(message, Tracker(talk.state), clock=FrozenClock(), stamp={}, deliver=shown)
        checkpoint = turn.mark()
        for text in ("seen", "lost"):
            turn.record(BotSpoke(message=BotMessage(text=text)))
            spoken = turn.tracker.new_events[-1]
            assert isinstance(spoken, BotSpoke)
            await turn.show(spoken)
        turn.record(SlotWasSet(name="amount", value=1))
        turn.rewind(checkpoint)
        assert [e.message.text for e in turn.tracker.new_events if isinstance(e, BotSpoke)] == ["seen"]
        assert turn.state.slots == {}
        assert turn.has_lost_listener
