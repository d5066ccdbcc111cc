"""Reminders: what an action wants to happen later, without anybody's word."""

from datetime import UTC, datetime

import pytest

from duologue.core.commands import SetSlot, StartFlow
from duologue.core.domain import Domain, SessionConfig
from duologue.core.events import (
    ConversationInactive,
    ConversationPaused,
    ConversationRestarted,
    ConversationResumed,
    Event,
    ReminderCancelled,
    ReminderScheduled,
    SessionEnded,
    SessionStarted,
    TurnFailed,
    UserSpoke,
)
from duologue.core.slots import SlotType
from duologue.flows.flow import NluTrigger
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import FrozenClock, ScriptedActions
from tests.flow_writing import act, ask, controlled, flow

NOW = 1_700_000_000.0
HOUR = 3600.0

PLAN = flow("plan", act("action_plan"), act("utter_planned"))
CHECK_IN = flow("check_in", act("utter_how_is_it"), nlu_triggers=(NluTrigger(intent="check_in"),))
SURVEY = flow("survey", ask("score"), act("utter_thanks"), nlu_triggers=(NluTrigger(intent="survey"),))
TRANSFER = flow("transfer", ask("recipient"), act("utter_sent"))


def at(seconds: float) -> str:
    """So many seconds from the beginning, as an action writes it."""
    return datetime.fromtimestamp(NOW + seconds, UTC).isoformat()


def remind(seconds: float, intent: str = "check_in", name: str = "r", **options: object) -> ReminderScheduled:
    return ReminderScheduled(intent=intent, date_time=at(seconds), name=name, **options)  # type: ignore[arg-type]


def planning(*events: Event, session: SessionConfig | None = None, **outcomes: object) -> Conversation:
    """A conversation in which `plan` gives these events."""
    actions = ScriptedActions({"action_plan": list(events), **outcomes})  # type: ignore[dict-item]
    return Conversation.with_flows(
        PLAN,
        CHECK_IN,
        SURVEY,
        TRANSFER,
        slots=[controlled("mood", SlotType.TEXT)],
        domain=Domain(session=session or SessionConfig()),
        actions=actions,
        clock=FrozenClock(NOW),
    )


