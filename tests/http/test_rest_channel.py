"""The REST channel over HTTP."""

import asyncio

import pytest

from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.messages import BotMessage, UserMessage
from duologue.server.app import build_app
from duologue.server.options import ServerOptions
from duologue.server.reception import Reception
from tests.http.conftest import Connect, open_client
from tests.http.scripted_assistant import ScriptedAssistant, offer_choices

WEBHOOK = "/webhooks/rest/webhook"


async def test_the_channel_says_that_it_is_there(connect: Connect) -> None:
    async with connect() as client:
        response = await client.get("/webhooks/rest/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_a_message_is_answered_with_a_list_of_messages(connect: Connect) -> None:
    async with connect() as client:
        response = await client.post(WEBHOOK, json={"sender": "anna", "message": "Hello"})
    assert response.status_code == 200
    assert response.json() == [{"recipient_id": "anna", "text": "You said: Hello"}]


async def test_every_field_of_the_body_reaches_the_assistant(
    connect: Connect, assistant: ScriptedAssistant
) -> None:
    body = {
        "sender": "anna",
        "message": "Hello",
        "input_channel": "widget",
        "metadata": {"user_id": "u-7", "page": "/help"},
        "message_id": "m-1",
    }
    async with connect() as client:
        await client.post(WEBHOOK, json=body)
    assert assistant.messages == [
        UserMessage(
            conversation_id=ConversationId("anna"),
            text="Hello",
            channel="widget",
            message_id=MessageId("m-1"),
            user_id=UserId("u-7"),
            metadata={"user_id": "u-7", "page": "/help"},
        )
    ]


async def test_the_idempotency_key_names_the_message(connect: Connect, assistant: ScriptedAssistant) -> None:
    async with connect() as client:
        await client.post(WEBHOOK, json={"message": "Hello"}, headers={"Idempotency-Key": "k-1"})
    assert assistant.messages[0].message_id == "k-1"


async def test_a_body_without_a_sender_speaks_in_the_default_conversation(
    connect: Connect, assistant: ScriptedAssistant
) -> None:
    async with connect() as client:
        await client.post(WEBHOOK, json={"message": "Hello"})
    assert assistant.messages[0].conversation_id == "default"


async def test_a_streamed_answer_is_one_message_a_line(
    connect: Connect, assistant: ScriptedAssistant
) -> None:
    assistant.answer = offer_choices
    async with connect() as client:
        response = await client.post(f"{WEBHOOK}?stream=true", json={"sender": "anna", "message": "Hello"})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text.splitlines() == [
        '{"recipient_id":"anna","text":"Sure?","buttons":'
        '[{"title":"Yes","payload":"/SetSlots(ok=true)"},{"title":"No","payload":"/SetSlots(ok=false)"}]}',
        '{"recipient_id":"anna","image":"https://example.com/cat.png"}',
    ]


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b"", "The body is empty"),
        (b"{", "The body is not JSON"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"sender": "anna"}', 'The body has no "message"'),
        (b'{"message": 5}', "got `int` - at `$.message`"),
        (b'{"message": "hi", "metadata": []}', "`$.metadata`"),
        (b'{"message": "\xff"}', "not UTF-8"),
        (b'{"message": "hi", "sender": "' + b"a" * 256 + b'"}', "longer than 255 characters"),
        (b"[" * 100_000, "Expected `object`"),
    ],
)
async def test_a_body_that_is_no_message_gets_one_clear_sentence(
    connect: Connect, body: bytes, hint: str
) -> None:
    async with connect() as client:
        response = await client.post(WEBHOOK, content=body)
    failure = response.json()
    assert (response.status_code, failure["code"], failure["reason"]) == (400, 400, "BadRequest")
    assert hint in failure["message"]


@pytest.mark.parametrize("query", ["", "?stream=true"])
async def test_a_store_that_is_down_is_answered_with_503(
    connect: Connect, assistant: ScriptedAssistant, query: str
) -> None:
    assistant.is_store_down = True
    async with connect() as client:
        response = await client.post(WEBHOOK + query, json={"message": "Hello"})
    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert response.json()["reason"] == "StorageUnavailable"


async def test_a_closing_server_refuses_new_messages_and_finishes_the_turn_under_way(
    connect: Connect, assistant: ScriptedAssistant, reception: Reception
) -> None:
    go_on = asyncio.Event()
    has_begun = asyncio.Event()

    async def answer(message: UserMessage) -> tuple[BotMessage, ...]:
        has_begun.set()
        await go_on.wait()
        return (BotMessage(text="Done."),)

    assistant.answer = answer
    async with connect() as client:
        under_way = asyncio.create_task(client.post(WEBHOOK, json={"message": "first"}))
        await has_begun.wait()
        reception.begin_closing()
        refused = await client.post(WEBHOOK, json={"message": "second"})
        assert not await reception.wait_until_idle(0)
        go_on.set()
        assert (await under_way).json() == [{"recipient_id": "default", "text": "Done."}]
    assert await reception.wait_until_idle(0)
    assert (refused.status_code, refused.json()["reason"]) == (503, "ShuttingDown")


async def test_a_turn_that_takes_too_long_is_cut_off(assistant: ScriptedAssistant) -> None:
    async def answer(message: UserMessage) -> tuple[BotMessage, ...]:
        await asyncio.Event().wait()
        return ()

    assistant.answer = answer
    reception = Reception(assistant, seconds=0)
    async with open_client(reception) as client:
        response = await client.post(WEBHOOK, json={"message": "Hello"})
    assert (response.status_code, response.json()["reason"]) == (503, "TurnTimeout")
    assert assistant.cancelled == ["Hello"]


async def test_a_client_that_leaves_a_stream_cancels_the_turn(assistant: ScriptedAssistant) -> None:
    sent: list[object] = []
    has_begun = asyncio.Event()

    async def answer(message: UserMessage) -> tuple[BotMessage, ...]:
        has_begun.set()
        await asyncio.Event().wait()
        return ()

    assistant.answer = answer
    requests = iter([{"type": "http.request", "body": b'{"message": "Hello"}', "more_body": False}])

    async def receive() -> dict[str, object]:
        return next(requests, None) or await leave()

    async def leave() -> dict[str, object]:
        await has_begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": WEBHOOK,
        "query_string": b"stream=true",
        "headers": [],
    }
    await build_app(Reception(assistant, seconds=5), ServerOptions())(scope, receive, send)
    assert assistant.cancelled == ["Hello"]
    assert sent == []
