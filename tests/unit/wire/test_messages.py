"""Replies take the shapes that channels and stored events know."""

from hypothesis import given, settings

from duologue.core.messages import BotMessage, Button
from duologue.wire.messages import format_reply, format_reply_data, parse_reply
from tests.unit.wire.generated_values import structs_of


def test_a_text_with_an_image_becomes_two_messages() -> None:
    reply = BotMessage(text="Look:", image="https://example.org/tiger.jpg", response="utter_tiger")
    assert format_reply(reply, "anna") == [
        {"recipient_id": "anna", "text": "Look:"},
        {"recipient_id": "anna", "image": "https://example.org/tiger.jpg"},
    ]


def test_paragraphs_become_messages_of_their_own() -> None:
    reply = BotMessage(text="One.\n\nTwo\nlines.\n")
    assert [message["text"] for message in format_reply(reply, "anna")] == ["One.", "Two\nlines."]


def test_buttons_stay_with_the_whole_text() -> None:
    reply = BotMessage(
        text="Sure?\n\nReally?", buttons=(Button(title="Yes", payload="/yes", extra={"x": 1}),)
    )
    assert format_reply(reply, "anna") == [
        {
            "recipient_id": "anna",
            "text": "Sure?\n\nReally?",
            "buttons": [{"title": "Yes", "payload": "/yes", "x": 1}],
        }
    ]


def test_each_rich_part_has_its_message_in_a_fixed_order() -> None:
    reply = BotMessage(
        text="Hi",
        image="i.png",
        attachment={"type": "file"},
        custom={"blocks": [1]},
        elements=({"title": "Tea", "subtitle": "hot", "buttons": [{"title": "Buy"}]}, {"title": "Cup"}),
    )
    assert format_reply(reply, "a") == [
        {"recipient_id": "a", "text": "Hi"},
        {"recipient_id": "a", "custom": {"blocks": [1]}},
        {"recipient_id": "a", "image": "i.png"},
        {"recipient_id": "a", "attachment": {"type": "file"}},
        {"recipient_id": "a", "text": "Tea : hot", "buttons": [{"title": "Buy"}]},
        {"recipient_id": "a", "text": "Cup : "},
    ]


def test_an_empty_reply_says_nothing() -> None:
    assert format_reply(BotMessage(), "anna") == []


@given(structs_of(BotMessage))
@settings(max_examples=25, deadline=None)
def test_the_data_of_a_bot_event_holds_the_whole_reply(reply: BotMessage) -> None:
    metadata = {"utter_action": reply.response, "metadata": reply.metadata}
    assert parse_reply(reply.text, format_reply_data(reply), metadata) == reply
