"""Calls whose body goes as JSON, to servers of ours over gRPC."""

from typing import Any

from msgspec.structs import replace

from duologue.adapters.action_runner.attempts import FEATURES_NAME
from duologue.adapters.action_runner.grpc import GrpcActionRunner
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.events import SlotWasSet
from duologue.sdk import current_call
from duologue.sdk.events import SlotSet
from duologue.wire.grpc.calls import format_answer, parse_call
from duologue.wire.grpc.messages import WebhookRequest, WebhookResponse
from tests.unit.action_server.grpc_door import make_executor, served
from tests.unit.adapters.action_runner.played_grpc_server import Context, PlayedServer, started
from tests.unit.adapters.action_runner.test_grpc import ANSWER, calling, make_call


async def test_the_second_call_of_a_server_of_ours_is_the_json_of_http() -> None:
    seen: list[dict[str, Any]] = []

    def look(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        seen.append({"slots": tracker.slots, "intents": domain["intents"], "events": len(tracker.events)})
        return [SlotSet("key", current_call().idempotency_key)]

    # Deeper than messages of protobuf may be, so it can only have come as JSON.
    deep: Any = "bottom"
    for _ in range(40):
        deep = [deep]
    async with served(make_executor(action_one=look)) as server:
        runner = GrpcActionRunner(ActionServerOptions(url=f"grpc://127.0.0.1:{server.port}", timeout=5.0))
        await runner.run(make_call())
        call = make_call()
        state = replace(call.state, slots={"amount": deep})
        result = await runner.run(replace(call, state=state))
        await runner.close()
    assert result.events == (SlotWasSet(name="key", value="Änna/m 1/1"),)
    first, second = seen
    assert (first["slots"], second["slots"]) == ({"amount": 20}, {"amount": deep})
    assert first["intents"] == second["intents"] == ["greet"]
    assert first["events"] == second["events"] == 1


async def test_a_server_of_others_in_the_place_of_ours_gets_the_message_of_the_protocol() -> None:
    async def answer(_: WebhookRequest, context: Context) -> WebhookResponse:
        await context.send_initial_metadata(((FEATURES_NAME, "domain-digest json-calls"),))
        return format_answer(ANSWER)

    server = PlayedServer()
    server.run = answer
    async with started(server), calling(server.url) as runner:
        for _ in range(3):
            assert (await runner.run(make_call())).events
    assert [parse_call(request)["tracker"]["slots"] for request in server.requests] == [{"amount": 20}] * 3
