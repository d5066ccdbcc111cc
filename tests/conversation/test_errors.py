"""Errors: a turn that fails keeps the message, says that something went wrong, and costs nothing else."""

import pytest

from duologue.core.commands import SetSlot, StartFlow
from duologue.core.domain import Variation
from duologue.core.errors import ActionError, ActionRejectedError
from duologue.core.events import (
    ActionExecuted,
    ActionRejected,
    BotSpoke,
    FlowCancelled,
    FlowStarted,
    FollowupRequested,
    SlotWasSet,
    StackChanged,
    TurnCutOff,
    TurnFailed,
    UserSpoke,
)
from duologue.core.tracker import fold
from duologue.flows.flow import Flow
from duologue.ports.action_runner import ActionResult
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import RecordingDelivery, ScriptedActions, make_time_out
from tests.flow_writing import act, ask, branch, call, flow, link, number, put

SORRY = "utter_internal_error_rasa"
LAST_RESORT = "I am sorry, something went wrong on my side. Please try again later."
TRANSFER = flow(
    "transfer",
    ask("amount"),
    put(note="sent"),
    act("utter_sending"),
    act("action_send"),
    act("utter_sent"),
    run_pattern_completed=False,
)


def broken(error: Exception) -> ScriptedActions:
    return ScriptedActions({"action_send": error})


@pytest.mark.parametrize(
    "error",
    [
        ActionError("it failed", action_name="action_send"),
        ActionRejectedError("it declined", action_name="action_send"),
        make_time_out("action_send"),
        ValueError("a bug"),
    ],
)
async def test_a_failed_turn_keeps_the_message_the_failure_and_the_reply_only(error: Exception) -> None:
    async with Conversation.with_flows(TRANSFER, slots=[number("amount")], actions=broken(error)) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        assert await talk.says("50", SetSlot(name="amount", value=50)) == [SORRY]
        kinds = [type(event) for event in talk.new_events if not isinstance(event, ActionRejected)]
        assert kinds[:2] == [UserSpoke, TurnFailed]
        assert [e.name for e in talk.find_events(ActionExecuted)] == [SORRY, "action_listen"]
        assert [e.message.response for e in talk.find_events(BotSpoke)] == [SORRY]
        assert [e.flow_id for e in talk.find_events(FlowCancelled)] == ["transfer"]
        assert [e for e in talk.find_events(SlotWasSet) if e.value is not None] == []
        assert (talk.slots["amount"], talk.slots["note"]) == (None, None)
        assert talk.stack == []


async def test_an_action_that_declines_is_recorded_as_rejected() -> None:
    declined = ActionRejectedError("The action 'action_pay' declined to run.", action_name="action_pay")
    paying = flow("pay", act("action_pay"))
    async with Conversation.with_flows(paying, actions=ScriptedActions({"action_pay": declined})) as talk:
        assert "utter_internal_error_rasa" in await talk.says("pay", StartFlow(flow="pay"))
        assert [event.name for event in talk.find_events(ActionRejected)] == ["action_pay"]
        assert len(talk.find_events(TurnFailed)) == 1


async def test_the_failure_is_recorded_without_what_the_projects_code_said() -> None:
    secret = ValueError("card 4711")
    async with Conversation.with_flows(TRANSFER, slots=[number("amount")], actions=broken(secret)) as talk:
        await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="amount", value=1))
        failure = talk.find_events(TurnFailed)[0]
        assert (failure.error_type, failure.reason) == ("ValueError", "ValueError")


async def test_a_flow_that_fails_in_the_turn_that_began_it_leaves_no_trace() -> None:
    failing = flow("failing", act("action_send"))
    asking = flow("asking", ask("name"))
    actions = broken(ActionError("x", action_name="action_send"))
    async with Conversation.with_flows(failing, asking, actions=actions) as talk:
        await talk.says("go", StartFlow(flow="asking"))
        assert await talk.says("other", StartFlow(flow="failing")) == [SORRY, "utter_ask_name"]
        assert talk.find_events(FlowStarted) == []
        assert talk.stack == ["asking", "pattern_collect_information"]


