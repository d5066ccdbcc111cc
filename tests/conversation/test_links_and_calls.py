"""Flows that lead to other flows: links end, calls come back."""

from duologue.core.commands import HumanHandoff, SetSlot, StartFlow
from duologue.core.events import FlowCompleted, FlowStarted
from duologue.core.stack import FlowFrame, FrameType
from duologue.testing.conversation import Conversation
from tests.flow_writing import act, ask, branch, call, flow, link, put, when


async def test_a_link_ends_its_flow_empties_its_slots_and_starts_the_other() -> None:
    first = flow("first", ask("name"), link("second"))
    second = flow("second", ask("town"), act("utter_done"))
    async with Conversation.with_flows(first, second) as talk:
        await talk.says("go", StartFlow(flow="first"))
        assert await talk.says("Jo", SetSlot(name="name", value="Jo")) == ["utter_ask_town"]
        assert talk.slots["name"] is None
        assert talk.stack == ["second", "pattern_collect_information"]
        frame = talk.state.stack[0]
        assert isinstance(frame, FlowFrame)
        assert frame.frame_type is FrameType.LINK
        assert [e.flow_id for e in talk.find_events(FlowCompleted)] == ["first"]
        assert [e.flow_id for e in talk.find_events(FlowStarted)] == ["second"]


async def test_a_link_to_the_human_handoff() -> None:
    desperate = flow("f", act("utter_sorry"), link("pattern_human_handoff"))
    async with Conversation.with_flows(desperate) as talk:
        replies = await talk.says("go", StartFlow(flow="f"))
        assert replies == ["utter_sorry", "utter_human_handoff_not_available"]
        assert talk.stack == []


async def test_a_pattern_may_link_to_a_flow() -> None:
    handoff = flow("pattern_human_handoff", link("call_back"))
    call_back = flow("call_back", ask("phone"))
    async with Conversation.with_flows(handoff, call_back) as talk:
        assert await talk.says("a person!", HumanHandoff()) == ["utter_ask_phone"]


async def test_a_link_to_a_flow_that_was_interrupted_goes_on_with_it() -> None:
    first = flow("first", ask("name"), ask("town"))
    second = flow("second", link("first"))
    async with Conversation.with_flows(first, second) as talk:
        await talk.says("go", StartFlow(flow="first"), SetSlot(name="name", value="Jo"))
        assert await talk.says("second", StartFlow(flow="second")) == ["utter_ask_town"]
        assert talk.stack == ["first", "pattern_collect_information"]


async def test_a_link_to_itself_begins_anew() -> None:
    again = flow("f", ask("name"), act("utter_done"), link("f"))
    async with Conversation.with_flows(again) as talk:
        await talk.says("go", StartFlow(flow="f"))
        assert await talk.says("Jo", SetSlot(name="name", value="Jo")) == ["utter_done", "utter_ask_name"]


PARENT = flow(
    "parent",
    ask("name"),
    call("address"),
    act("utter_done"),
    run_pattern_completed=False,
)
ADDRESS = flow(
    "address",
    ask("street"),
    ask("town", then=when(("slots.town = 'Leeds'", "END"), otherwise="more")),
    act("utter_far", "more"),
)


async def test_a_called_flow_comes_back_to_its_caller() -> None:
    async with Conversation.with_flows(PARENT, ADDRESS) as talk:
        await talk.says("go", StartFlow(flow="parent"), SetSlot(name="name", value="Jo"))
        assert talk.stack == ["parent", "address", "pattern_collect_information"]
        assert await talk.says("High", SetSlot(name="street", value="High")) == ["utter_ask_town"]
        assert await talk.says("Leeds", SetSlot(name="town", value="Leeds")) == ["utter_done"]
        assert talk.stack == []


async def test_a_called_flow_shares_slots_with_its_caller() -> None:
    sharing = flow("parent", ask("street"), call("address"), act("utter_done"))
    async with Conversation.with_flows(sharing, ADDRESS) as talk:
        replies = await talk.says("go", StartFlow(flow="parent"), SetSlot(name="street", value="High"))
        assert replies == ["utter_ask_town"]


