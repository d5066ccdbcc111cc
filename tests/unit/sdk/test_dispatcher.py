"""What an action says, at once and in pieces."""

from typing import Any

import pytest

from duologue.sdk import CollectingDispatcher


def texts(dispatcher: CollectingDispatcher) -> list[str]:
    return [message["text"] for message in dispatcher.messages]


def test_a_message_has_every_field_of_the_protocol_and_its_variables() -> None:
    dispatcher = CollectingDispatcher()

    dispatcher.utter_message(response="utter_balance", amount=12, json_message={"a": 1})

    assert dispatcher.messages == [
        {
            "text": None,
            "buttons": [],
            "elements": [],
            "custom": {"a": 1},
            "template": "utter_balance",
            "response": "utter_balance",
            "image": None,
            "attachment": None,
            "amount": 12,
        }
    ]


def test_the_old_parameter_for_a_response_warns_and_works() -> None:
    dispatcher = CollectingDispatcher()

    with pytest.warns(FutureWarning, match="`response` instead of `template`"):
        dispatcher.utter_message(template="utter_hi")

    assert dispatcher.messages[0]["response"] == "utter_hi"


@pytest.mark.parametrize(
    ("method", "arguments", "field", "value"),
    [
        ("utter_custom_message", [{"title": "t"}], "elements", [{"title": "t"}]),
        ("utter_elements", [{"title": "t"}], "elements", [{"title": "t"}]),
        ("utter_button_message", ["hi", [{"title": "b"}]], "buttons", [{"title": "b"}]),
        ("utter_attachment", ["file"], "attachment", "file"),
        ("utter_button_template", ["utter_hi", [{"title": "b"}], None], "response", "utter_hi"),
        ("utter_template", ["utter_hi", None], "response", "utter_hi"),
        ("utter_custom_json", [{"a": 1}], "custom", {"a": 1}),
        ("utter_image_url", ["http://x"], "image", "http://x"),
    ],
)
def test_old_methods_warn_and_work(method: str, arguments: list[Any], field: str, value: Any) -> None:
    dispatcher = CollectingDispatcher()

    with pytest.warns(FutureWarning, match="deprecated|instead of"):
        getattr(dispatcher, method)(*arguments)

    assert dispatcher.messages[0][field] == value


async def test_without_a_stream_chunks_become_ordinary_messages() -> None:
    dispatcher = CollectingDispatcher()

    await dispatcher.stream_chunk(text="Your balance")
    assert dispatcher.is_streaming_active
    await dispatcher.stream_chunk(text="is 12.", json_message={"balance": 12})
    await dispatcher.stream_end()

    assert texts(dispatcher) == ["Your balance", "is 12."]
    assert dispatcher.messages[1]["custom"] == {"balance": 12}
    assert not dispatcher.is_streaming_active


async def test_with_a_stream_chunks_leave_at_once_and_only_once() -> None:
    sent: list[dict[str, Any]] = []

    async def send(chunk: dict[str, Any]) -> None:
        sent.append(chunk)

    dispatcher = CollectingDispatcher(sink=send)
    await dispatcher.stream_start()
    await dispatcher.stream_chunk(text="hi", image="i", buttons=[{"title": "b"}])
    await dispatcher.stream_end()

    assert sent == [
        {"event": "stream_start"},
        {"event": "stream_chunk", "text": "hi", "image": "i", "buttons": [{"title": "b"}]},
        {"event": "stream_end"},
    ]
    assert dispatcher.messages == []


async def test_after_an_interruption_chunks_are_dropped_until_the_next_stream() -> None:
    dispatcher = CollectingDispatcher()
    await dispatcher.stream_chunk(text="one")
    dispatcher.cancel_stream()
    await dispatcher.stream_chunk(text="two")
    await dispatcher.stream_end()
    assert dispatcher.is_streaming_cancelled

    await dispatcher.stream_start()
    await dispatcher.stream_chunk(text="three")
    await dispatcher.stream_end()

    assert texts(dispatcher) == ["one", "three"]
    assert not dispatcher.is_streaming_cancelled


async def test_a_response_of_the_domain_cannot_be_a_chunk() -> None:
    with pytest.raises(ValueError, match=r"does not support \['response'\]"):
        await CollectingDispatcher().stream_chunk(response="utter_hi")