async def test_what_was_interrupted_goes_on_after_the_failure_of_what_interrupted() -> None:
    asking = flow("asking", ask("name"))
    actions = broken(ActionError("x", action_name="action_send"))
    async with Conversation.with_flows(TRANSFER, asking, slots=[number("amount")], actions=actions) as talk:
        await talk.says("go", StartFlow(flow="asking"))
        await talk.says("transfer", StartFlow(flow="transfer"))
        assert await talk.says("5", SetSlot(name="amount", value=5)) == [SORRY, "utter_ask_name"]
        assert talk.stack == ["asking", "pattern_collect_information"]


async def test_a_failure_inside_a_called_flow_cancels_its_caller_too() -> None:
    parent = flow("parent", ask("name"), call("child"))
    child = flow("child", ask("town"), act("action_send"))
    actions = broken(ActionError("x", action_name="action_send"))
    async with Conversation.with_flows(parent, child, actions=actions) as talk:
        await talk.says("go", StartFlow(flow="parent"), SetSlot(name="name", value="Jo"))
        assert await talk.says("Leeds", SetSlot(name="town", value="Leeds")) == [SORRY]
        assert (talk.stack, talk.slots["name"]) == ([], None)


@pytest.mark.parametrize(
    ("broken_flow", "reason"),
    [
        (
            flow("f", branch("x", ("false", "END"))),
            "no branch of step 'x' in flow 'f' is true, and it has no else",
        ),
        (
            flow("f", act("utter_a", "a", then="b"), branch("b", otherwise="b")),
            "flow 'f' runs in circles: 1000 steps without an action",
        ),
        (
            flow("f", act("utter_a", "a", then="a")),
            "the turn was given up after 1000 actions: the flows run in circles",
        ),
        (flow("f", act("action_unknown")), "there is no action or response 'action_unknown'"),
        (flow("f", link("nowhere")), "there is no flow 'nowhere'"),
        (flow("f", call("nowhere")), "there is no flow 'nowhere'"),
        (
            flow("f", act("utter_a", "a", then="nowhere")),
            "flow 'f' leads to a step 'nowhere' that it does not have",
        ),
        (flow("f", call("f")), "flow 'f' runs in circles: 1000 steps without an action"),
    ],
)
async def test_a_flow_that_cannot_go_on_fails_with_a_reason(broken_flow: Flow, reason: str) -> None:
    async with Conversation.with_flows(broken_flow) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == [SORRY]
        assert talk.find_events(TurnFailed)[0].reason == reason
        assert talk.stack == []


async def test_a_question_that_nothing_can_ask_fails_with_a_reason() -> None:
    asking = flow("f", ask("name"))
    talk = Conversation.with_flows(asking)
    del talk.domain.responses["utter_ask_name"]
    async with talk:
        assert await talk.says("go", StartFlow(flow="f")) == [SORRY]
        assert "cannot ask for the slot 'name'" in talk.find_events(TurnFailed)[0].reason


async def test_the_stack_is_as_before_after_a_runaway_turn() -> None:
    runaway = flow("f", act("utter_a", "a", then="a"))
    asking = flow("asking", ask("name"))
    async with Conversation.with_flows(runaway, asking) as talk:
        await talk.says("go", StartFlow(flow="asking"))
        await talk.says("run", StartFlow(flow="f"))
        assert len(talk.new_events) < 20
        assert talk.stack == ["asking", "pattern_collect_information"]


async def test_a_broken_error_pattern_gets_words_of_our_own() -> None:
    own = flow("pattern_internal_error", act("action_send"))
    actions = broken(ActionError("x", action_name="action_send"))
    async with Conversation.with_flows(TRANSFER, own, slots=[number("amount")], actions=actions) as talk:
        replies = await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="amount", value=1))
        assert replies == [LAST_RESORT]
        assert talk.stack == []
        assert talk.find_events(ActionExecuted)[-1].name == "action_listen"


async def test_an_overridden_error_pattern_is_used() -> None:
    own = flow("pattern_internal_error", act("utter_oops"))
    actions = broken(ActionError("x", action_name="action_send"))
    async with Conversation.with_flows(TRANSFER, own, slots=[number("amount")], actions=actions) as talk:
        replies = await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="amount", value=1))
        assert replies == ["utter_oops"]


