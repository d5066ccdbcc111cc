"""The assistant is changed in the middle of a conversation."""

from duologue.core.commands import SetSlot, StartFlow
from duologue.core.events import FlowCancelled
from duologue.testing.conversation import Conversation
from tests.flow_writing import act, ask, call, flow

OLD = flow("transfer", ask("recipient"), act("utter_sent"))
NEW = flow("transfer", ask("recipient"), ask("amount"), act("utter_sent"))
OTHER = flow("other", ask("name"))


async def test_a_changed_flow_on_the_stack_is_told_and_the_stack_is_emptied() -> None:
    async with Conversation.with_flows(OLD, NEW, OTHER) as talk:
        talk.load_flows([OLD, OTHER])
        await talk.says("go", StartFlow(flow="transfer"))
        await talk.says("other", StartFlow(flow="other"))
        talk.load_flows([NEW, OTHER])
        replies = await talk.says("Jo", SetSlot(name="name", value="Jo"))
        assert replies == ["utter_inform_code_change"]
        assert (talk.stack, talk.slots["name"]) == ([], None)
        assert {e.flow_id for e in talk.find_events(FlowCancelled)} == {"transfer", "other"}
        assert await talk.says("go", StartFlow(flow="transfer")) == ["utter_ask_recipient"]


async def test_a_flow_that_is_gone_is_a_change_too() -> None:
    async with Conversation.with_flows(OLD, OTHER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        talk.load_flows([OTHER])
        assert await talk.says("Jo", SetSlot(name="recipient", value="Jo")) == ["utter_inform_code_change"]
        assert talk.stack == []


async def test_a_change_of_what_is_not_under_way_is_not_noticed() -> None:
    async with Conversation.with_flows(OLD, OTHER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        talk.load_flows([OLD])
        replies = await talk.says("Jo", SetSlot(name="recipient", value="Jo"))
        assert replies[0] == "utter_sent"


async def test_a_change_during_a_called_flow_is_noticed() -> None:
    parent = flow("parent", call("transfer"))
    async with Conversation.with_flows(parent, OLD, NEW) as talk:
        talk.load_flows([parent, OLD])
        await talk.says("go", StartFlow(flow="parent"))
        talk.load_flows([parent, NEW])
        assert await talk.says("hm") == ["utter_inform_code_change"]
        assert talk.stack == []


async def test_an_overriding_pattern_may_keep_the_user_waiting_without_being_told_again() -> None:
    own = flow("pattern_code_change", ask("patience"), act("action_clean_stack"))
    async with Conversation.with_flows(OLD, NEW, own) as talk:
        talk.load_flows([OLD, own])
        await talk.says("go", StartFlow(flow="transfer"))
        talk.load_flows([NEW, own])
        assert await talk.says("hm") == ["utter_ask_patience"]
        assert await talk.says("fine", SetSlot(name="patience", value="yes")) == []
        assert talk.stack == []
