"""What an action says while it runs: shown piece by piece, recorded as a whole."""

import asyncio

from duologue.core.commands import StartFlow
from duologue.core.errors import ActionError
from duologue.core.events import ActionExecuted, BotSpoke, TurnCutOff, TurnFailed
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, ReplyPiece, UserMessage
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.dialogue.streamed_replies import StreamedReplies
from duologue.dialogue.turn import Turn
from duologue.ports.action_runner import ActionResult
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import FrozenClock, RecordingDelivery, Saying, ScriptedActions
from tests.flow_writing import act, flow

TELL = flow("tell", act("action_tell"), run_pattern_completed=False)
WORDS = ({"text": "one "}, {"text": "two "}, {"text": "three", "buttons": [{"title": "More"}]})


def telling(
    outcome: Saying, delivery: RecordingDelivery | None = None
) -> tuple[Conversation, ScriptedActions]:
    actions = ScriptedActions({"action_tell": outcome})
    return Conversation.with_flows(TELL, actions=actions, deliver=delivery), actions


async def test_pieces_are_shown_as_they_come_and_the_whole_reply_is_recorded_once() -> None:
    delivery = RecordingDelivery()
    talk, _ = telling(Saying(pieces=WORDS, then=ActionResult(responses=({"text": "Done."},))), delivery)
    async with talk:
        await talk.says("tell", StartFlow(flow="tell"))
        assert [(piece.number, piece.message.text) for piece in delivery.pieces] == [
            (1, "one "),
            (1, "two "),
            (1, "three"),
            (1, "one two three"),
        ]
        assert [piece.is_last for piece in delivery.pieces] == [False, False, False, True]
        assert [spoken.message.text for spoken in talk.find_events(BotSpoke)] == ["one two three", "Done."]
        assert [message.text for message in delivery.messages] == ["Done."]


async def test_a_channel_without_streams_gets_one_whole_reply() -> None:
    talk, _ = telling(Saying(pieces=WORDS))
    async with talk:
        await talk.says("tell", StartFlow(flow="tell"))
        (reply,) = talk.replies
        assert (reply.text, len(reply.buttons)) == ("one two three", 1)


async def test_a_second_picture_begins_a_second_reply() -> None:
    pieces = ({"text": "a", "image": "1.png"}, {"text": "b"}, {"image": "2.png"})
    delivery = RecordingDelivery()
    talk, _ = telling(Saying(pieces=pieces), delivery)
    async with talk:
        await talk.says("tell", StartFlow(flow="tell"))
        assert [(reply.text, reply.image) for reply in talk.replies] == [("ab", "1.png"), (None, "2.png")]
        assert [piece.number for piece in delivery.pieces] == [1, 1, 1, 2, 2]


async def test_an_action_that_fails_in_the_middle_has_said_what_was_shown() -> None:
    delivery = RecordingDelivery()
    failure = ActionError("the action 'action_tell' broke", action_name="action_tell")
    talk, _ = telling(Saying(pieces=WORDS[:2], then=failure), delivery)
    async with talk:
        await talk.says("tell", StartFlow(flow="tell"))
        texts = [spoken.message.text for spoken in talk.find_events(BotSpoke)]
        assert texts[0] == "one two "
        assert len(talk.find_events(TurnFailed)) == 1
        assert not [event for event in talk.find_events(ActionExecuted) if event.name == "action_tell"]


async def test_what_nobody_heard_any_more_is_not_recorded_as_said() -> None:
    delivery = RecordingDelivery(fails_after=1)
    talk, _ = telling(Saying(pieces=WORDS), delivery)
    async with talk:
        await talk.says("tell", StartFlow(flow="tell"))
        assert [spoken.message.text for spoken in talk.find_events(BotSpoke)] == ["one "]
        assert [event.metadata["delivered"] for event in talk.find_events(TurnCutOff)] == [1]


def make_stream(
    delivery: RecordingDelivery | None, departure: asyncio.Event | None = None
) -> StreamedReplies:
    conversation_id = ConversationId("c")
    turn = Turn(
        UserMessage(conversation_id=conversation_id, text="hi"),
        Tracker(State(conversation_id=conversation_id)),
        clock=FrozenClock(),
        stamp={},
        deliver=delivery,
        departure=departure.wait if departure else None,
    )
    return StreamedReplies(turn)


async def test_the_action_hears_that_the_listener_has_left() -> None:
    departure = asyncio.Event()
    stream = make_stream(RecordingDelivery(), departure)
    waiting = asyncio.create_task(stream.wait_until_left())
    await asyncio.sleep(0)
    assert not waiting.done()
    departure.set()
    await waiting


async def test_a_piece_that_is_not_taken_counts_as_leaving() -> None:
    stream = make_stream(RecordingDelivery(fails_after=0))
    await stream.begin()
    await stream.add({"text": "lost"})
    await asyncio.wait_for(stream.wait_until_left(), 1)


async def test_pieces_are_values_that_a_second_run_can_tell_from_those_shown() -> None:
    first = ReplyPiece(number=1, message=BotMessage(text="a"))
    assert first == ReplyPiece(number=1, message=BotMessage(text="a"))
    assert first != ReplyPiece(number=2, message=BotMessage(text="a"))
