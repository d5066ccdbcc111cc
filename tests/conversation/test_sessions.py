"""Sessions: how they begin, expire, carry over and end."""

import pytest

from duologue.core.commands import Restart, SessionEnd, SessionStart, SetSlot, StartFlow
from duologue.core.domain import Domain, SessionConfig
from duologue.core.errors import ActionError
from duologue.core.events import (
    ACTION_LISTEN,
    ActionExecuted,
    ConversationInactive,
    ConversationPaused,
    ConversationResumed,
    Event,
    FollowupRequested,
    SessionEnded,
    SessionStarted,
    SlotWasSet,
    UserSpoke,
)
from duologue.core.tracker import fold
from duologue.ports.action_runner import ActionResult
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import FrozenClock, Outcome, ScriptedActions
from tests.flow_writing import act, ask, flow, slot

TRANSFER = flow("transfer", ask("recipient"), act("utter_sent"))
HOUR = 3600.0


def name_events(events: list[Event]) -> list[str]:
    return [event.name if isinstance(event, ActionExecuted) else type(event).__name__ for event in events]


async def test_the_first_message_begins_a_session() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("hi")
        assert name_events(talk.events) == [
            "action_session_start",
            "SessionStarted",
            "action_listen",
            "UserSpoke",
            "action_listen",
        ]
        started = talk.find_events(SessionStarted)[0]
        assert started.session_id
        assert talk.state.session.session_id == started.session_id
        assert started.metadata["session_id"] == started.session_id


async def test_every_later_event_carries_the_sessions_id() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("hi")
        await talk.says("go", StartFlow(flow="transfer"))
        assert {event.metadata["session_id"] for event in talk.new_events} == {talk.state.session.session_id}


async def test_the_second_message_goes_on_in_the_same_session() -> None:
    clock = FrozenClock()
    async with Conversation.with_flows(TRANSFER, clock=clock) as talk:
        await talk.says("hi")
        clock.advance(59 * 60)
        await talk.says("hi")
        clock.advance(59 * 60)
        await talk.says("hi")
        assert talk.find_events(SessionStarted) == []


@pytest.mark.parametrize(("carries_over", "name"), [(True, "Jo"), (False, None)])
async def test_after_an_hour_of_silence_a_new_session_begins(carries_over: bool, name: str | None) -> None:
    clock = FrozenClock()
    keeping = flow("f", ask("name"), ask("town"), persisted_slots=("name",))
    domain = Domain(session=SessionConfig(carry_over_slots=carries_over))
    async with Conversation.with_flows(keeping, clock=clock, domain=domain) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="name", value="Jo"))
        before = talk.state.session.session_id
        clock.advance(HOUR + 1)
        assert await talk.says("hi again") == []
        assert (talk.stack, talk.slots["name"]) == ([], name)
        assert talk.state.session.session_id != before
        assert name_events(talk.new_events)[:3] == [
            "ConversationInactive",
            "action_session_start",
            "SessionStarted",
        ]


async def test_what_is_carried_over_is_said_again_for_those_who_read_from_the_sessions_start() -> None:
    clock = FrozenClock()
    keeping = flow("f", ask("name"), persisted_slots=("name",))
    async with Conversation.with_flows(
        keeping, slots=[slot("language", initial_value="en")], clock=clock
    ) as talk:
        await talk.says("go", StartFlow(flow="f"))
        await talk.says("Jo", SetSlot(name="name", value="Jo"))
        clock.advance(2 * HOUR)
        await talk.says("hi again")
        assert [(e.name, e.value) for e in talk.find_events(SlotWasSet)] == [("name", "Jo")]


async def test_a_session_of_no_length_never_expires() -> None:
    clock = FrozenClock()
    domain = Domain(session=SessionConfig(session_expiration_minutes=0))
    async with Conversation.with_flows(TRANSFER, clock=clock, domain=domain) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        clock.advance(1000 * HOUR)
        assert await talk.says("hm") == ["utter_ask_recipient"]


async def test_a_project_may_go_on_after_an_expiry_as_if_nothing_had_been() -> None:
    clock = FrozenClock()
    domain = Domain(session=SessionConfig(start_session_after_expiry=False, carry_over_slots=False))
    keeping = flow("f", ask("name"), ask("town"))
    async with Conversation.with_flows(keeping, clock=clock, domain=domain) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="name", value="Jo"))
        clock.advance(2 * HOUR)
        assert await talk.says("hm") == ["utter_ask_town"]
        assert talk.slots["name"] == "Jo"
        assert len(talk.find_events(ConversationInactive)) == 1
        assert not talk.state.session.is_inactive


