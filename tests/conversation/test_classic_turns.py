"""Turns of a classic assistant as it runs: rules, a form, and the project's actions in the same process."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from duologue.core.events import REPEATED, ActionRejected, TurnFailed
from tests.conversation.ferry_talk import ANNA, FerryTalk, open_ferry

TO_ELM = '/book{"harbour": "Elm Island"}'


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[FerryTalk]:
    async with open_ferry(tmp_path) as talk:
        yield talk


async def test_a_form_asks_validates_and_ends(talk: FerryTalk) -> None:
    assert await talk.says("/book") == ["To which harbour?"]
    assert await talk.says('/tell{"harbour": "Moon"}') == ["No ferry goes to Moon.", "To which harbour?"]
    assert await talk.says('/tell{"harbour": "Elm Island"}') == ["How many seats to Elm Island?"]
    assert await talk.says('/tell{"seats": 3}') == ["Do you bring a car?"]
    assert await talk.says("/deny") == ["3 to Elm Island, without a car."]
    assert (await talk.load_state()).active_loop is None


async def test_the_validation_may_require_more_slots(talk: FerryTalk) -> None:
    await talk.says(TO_ELM, '/tell{"seats": 2}')
    assert await talk.says("/affirm") == ["What is on its plate?"]
    assert await talk.says("AB 12 cd") == ["2 to Elm Island, AB 12 cd."]


async def test_an_ignored_intent_is_answered_and_the_form_asks_again(talk: FerryTalk) -> None:
    await talk.says("/book")
    assert await talk.says("weather") == ["The sea is calm.", "To which harbour?"]


async def test_a_validation_that_declines_leaves_the_message_to_the_rules(talk: FerryTalk) -> None:
    await talk.says("/book")
    assert await talk.says('/tell{"harbour": "closed"}') == ["That was no answer.", "To which harbour?"]
    assert await talk.has_event(ActionRejected)
    assert await talk.list_actions() == ["utter_declined", "ticket_form", "action_listen"]


async def test_a_form_is_left_by_a_rule(talk: FerryTalk) -> None:
    assert await talk.says("/book", "/stop") == ["As you like."]
    assert (await talk.load_state()).active_loop is None
    assert await talk.says(TO_ELM) == ["How many seats to Elm Island?"]


async def test_a_message_that_an_action_failed_on_may_be_said_again(
    talk: FerryTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.says("/book")
    before = await talk.load_state()
    monkeypatch.setenv("FERRY_IS_OUT_OF_ORDER", "1")
    failed = await talk.says('/tell{"harbour": "Elm Island"}')
    assert len(failed) == 1
    assert await talk.has_event(TurnFailed)
    after = await talk.load_state()
    assert after.history == before.history
    assert (after.active_loop, after.slots.get("harbour")) == ("ticket_form", None)
    monkeypatch.delenv("FERRY_IS_OUT_OF_ORDER")
    assert await talk.says('/tell{"harbour": "Elm Island"}') == ["How many seats to Elm Island?"]


async def test_a_reminder_is_answered_by_the_rules(talk: FerryTalk) -> None:
    assert await talk.says("/call_me") == []
    report = await talk.assistant.run_timers(ANNA, now=time.time() + 60)
    assert [reply.text for reply in report.replies] == ["Your ferry leaves soon."]
    assert (await talk.load_state()).reminders == ()


async def test_a_reminder_in_a_form_leaves_its_question_open(talk: FerryTalk) -> None:
    await talk.says("/call_me", "/book")
    report = await talk.assistant.run_timers(ANNA, now=time.time() + 60)
    assert [reply.text for reply in report.replies] == ["Your ferry leaves soon.", "To which harbour?"]
    assert await talk.says('/tell{"harbour": "Elm Island"}') == ["How many seats to Elm Island?"]


async def test_a_restart_forgets_all_and_begins_a_session(talk: FerryTalk) -> None:
    await talk.says("/greet", TO_ELM)
    assert await talk.says("/restart") == ["From the beginning."]
    state = await talk.load_state()
    assert (state.active_loop, state.slots.get("harbour")) == (None, None)
    assert await talk.says("ahoy") == ["Ahoy!"]


async def test_a_new_session_is_begun_on_request_and_keeps_slots(talk: FerryTalk) -> None:
    await talk.says("/greet", TO_ELM, "/stop")
    first = (await talk.load_state()).session.session_id
    assert await talk.says("/session_start") == []
    state = await talk.load_state()
    assert (state.slots.get("harbour"), state.session.session_id == first) == ("Elm Island", False)
    assert await talk.says("ahoy") == ["Ahoy!"]


async def test_a_rule_for_the_beginning_holds_only_there(talk: FerryTalk) -> None:
    assert await talk.says("ahoy") == ["Ahoy!"]
    assert await talk.says("ahoy") == ["Pardon?"]


async def test_going_back_takes_back_what_was_said_last(talk: FerryTalk) -> None:
    await talk.says("/greet", TO_ELM)
    assert await talk.says("/back") == ["One step back."]
    state = await talk.load_state()
    assert (state.active_loop, state.slots.get("harbour")) == (None, None)
    assert await talk.says("/book") == ["To which harbour?"]


async def test_a_slot_that_an_action_fills_at_every_message_decides_between_rules(talk: FerryTalk) -> None:
    assert await talk.says("weather") == ["The sea is calm."]
    assert await talk.says("weather in the storm?") == ["The sea is rough."]


async def test_slots_may_be_extracted_by_a_rule(talk: FerryTalk) -> None:
    assert await talk.says('/read_again{"harbour": "Elm Island"}') == ["I read it again."]
    assert (await talk.load_state()).slots.get("harbour") == "Elm Island"


async def test_an_assistant_that_was_paused_is_silent_until_it_is_restarted(talk: FerryTalk) -> None:
    assert await talk.says("/leave") == []
    assert await talk.says("ahoy") == []
    assert await talk.says("/restart") == ["From the beginning."]
    assert await talk.says("ahoy") == ["Ahoy!"]


async def test_a_channel_cannot_say_that_a_message_is_a_repetition(talk: FerryTalk) -> None:
    await talk.says("ahoy", metadata={REPEATED: True, "page": "tickets"})
    state = await talk.load_state()
    assert state.last_message is not None
    assert (state.turns, state.last_message.metadata["page"]) == (1, "tickets")
