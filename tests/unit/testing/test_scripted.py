"""The scripted fakes keep their promises: a test that is wrong about what happens fails."""

import pytest

from duologue.core.commands import ChitChat, StartFlow
from duologue.core.domain import Domain
from duologue.core.errors import ActionError
from duologue.core.events import SlotWasSet
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.state import State
from duologue.core.understanding import Understanding
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.testing.scripted import (
    FrozenClock,
    RecordingDelivery,
    ScriptedActions,
    ScriptedUnderstander,
    make_time_out,
)

STATE = State(conversation_id=ConversationId("c"))
MESSAGE = UserMessage(conversation_id=STATE.conversation_id, text="hi")
OFFERS = Offers(STATE, Flows([]), Domain())


def make_call(name: str) -> ActionCall:
    async def load_events() -> list[SlotWasSet]:
        return []

    return ActionCall(
        action_name=name, state=STATE, domain=Domain(), idempotency_key="k", load_events=load_events
    )


async def test_the_script_is_followed_in_order() -> None:
    full = Understanding(commands=(ChitChat(),))
    script = ScriptedUnderstander(StartFlow(flow="a"), [StartFlow(flow="b"), ChitChat()], full)
    assert (await script.understand(MESSAGE, OFFERS)).commands == (StartFlow(flow="a"),)
    assert (await script.understand(MESSAGE, OFFERS)).commands == (StartFlow(flow="b"), ChitChat())
    assert await script.understand(MESSAGE, OFFERS) == full
    script.assert_complete()
    assert len(script.messages) == len(script.offers) == 3


async def test_a_script_that_was_not_used_up_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="1 understandings were never asked for"):
        ScriptedUnderstander(ChitChat()).assert_complete()


async def test_a_script_that_ran_out_fails_the_test_though_the_error_was_swallowed() -> None:
    script = ScriptedUnderstander()
    with pytest.raises(AssertionError, match="no understanding left for 'hi'"):
        await script.understand(MESSAGE, OFFERS)
    with pytest.raises(AssertionError, match=r"the script says nothing about \['hi'\]"):
        script.assert_complete()


async def test_actions_do_what_the_script_says() -> None:
    event = SlotWasSet(name="a", value=1)
    actions = ScriptedActions(
        {
            "events": [event],
            "result": ActionResult(responses=({"text": "hi"},)),
            "function": lambda call: ActionResult(responses=({"text": call.action_name},)),
        }
    )
    assert (await actions.run(make_call("events"))).events == (event,)
    assert (await actions.run(make_call("result"))).responses == ({"text": "hi"},)
    assert (await actions.run(make_call("function"))).responses == ({"text": "function"},)
    assert actions.called == ["events", "result", "function"]
    assert await actions.list_actions() == {"events", "result", "function"}


async def test_actions_fail_as_the_script_says_and_unknown_ones_fail_by_themselves() -> None:
    actions = ScriptedActions({"broken": ValueError("x"), "slow": make_time_out("slow")})
    with pytest.raises(ValueError, match="x"):
        await actions.run(make_call("broken"))
    with pytest.raises(ActionError, match="took too long") as slow:
        await actions.run(make_call("slow"))
    assert slow.value.is_retryable
    with pytest.raises(ActionError, match="knows no action 'other'"):
        await actions.run(make_call("other"))


async def test_a_delivery_remembers_what_it_showed_until_it_fails() -> None:
    delivery = RecordingDelivery(fails_after=1)
    await delivery(BotMessage(text="a"))
    with pytest.raises(ConnectionError):
        await delivery(BotMessage(text="b"))
    delivery.assert_shown([BotMessage(text="a")])
    with pytest.raises(AssertionError):
        delivery.assert_shown([])


def test_a_frozen_clock_moves_when_it_is_told_to() -> None:
    clock = FrozenClock(100.0)
    before = clock.now(), clock.monotonic()
    clock.advance(5)
    assert (clock.now(), clock.monotonic()) == (before[0] + 5, before[1] + 5)