async def test_metadata_of_the_first_message_is_there_for_the_sessions_start() -> None:
    seen: list[object] = []

    def start(call: object) -> ActionResult:
        seen.append(call.state.slots["session_started_metadata"])  # type: ignore[attr-defined]
        return ActionResult()

    actions = ScriptedActions({"action_session_start": start})
    async with Conversation.with_flows(TRANSFER, actions=actions) as talk:
        await talk.says("hi", metadata={"phone": "123"})
        await talk.says("hi", metadata={"phone": "456"})
        assert seen == [{"phone": "123"}]
        assert talk.slots["session_started_metadata"] == {"phone": "123"}


GREETING = ({"text": "Welcome"},)


@pytest.mark.parametrize(
    "outcome",
    [
        ActionResult(responses=GREETING, events=(SlotWasSet(name="name", value="Jo"),)),
        ActionResult(
            responses=GREETING,
            events=(
                SessionStarted(),
                SlotWasSet(name="name", value="Jo"),
                ActionExecuted(name=ACTION_LISTEN),
            ),
        ),
    ],
)
async def test_a_project_may_begin_sessions_itself(outcome: Outcome) -> None:
    actions = ScriptedActions({"action_session_start": outcome})
    async with Conversation.with_flows(flow("f", ask("name")), actions=actions) as talk:
        assert await talk.says("hi") == ["Welcome"]
        assert talk.slots["name"] == "Jo"
        assert talk.state.session.session_id
        assert name_events(talk.events).count("SessionStarted") == 1
        assert await talk.says("hi") == []
        assert actions.called == ["action_session_start"]


async def test_a_session_begins_even_if_the_projects_own_start_fails() -> None:
    actions = ScriptedActions(
        {"action_session_start": ActionError("broken", action_name="action_session_start")}
    )
    async with Conversation.with_flows(TRANSFER, actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="transfer")) == ["utter_ask_recipient"]
        assert talk.state.session.session_id


async def test_an_action_that_the_sessions_start_asks_for_runs_before_the_flows() -> None:
    actions = ScriptedActions({"action_session_start": [FollowupRequested(name="utter_welcome")]})
    welcome = flow("welcome", act("utter_welcome"))
    async with Conversation.with_flows(TRANSFER, welcome, actions=actions) as talk:
        replies = await talk.says("go", StartFlow(flow="transfer"))
        assert replies == ["utter_welcome", "utter_ask_recipient"]


async def test_the_intent_session_start_as_first_message_starts_one_session_only() -> None:
    actions = ScriptedActions({"action_session_start": ActionResult(responses=GREETING)})
    async with Conversation.with_flows(TRANSFER, actions=actions) as talk:
        assert await talk.says("/session_start", SessionStart()) == ["Welcome"]
        assert name_events(talk.events).count("SessionStarted") == 1


async def test_the_intent_session_start_begins_a_new_session_at_any_time() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        before = talk.state.session.session_id
        assert await talk.says("/session_start", SessionStart()) == []
        assert talk.stack == []
        assert talk.state.session.session_id != before


@pytest.mark.parametrize("is_first", [True, False])
async def test_an_overriding_pattern_may_greet_after_the_session_has_begun(is_first: bool) -> None:
    greeting = flow("pattern_session_start", act("action_session_start"), act("utter_welcome"), ask("name"))
    async with Conversation.with_flows(TRANSFER, greeting) as talk:
        if not is_first:
            await talk.says("go", StartFlow(flow="transfer"))
        assert await talk.says("/session_start", SessionStart()) == ["utter_welcome", "utter_ask_name"]
        assert talk.stack == ["pattern_session_start", "pattern_collect_information"]


async def test_an_overriding_pattern_may_say_something_after_a_restart() -> None:
    own = flow("pattern_restart", act("action_restart"), act("utter_fresh"))
    async with Conversation.with_flows(TRANSFER, own) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        assert await talk.says("/restart", Restart()) == ["utter_fresh"]
        assert talk.stack == []


async def test_a_session_that_began_in_a_failed_turn_has_not_begun() -> None:
    greeting = flow("pattern_session_start", act("action_session_start"), act("action_unknown"))
    async with Conversation.with_flows(TRANSFER, greeting) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        session_id = talk.state.session.session_id
        replies = await talk.says("/session_start", SessionStart())
        assert replies == ["utter_internal_error_rasa", "utter_ask_recipient"]
        assert {event.metadata["session_id"] for event in talk.new_events} == {session_id}


async def test_after_its_end_a_session_takes_nothing_but_a_new_start() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        assert await talk.says("/session_end", SessionEnd()) == []
        assert len(talk.find_events(SessionEnded)) == 1
        assert await talk.sends("hello?") == []
        assert talk.new_events == []
        assert await talk.says("/session_start", SessionStart()) == []
        assert talk.stack == []
        assert await talk.says("go", StartFlow(flow="transfer")) == ["utter_ask_recipient"]


