"""Events change the state; nothing else does."""

import pytest

from duologue.core import events as ev
from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage
from duologue.core.stack import FlowFrame
from duologue.core.state import TRANSCRIPT_LINES, Line, State
from duologue.core.tracker import Tracker, apply_event, fold

BLANK = State(conversation_id=ConversationId("c1"))
FRAME = FlowFrame(flow_id="transfer")
BUSY = fold(
    BLANK,
    [
        ev.SessionStarted(session_id="s1", timestamp=10.0),
        ev.UserSpoke(text="hi", user_id="u1", timestamp=11.0),
        ev.SlotWasSet(name="amount", value=5),
        ev.StackChanged(stack=(FRAME,)),
        ev.BotSpoke(message=BotMessage(text="How much?")),
        ev.FollowupRequested(name="utter_next"),
        ev.LoopActivated(name="form"),
        ev.ConversationPaused(),
    ],
)


def test_a_tracker_keeps_what_it_recorded_apart_from_what_was_stored() -> None:
    tracker = Tracker(BUSY)
    tracker.record(ev.SlotWasSet(name="amount", value=7))
    assert tracker.base_length == 8
    assert tracker.state.length == 9
    assert tracker.new_events == [ev.SlotWasSet(name="amount", value=7)]
    assert (BUSY.slots["amount"], tracker.state.slots["amount"]) == (5, 7)


def test_an_empty_tracker_expects_an_empty_conversation() -> None:
    tracker = Tracker.empty(ConversationId("c2"))
    assert (tracker.base_length, tracker.state.conversation_id) == (0, "c2")


@pytest.mark.parametrize(
    "event",
    [
        ev.ActionRejected(name="a"),
        ev.EntitiesAdded(),
        ev.UserFeaturized(),
        ev.SessionPaused(),
        ev.ReminderScheduled(intent="i", date_time="2030-01-01"),
        ev.ReminderCancelled(),
        ev.UserReverted(),
        ev.ActionReverted(),
        ev.StoryExported(),
        ev.FlowStarted(flow_id="f"),
        ev.FlowInterrupted(flow_id="f"),
        ev.FlowResumed(flow_id="f"),
        ev.FlowCompleted(flow_id="f"),
        ev.FlowCancelled(flow_id="f"),
        ev.RoutingSessionEnded(),
        ev.TurnCutOff(),
        ev.OtherEvent(type_name="theirs"),
    ],
)
def test_events_for_the_record_only_move_the_length_and_the_time(event: Event) -> None:
    after = apply_event(BUSY, event)
    assert after.length == BUSY.length + 1
    assert (after.slots, after.stack, after.session) == (BUSY.slots, BUSY.stack, BUSY.session)
    assert (after.replies, after.followup_action) == (BUSY.replies, BUSY.followup_action)


def test_times_come_from_events_that_have_one() -> None:
    assert (BUSY.started_at, BUSY.last_event_at) == (10.0, 11.0)


def test_what_the_user_said_opens_a_turn() -> None:
    after = apply_event(BUSY, ev.UserSpoke(text="50", channel="telegram", message_id="m2"))
    assert (after.turns, after.channel, after.user_id) == (2, "telegram", "u1")
    assert after.replies == ()
    assert after.previous_replies == (BotMessage(text="How much?"),)
    assert after.last_message is not None
    assert (after.last_message.text, after.last_message.message_id) == ("50", "m2")
    assert after.transcript == (Line(True, "hi"), Line(False, "How much?"), Line(True, "50"))


def test_a_turn_without_a_reply_does_not_hide_what_was_said_before_it() -> None:
    after = fold(BUSY, [ev.UserSpoke(text="a"), ev.UserSpoke(text="b")])
    assert after.previous_replies == (BotMessage(text="How much?"),)


def test_the_transcript_forgets_its_oldest_lines() -> None:
    many = fold(BLANK, [ev.UserSpoke(text=str(number)) for number in range(TRANSCRIPT_LINES + 3)])
    assert len(many.transcript) == TRANSCRIPT_LINES
    assert many.transcript[0] == Line(True, "3")


def test_a_reply_without_words_is_no_line_of_the_transcript() -> None:
    after = apply_event(BUSY, ev.BotSpoke(message=BotMessage(image="cat.png")))
    assert len(after.replies) == 2
    assert len(after.transcript) == 2


@pytest.mark.parametrize(
    "event", [ev.SessionStarted(session_id="s2", timestamp=20.0), ev.ConversationRestarted()]
)
def test_a_new_session_and_a_restart_forget_slots_stack_and_plans(event: Event) -> None:
    after = apply_event(BUSY, event)
    assert (after.slots, after.stack, after.replies) == ({}, (), ())
    assert (after.followup_action, after.active_loop, after.is_paused) == (None, None, False)
    assert (after.turns, after.user_id) == (1, "u1")


def test_a_new_session_knows_where_it_begins() -> None:
    session = apply_event(BUSY, ev.SessionStarted(session_id="s2", timestamp=20.0)).session
    assert (session.session_id, session.started_at, session.first_event) == ("s2", 20.0, 8)


def test_a_restart_stays_in_the_session() -> None:
    assert apply_event(BUSY, ev.ConversationRestarted()).session == BUSY.session


def test_resetting_slots_leaves_the_rest() -> None:
    after = apply_event(BUSY, ev.SlotsReset())
    assert (after.slots, after.stack) == ({}, (FRAME,))


def test_the_end_of_a_session_lasts_until_the_next_one() -> None:
    ended = apply_event(BUSY, ev.SessionEnded())
    assert ended.session.is_terminated
    assert not apply_event(ended, ev.SessionStarted(session_id="s2")).session.is_terminated


@pytest.mark.parametrize("event", [ev.UserSpoke(text="hi"), ev.ConversationResumed()])
def test_an_inactive_conversation_wakes_up(event: Event) -> None:
    inactive = apply_event(BUSY, ev.ConversationInactive())
    assert inactive.session.is_inactive
    assert not apply_event(inactive, event).session.is_inactive


def test_a_paused_conversation_is_resumed() -> None:
    assert BUSY.is_paused
    assert not apply_event(BUSY, ev.ConversationResumed()).is_paused


def test_an_action_that_was_asked_for_is_no_longer_asked_for_once_it_ran() -> None:
    assert apply_event(BUSY, ev.ActionExecuted(name="utter_other")).followup_action == "utter_next"
    ran = apply_event(BUSY, ev.ActionExecuted(name="utter_next"))
    assert (ran.followup_action, ran.last_action) == (None, "utter_next")


def test_a_failed_turn_asks_for_no_action() -> None:
    assert apply_event(BUSY, ev.TurnFailed(error_type="X")).followup_action is None


def test_loops_are_tracked_for_classic_assistants() -> None:
    interrupted = apply_event(BUSY, ev.LoopInterrupted(is_interrupted=True))
    assert (interrupted.active_loop, interrupted.is_loop_interrupted) == ("form", True)
    ended = apply_event(interrupted, ev.LoopActivated(name=None))
    assert (ended.active_loop, ended.is_loop_interrupted) == (None, False)


def test_what_a_person_says_for_the_assistant_is_in_the_transcript() -> None:
    assert apply_event(BUSY, ev.AgentSpoke(text="Hello, Ann here")).transcript[-1] == Line(
        False, "Hello, Ann here"
    )