async def test_the_caller_may_be_told_what_the_called_flow_will_ask() -> None:
    async with Conversation.with_flows(PARENT, ADDRESS) as talk:
        await talk.says("go", StartFlow(flow="parent"), SetSlot(name="street", value="High"))
        assert await talk.says("Jo", SetSlot(name="name", value="Jo")) == ["utter_ask_town"]


async def test_slots_of_a_called_flow_are_emptied_when_the_caller_ends_and_not_before() -> None:
    longer = flow("parent", call("address"), ask("note"), run_pattern_completed=False)
    address = flow("address", ask("street"))
    async with Conversation.with_flows(longer, address) as talk:
        await talk.says("go", StartFlow(flow="parent"))
        await talk.says("High", SetSlot(name="street", value="High"))
        assert talk.slots["street"] == "High"
        await talk.says("hm", SetSlot(name="note", value="hm"))
        assert talk.slots["street"] is None


async def test_slots_that_a_called_flow_keeps_outlive_its_caller() -> None:
    parent = flow("parent", call("address"), run_pattern_completed=False)
    address = flow("address", ask("street"), ask("town"), persisted_slots=("town",))
    async with Conversation.with_flows(parent, address) as talk:
        await talk.says("go", StartFlow(flow="parent"), SetSlot(name="street", value="High"))
        await talk.says("Leeds", SetSlot(name="town", value="Leeds"))
        assert (talk.slots["street"], talk.slots["town"]) == (None, "Leeds")


async def test_slots_that_the_caller_keeps_outlive_it_though_a_called_flow_asked_for_them() -> None:
    parent = flow("parent", call("address"), persisted_slots=("street",), run_pattern_completed=False)
    address = flow("address", ask("street"))
    async with Conversation.with_flows(parent, address) as talk:
        await talk.says("go", StartFlow(flow="parent"))
        await talk.says("High", SetSlot(name="street", value="High"))
        assert talk.slots["street"] == "High"


async def test_the_end_of_a_called_flow_does_not_close_the_conversation() -> None:
    parent = flow("parent", call("address"), act("utter_done"), run_pattern_completed=False)
    address = flow("address", act("utter_address"), run_pattern_completed=True)
    async with Conversation.with_flows(parent, address) as talk:
        assert await talk.says("go", StartFlow(flow="parent")) == ["utter_address", "utter_done"]


async def test_a_flow_can_be_called_more_than_once() -> None:
    twice = flow(
        "parent",
        call("count"),
        call("count"),
        act("utter_done"),
        run_pattern_completed=False,
    )
    count = flow("count", act("utter_count"))
    async with Conversation.with_flows(twice, count) as talk:
        assert await talk.says("go", StartFlow(flow="parent")) == ["utter_count", "utter_count", "utter_done"]


async def test_calls_nest() -> None:
    outer = flow("outer", call("middle"), act("utter_outer"), run_pattern_completed=False)
    middle = flow("middle", call("inner"), act("utter_middle"))
    inner = flow("inner", ask("name"))
    async with Conversation.with_flows(outer, middle, inner) as talk:
        await talk.says("go", StartFlow(flow="outer"))
        assert talk.stack == ["outer", "middle", "inner", "pattern_collect_information"]
        assert await talk.says("Jo", SetSlot(name="name", value="Jo")) == ["utter_middle", "utter_outer"]


async def test_an_interruption_of_a_called_flow_offers_its_caller() -> None:
    other = flow("other", act("utter_other"))
    async with Conversation.with_flows(PARENT, ADDRESS, other) as talk:
        await talk.says("go", StartFlow(flow="parent"), SetSlot(name="name", value="Jo"))
        await talk.says("other", StartFlow(flow="other"))
        assert talk.texts[-1] == "Would you like to go back to “parent”?"
        yes = SetSlot(name="continue_interrupted_flow_confirmation", value=True)
        assert await talk.says("yes", yes) == ["utter_ask_street"]


async def test_slots_set_by_a_step_lead_its_branches_and_are_emptied_at_the_end() -> None:
    counting = flow(
        "f",
        put(kind="gift"),
        branch("", ("slots.kind = 'gift'", "gift"), otherwise="END"),
        act("utter_gift", "gift"),
        run_pattern_completed=False,
    )
    async with Conversation.with_flows(counting) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["utter_gift"]
        assert talk.slots["kind"] is None