async def test_an_action_may_end_the_session_and_nothing_runs_after_it() -> None:
    ending = flow("f", act("action_end"), act("utter_never"))
    actions = ScriptedActions({"action_end": [SessionEnded()]})
    async with Conversation.with_flows(ending, actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == []
        assert talk.state.session.is_terminated


async def test_a_paused_conversation_listens_without_answering() -> None:
    pausing = flow("f", act("action_pause"), act("utter_after"), run_pattern_completed=False)
    actions = ScriptedActions({"action_pause": [ConversationPaused()]})
    async with Conversation.with_flows(pausing, actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == []
        assert await talk.says("hello?", StartFlow(flow="f")) == []
        assert name_events(talk.new_events) == ["UserSpoke"]
        talk.state = fold(talk.state, [ConversationResumed()])
        assert await talk.says("hello?") == ["utter_after"]


async def test_a_paused_conversation_can_be_restarted() -> None:
    pausing = flow("f", act("action_pause"))
    actions = ScriptedActions({"action_pause": [ConversationPaused()]})
    async with Conversation.with_flows(pausing, TRANSFER, actions=actions) as talk:
        await talk.says("go", StartFlow(flow="f"))
        await talk.says("/restart", Restart())
        assert await talk.says("go", StartFlow(flow="transfer")) == ["utter_ask_recipient"]


async def test_the_channel_and_the_user_are_remembered() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        talk.script.expect(())
        await talk.sends("hi", channel="telegram", user_id="u1")
        await talk.says("hi")
        assert (talk.state.channel, talk.state.user_id) == ("rest", "u1")
        assert [e.channel for e in talk.events if isinstance(e, UserSpoke)] == ["telegram", "rest"]


async def test_metadata_of_a_message_cannot_say_whose_an_event_is() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("hi", metadata={"model_id": "theirs", "session_id": "theirs", "note": "kept"})
        spoken = talk.find_events(UserSpoke)[0]
        assert spoken.metadata == {
            "model_id": "test",
            "duologue_turn": 1,
            "session_id": talk.state.session.session_id,
            "note": "kept",
        }


async def test_an_action_may_make_the_conversation_wait_in_the_middle_of_a_flow() -> None:
    waiting = flow("f", act("action_wait"), act("utter_after"), run_pattern_completed=False)
    actions = ScriptedActions({"action_wait": [FollowupRequested(name=ACTION_LISTEN)]})
    async with Conversation.with_flows(waiting, actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == []
        assert await talk.says("well?") == ["utter_after"]


async def test_no_two_calls_of_a_conversation_share_an_idempotency_key() -> None:
    clock = FrozenClock()
    doing = flow("f", act("action_one"), act("action_two"), run_pattern_completed=False)
    actions = ScriptedActions({"action_session_start": [], "action_one": [], "action_two": []})
    async with Conversation.with_flows(doing, actions=actions, clock=clock) as talk:
        for _ in range(3):
            await talk.says("go", StartFlow(flow="f"))
            clock.advance(2 * HOUR)
        keys = [call.idempotency_key for call in actions.calls]
        assert len(keys) == len(set(keys)) == 9


async def test_without_a_new_session_after_expiry_the_conversation_goes_on_under_a_new_session_id() -> None:
    clock = FrozenClock()
    domain = Domain(session=SessionConfig(session_expiration_minutes=1, start_session_after_expiry=False))
    async with Conversation.with_flows(TRANSFER, domain=domain, clock=clock) as talk:
        await talk.says("send money", StartFlow(flow="transfer"))
        before = talk.state.session.session_id
        stack = talk.stack
        clock.advance(120)
        await talk.says("hm")
        assert talk.state.session.session_id != before
        assert talk.find_events(UserSpoke)[0].metadata["session_id"] == talk.state.session.session_id
        assert talk.stack == stack
        assert not talk.state.session.is_inactive


@pytest.mark.parametrize(
    ("starts_anew", "expected"),
    [
        (True, ["ConversationInactive", "action_session_start", "SessionStarted"]),
        (False, ["ConversationInactive", "ConversationResumed", "UserSpoke"]),
    ],
)
async def test_an_expiry_that_time_alone_brought_is_not_said_again_by_the_next_message(
    starts_anew: bool, expected: list[str]
) -> None:
    domain = Domain(session=SessionConfig(start_session_after_expiry=starts_anew))
    async with Conversation.with_flows(TRANSFER, domain=domain) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        ended = talk.state.session.session_id
        await talk.waits(hours=5)
        after = len(talk.events) - 1
        await talk.says("hm")
        assert name_events(talk.events[after:])[:3] == expected
        assert talk.state.session.session_id != ended
        assert not talk.state.session.is_inactive


async def test_a_session_that_somebody_resumed_is_not_over_at_once() -> None:
    resumed = flow("wait", act("action_wait"))
    actions = ScriptedActions({"action_wait": [ConversationInactive(), ConversationResumed()]})
    async with Conversation.with_flows(resumed, actions=actions) as talk:
        await talk.says("go", StartFlow(flow="wait"))
        await talk.waits(minutes=59)
        await talk.says("hm")
        assert talk.find_events(SessionStarted) == []