async def test_a_second_flow_that_fails_after_the_first_is_given_up_too() -> None:
    first = flow("first", ask("name"), act("action_send"))
    second = flow("second", act("action_send"))
    actions = broken(ActionError("x", action_name="action_send"))
    async with Conversation.with_flows(first, second, actions=actions) as talk:
        await talk.says("both", StartFlow(flow="first"), StartFlow(flow="second"))
        assert await talk.says("Jo", SetSlot(name="name", value="Jo")) == [LAST_RESORT]
        assert talk.stack == []


async def test_a_question_of_a_pattern_that_fails_is_given_up() -> None:
    own = flow("pattern_completed", ask("mood"), act("action_send"))
    closing = flow("f", act("utter_done"))
    actions = broken(ActionError("x", action_name="action_send"))
    async with Conversation.with_flows(own, closing, actions=actions) as talk:
        await talk.says("go", StartFlow(flow="f"))
        assert await talk.says("good", SetSlot(name="mood", value="good")) == [SORRY]
        assert talk.stack == []


async def test_an_action_asked_for_that_fails_is_not_asked_for_again() -> None:
    actions = ScriptedActions({"action_session_start": [FollowupRequested(name="action_unknown")]})
    async with Conversation.with_flows(flow("f", act("utter_done")), actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == [SORRY]
        replies = await talk.says("go", StartFlow(flow="f"))
        assert replies == ["utter_done", "utter_ask_continue_conversation"]


# What the user has seen


async def test_replies_that_were_shown_before_the_failure_stay_on_record() -> None:
    delivery = RecordingDelivery()
    actions = broken(ActionError("x", action_name="action_send"))
    async with Conversation.with_flows(
        TRANSFER, slots=[number("amount")], actions=actions, deliver=delivery
    ) as talk:
        replies = await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="amount", value=1))
        assert replies == ["utter_sending", SORRY]
        delivery.assert_shown(talk.replies)


async def test_a_greeting_that_was_shown_is_recorded_once_though_the_turn_fails() -> None:
    delivery = RecordingDelivery()
    actions = broken(ActionError("x", action_name="action_send"))
    actions.outcomes["action_session_start"] = ActionResult(responses=({"text": "Welcome"},))
    async with Conversation.with_flows(
        TRANSFER, slots=[number("amount")], actions=actions, deliver=delivery
    ) as talk:
        replies = await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="amount", value=1))
        assert replies == ["Welcome", "utter_sending", SORRY]
        delivery.assert_shown(talk.replies)


async def test_a_listener_that_has_gone_costs_the_conversation_nothing() -> None:
    delivery = RecordingDelivery(fails_after=1)
    actions = ScriptedActions({"action_send": []})
    async with Conversation.with_flows(
        TRANSFER, slots=[number("amount")], actions=actions, deliver=delivery
    ) as talk:
        replies = await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="amount", value=1))
        assert replies == ["utter_sending", "utter_sent"]
        assert [message.response for message in delivery.messages] == ["utter_sending"]
        assert talk.find_events(TurnCutOff)[0].metadata["delivered"] == 1
        assert actions.called == ["action_send"]


# Input


@pytest.mark.parametrize("text", ["", "   ", "\n"])
async def test_an_empty_message_is_not_understood_but_answered(text: str) -> None:
    async with Conversation.with_flows(flow("f", ask("name"))) as talk:
        await talk.says("go", StartFlow(flow="f"))
        assert await talk.sends(text) == ["utter_user_input_empty_error_rasa", "utter_ask_name"]


async def test_a_message_that_is_too_long_is_not_understood_but_answered() -> None:
    async with Conversation.with_flows(flow("f", ask("name")), max_characters=10) as talk:
        assert await talk.sends("x" * 11) == ["utter_user_input_too_long_error_rasa"]
        assert talk.texts[0] is not None
        assert "under 10 characters" in talk.texts[0]
        await talk.says("x" * 10)


