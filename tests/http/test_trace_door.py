"""The trace that a request names goes on in what the request sets off."""

from duologue.core.messages import BotMessage, UserMessage
from duologue.telemetry.propagation import inject_context
from tests.http.conftest import Connect
from tests.http.scripted_assistant import ScriptedAssistant

TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
WEBHOOK = "/webhooks/rest/webhook"


async def test_a_turn_belongs_to_the_trace_of_its_request_and_the_next_one_does_not(
    connect: Connect, assistant: ScriptedAssistant
) -> None:
    seen: list[dict[str, str]] = []

    async def answer(_: UserMessage) -> tuple[BotMessage, ...]:
        headers: dict[str, str] = {}
        inject_context(headers)
        seen.append(headers)
        return ()

    assistant.answer = answer
    body = {"sender": "anna", "message": "Hello"}
    async with connect() as client:
        await client.post(WEBHOOK, json=body, headers=TRACE)
        await client.post(f"{WEBHOOK}?stream=true", json=body, headers=TRACE)
        await client.post(WEBHOOK, json=body)
    assert seen == [TRACE, TRACE, {}]