async def test_a_reminder_starts_the_flow_of_its_intent_at_its_time() -> None:
    async with planning(remind(600)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert await talk.waits(seconds=599) == []
        assert (await talk.waits(seconds=1))[0] == "utter_how_is_it"
        assert await talk.waits(minutes=30) == []


async def test_it_is_recorded_as_other_servers_record_it() -> None:
    async with planning(remind(600, entities={"mood": "good"})) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.waits(minutes=10)
        spoken = talk.find_events(UserSpoke)[0]
        assert (spoken.text, spoken.reminder) == ("EXTERNAL: check_in", "r")
        assert spoken.metadata["is_external"] is True
        intent = spoken.understanding.intent
        assert intent is not None
        assert (intent.name, intent.confidence) == ("check_in", 1.0)
        assert [(entity.entity, entity.value) for entity in spoken.understanding.entities] == [
            ("mood", "good")
        ]
        assert spoken.timestamp == NOW + 600


async def test_an_action_sees_the_entities_of_the_reminder() -> None:
    seen = flow("seen", act("action_look"), nlu_triggers=(NluTrigger(intent="look"),))
    event = remind(60, "look", entities=[{"entity": "plant", "value": "fern"}])
    actions = ScriptedActions({"action_plan": [event], "action_look": []})
    async with Conversation.with_flows(PLAN, seen, actions=actions, clock=FrozenClock(NOW)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.waits(minutes=1)
        message = actions.calls[-1].state.last_message
        assert message is not None
        assert [(entity.entity, entity.value) for entity in message.understanding.entities] == [
            ("plant", "fern")
        ]


async def test_a_reminder_in_the_past_comes_due_at_once() -> None:
    async with planning(remind(-HOUR)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert (await talk.waits(seconds=0))[0] == "utter_how_is_it"


async def test_a_time_without_a_zone_is_in_utc() -> None:
    event = ReminderScheduled(intent="check_in", date_time="2023-11-14T22:23:20", name="r")
    async with planning(event) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert talk.state.reminders[0].due_at == NOW + 600


async def test_a_time_that_is_none_is_no_reminder() -> None:
    async with planning(ReminderScheduled(intent="check_in", date_time="tomorrow", name="r")) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert talk.state.reminders == ()


async def test_a_word_of_the_user_kills_it() -> None:
    async with planning(remind(600)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.says("hm")
        assert await talk.waits(minutes=20) == []


async def test_a_word_of_the_user_spares_one_that_is_to_survive_it() -> None:
    async with planning(remind(600, kill_on_user_message=False)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.says("hm")
        assert (await talk.waits(minutes=20))[0] == "utter_how_is_it"


async def test_a_reminder_does_not_kill_another() -> None:
    async with planning(remind(60, name="first"), remind(120, name="second")) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.waits(minutes=3)
        assert [event.reminder for event in talk.find_events(UserSpoke)] == ["first", "second"]


async def test_one_of_the_same_name_takes_its_place() -> None:
    async with planning(remind(60), remind(300)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert await talk.waits(minutes=4) == []
        await talk.waits(minutes=1)
        assert len(talk.find_events(UserSpoke)) == 1


async def test_those_without_a_name_are_told_apart() -> None:
    async with planning(remind(60, name=""), remind(120, name="")) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        names = {reminder.name for reminder in talk.state.reminders}
        assert len(names) == 2
        assert "" not in names


@pytest.mark.parametrize(
    ("cancellation", "left"),
    [
        (ReminderCancelled(name="a"), ["b", "c"]),
        (ReminderCancelled(intent="check_in"), ["b"]),
        (ReminderCancelled(entities={"mood": "bad"}), ["a", "b"]),
        (ReminderCancelled(entities=[{"entity": "mood", "value": "bad"}]), ["a", "b"]),
        (ReminderCancelled(name="a", intent="survey"), ["a", "b", "c"]),
        (ReminderCancelled(), []),
    ],
)
async def test_a_cancellation_takes_those_that_fit_all_it_names(
    cancellation: ReminderCancelled, left: list[str]
) -> None:
    reminders = (
        remind(60, name="a"),
        remind(60, "survey", name="b"),
        remind(60, name="c", entities={"mood": "bad"}),
    )
    async with planning(*reminders, cancellation) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert [reminder.name for reminder in talk.state.reminders] == left


@pytest.mark.parametrize("ending", [ConversationRestarted(), SessionEnded()])
async def test_a_restart_and_an_end_take_all(ending: Event) -> None:
    async with planning(remind(60, kill_on_user_message=False), ending) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert await talk.waits(hours=2) == []
        assert talk.state.reminders == ()


async def test_what_was_promised_outlives_the_session() -> None:
    async with planning(remind(24 * HOUR, kill_on_user_message=False)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.waits(hours=5)
        await talk.says("hi again")
        assert len(talk.find_events(SessionStarted)) == 1
        assert (await talk.waits(hours=20))[0] == "utter_how_is_it"


async def test_it_interrupts_the_flow_under_way_which_is_offered_again() -> None:
    async with planning(remind(60, kill_on_user_message=False)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.says("send", StartFlow(flow="transfer"))
        said = await talk.waits(minutes=1)
        assert said[0] == "utter_how_is_it"
        assert said[-1] == "utter_ask_continue_interrupted_flow_confirmation"


async def test_what_it_asks_is_answered_even_though_the_session_had_expired() -> None:
    async with planning(remind(10 * HOUR, "survey")) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        before = talk.state.session.session_id
        assert await talk.waits(hours=10) == ["utter_ask_score"]
        assert len(talk.find_events(ConversationInactive)) == 1
        assert len(talk.find_events(ConversationResumed)) == 1
        assert talk.find_events(SessionStarted) == []
        assert talk.state.session.session_id != before
        await talk.waits(minutes=50)
        assert (await talk.says("5", SetSlot(name="score", value="5")))[0] == "utter_thanks"


async def test_if_nobody_answers_the_session_expires_again() -> None:
    async with planning(remind(10 * HOUR, "survey")) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.waits(hours=10)
        await talk.waits(hours=1)
        assert len(talk.find_events(ConversationInactive)) == 1
        await talk.says("5")
        assert len(talk.find_events(SessionStarted)) == 1


async def test_in_a_paused_conversation_it_is_recorded_and_not_answered() -> None:
    async with planning(remind(60), ConversationPaused()) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert await talk.waits(hours=2) == []
        assert [event.reminder for event in talk.new_events if isinstance(event, UserSpoke)] == ["r"]
        assert talk.state.is_paused


async def test_one_whose_intent_starts_nothing_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with planning(remind(60, "unheard_of", kill_on_user_message=False)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.says("send", StartFlow(flow="transfer"))
        assert await talk.waits(minutes=1) == []
        assert talk.state.reminders == ()
        assert "reminder.nothing_to_do" in caplog.messages
        assert (await talk.says("Jo", SetSlot(name="recipient", value="Jo")))[0] == "utter_sent"


async def test_an_action_that_fails_does_not_bring_the_reminder_back() -> None:
    failing = flow("failing", act("action_break"), nlu_triggers=(NluTrigger(intent="break"),))
    actions = ScriptedActions({"action_plan": [remind(60, "break")], "action_break": ValueError("no")})
    async with Conversation.with_flows(PLAN, failing, actions=actions, clock=FrozenClock(NOW)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.waits(minutes=1)
        assert len(talk.find_events(TurnFailed)) == 1
        assert talk.state.reminders == ()


async def test_a_project_that_has_changed_meanwhile_tells_so_first() -> None:
    async with planning(remind(60, kill_on_user_message=False)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.says("send", StartFlow(flow="transfer"))
        talk.load_flows([PLAN, CHECK_IN, SURVEY, flow("transfer", act("utter_sent"))])
        assert "utter_how_is_it" in await talk.waits(minutes=1)


async def test_nobody_triggers_a_reminder_by_typing_its_text() -> None:
    async with planning(remind(600)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert "utter_how_is_it" not in await talk.says("EXTERNAL: check_in")
        spoken = talk.find_events(UserSpoke)[0]
        assert spoken.reminder is None


async def test_metadata_of_a_channel_makes_no_reminder_either() -> None:
    async with planning(remind(600, kill_on_user_message=False)) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        forged = {"is_external": True, "reminder": "r"}
        assert "utter_how_is_it" not in await talk.says("EXTERNAL: check_in", metadata=forged)
        assert [reminder.name for reminder in talk.state.reminders] == ["r"]


async def test_an_action_that_reminds_itself_goes_on_for_ever_at_its_pace() -> None:
    daily = flow(
        "daily", act("action_plan"), act("utter_good_morning"), nlu_triggers=(NluTrigger(intent="d"),)
    )
    actions = ScriptedActions()
    clock = FrozenClock(NOW)

    def plan(_: ActionCall) -> ActionResult:
        return ActionResult(events=(remind(clock.now() - NOW + 24 * HOUR, "d"),))

    actions.outcomes["action_plan"] = plan
    async with Conversation.with_flows(daily, actions=actions, clock=clock) as talk:
        await talk.says("go", StartFlow(flow="daily"))
        said = await talk.waits(hours=24 * 3)
        assert said.count("utter_good_morning") == 3
        assert len({call.idempotency_key for call in actions.calls}) == 4


async def test_its_entities_fill_slots_of_the_flow_that_it_starts() -> None:
    async with planning(remind(60, "survey", entities={"score": "5"})) as talk:
        await talk.says("plan", StartFlow(flow="plan"))
        assert (await talk.waits(minutes=1))[0] == "utter_thanks"


async def test_a_question_that_takes_nothing_but_its_answer_is_not_interrupted() -> None:
    forced = flow("transfer", ask("recipient", force_slot_filling=True), act("utter_sent"))
    async with planning(remind(60, kill_on_user_message=False)) as talk:
        talk.load_flows([PLAN, CHECK_IN, SURVEY, forced])
        await talk.says("plan", StartFlow(flow="plan"))
        await talk.says("send", StartFlow(flow="transfer"))
        assert await talk.waits(minutes=1) == []
        assert talk.stack[0] == "transfer"
