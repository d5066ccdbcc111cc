"""A test of an action sees what it streams, and can interrupt it."""

from duologue.sdk import action
from duologue.sdk.events import SlotSet
from duologue.sdk.testing import run_action


@action("action_count")
async def count(dispatcher, tracker, domain):
    await dispatcher.stream_start()
    for number in range(5):
        await dispatcher.stream_chunk(text=f"{number} ")
    await dispatcher.stream_end()
    dispatcher.utter_message(text="Done.")
    return [SlotSet("was_heard", not dispatcher.is_streaming_cancelled)]


async def test_pieces_are_told_apart_from_messages_where_the_transport_streams() -> None:
    outcome = await run_action(count, streams=True)

    assert outcome.streamed_text == "0 1 2 3 4 "
    assert outcome.texts == ["Done."]
    assert outcome.slots == {"was_heard": True}


async def test_pieces_become_messages_where_it_does_not() -> None:
    outcome = await run_action(count)

    assert outcome.pieces == []
    assert outcome.texts == ["0 ", "1 ", "2 ", "3 ", "4 ", "Done."]


async def test_a_user_who_interrupts_hears_no_more() -> None:
    outcome = await run_action(count, leave_after=2)

    assert outcome.streamed_text == "0 1 "
    assert outcome.slots == {"was_heard": False}