async def test_a_payload_may_be_longer_than_a_message() -> None:
    async with Conversation.with_flows(flow("f", ask("name")), max_characters=10) as talk:
        assert await talk.says("/SetSlots(name=Joanna)", StartFlow(flow="f")) == ["utter_ask_name"]


async def test_an_understander_that_fails_does_not_lose_the_message() -> None:
    async with Conversation.with_flows(flow("f", ask("name"))) as talk:
        assert await talk.sends("hi") == [SORRY]
        assert [e.text for e in talk.find_events(UserSpoke)] == ["hi"]
        talk.script = type(talk.script)()


# What actions give back


async def test_a_reply_whose_response_does_not_exist_is_left_out() -> None:
    doing = flow("f", act("action_do"), act("utter_done"), run_pattern_completed=False)
    result = ActionResult(
        responses=({"response": "utter_mistyped"}, {"response": "utter_mistyped", "text": "as written"}),
        events=(SlotWasSet(name="name", value="Jo"),),
    )
    actions = ScriptedActions({"action_do": result})
    async with Conversation.with_flows(doing, flow("g", ask("name")), actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["as written", "utter_done"]
        assert talk.slots["name"] == "Jo"


async def test_an_actions_words_and_parts_win_over_those_of_the_response_it_names() -> None:
    doing = flow("f", act("action_do"), run_pattern_completed=False)
    result = ActionResult(
        responses=({"response": "utter_hello", "name": "Jo", "buttons": [{"title": "B", "payload": "/b"}]},)
    )
    responses = {"utter_hello": [Variation(text="Hello {name}", custom={"a": 1})]}
    async with Conversation.with_flows(
        doing, actions=ScriptedActions({"action_do": result}), responses=responses
    ) as talk:
        await talk.says("go", StartFlow(flow="f"))
        assert talk.texts == ["Hello Jo"]
        assert [button.payload for button in talk.replies[0].buttons] == ["/b"]
        assert talk.replies[0].custom == {"a": 1}


async def test_slots_that_an_action_sets_are_fitted_to_their_types() -> None:
    doing = flow("f", act("action_do"), ask("amount"), act("utter_done"), run_pattern_completed=False)
    actions = ScriptedActions({"action_do": [SlotWasSet(name="amount", value="12.5")]})
    async with Conversation.with_flows(doing, slots=[number("amount")], actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["utter_done"]
        assert [e.value for e in talk.find_events(SlotWasSet)] == [12.5, None]


async def test_an_action_may_ask_for_the_action_that_follows() -> None:
    doing = flow("f", act("action_do"), act("utter_done"), run_pattern_completed=False)
    aside = flow("g", act("utter_aside"))
    actions = ScriptedActions({"action_do": [FollowupRequested(name="utter_aside")]})
    async with Conversation.with_flows(doing, aside, actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["utter_aside", "utter_done"]


async def test_an_action_may_hand_over_to_a_flow() -> None:
    doing = flow("f", act("flow_g"), act("utter_done"), run_pattern_completed=False)
    other = flow("g", act("utter_other"), guard=False, run_pattern_completed=False)
    async with Conversation.with_flows(doing, other) as talk:
        replies = await talk.says("go", StartFlow(flow="f"))
        assert replies == ["utter_other", "utter_ask_continue_interrupted_flow_confirmation"]


async def test_actions_cannot_change_the_stack() -> None:
    doing = flow("f", act("action_do"), ask("name"))
    actions = ScriptedActions({"action_do": [StackChanged(stack=())]})
    async with Conversation.with_flows(doing, actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["utter_ask_name"]


async def test_an_action_sees_the_conversation_as_it_is() -> None:
    doing = flow("f", ask("name"), act("action_do"))
    actions = ScriptedActions({"action_do": []})
    async with Conversation.with_flows(doing, actions=actions) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="name", value="Jo"))
        called = actions.calls[0]
        assert called.state.slots["name"] == "Jo"
        assert called.state.last_message is not None
        assert called.state.last_message.text == "go"
        events = await called.load_events()
        assert (
            fold(talk.state.__class__(conversation_id=talk.state.conversation_id), events).slots["name"]
            is None
        )
        assert [e.text for e in events if isinstance(e, UserSpoke)] == ["go"]
