"""Our assistant in front of the example action servers: conversations whose actions are written in TypeScript and Java."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.events import TurnFailed
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, ReplyPiece, UserMessage
from duologue.runtime.assistant import Assistant
from duologue.runtime.opening import open_assistant
from duologue.runtime.settings import Settings
from tests.peers.example_servers import JavaServer, NodeServer

pytestmark = pytest.mark.slow

SHOP = Path(__file__).with_name("shop")
ANNA = ConversationId("anna")


@pytest.fixture(scope="module")
def node_server() -> Iterator[NodeServer]:
    with NodeServer() as server:
        yield server


@pytest.fixture(scope="module")
def java_server() -> Iterator[JavaServer]:
    with JavaServer() as server:
        yield server


async def open_shop(folder: Path, url: str) -> Assistant:
    shutil.copytree(SHOP, folder, dirs_exist_ok=True)
    (folder / "endpoints.yml").write_text(f"action_endpoint:\n  url: {url}\n", encoding="utf-8")
    return await open_assistant(folder, Settings(), tracker_store=InMemoryTrackerStore())


async def ask_for_hours(assistant: Assistant) -> None:
    """A question, an answer, and what the action said and did."""
    assert await say(assistant, "/ask_hours") == ["Which day?"]
    assert await say(assistant, "/SetSlots(day=Monday)") == ["On Monday we are open from 9 to 18."]
    state = await assistant.load_state(ANNA)
    assert state is not None
    assert (state.slots["is_open"], state.slots["hours"]) == (True, "9 to 18")
    assert not [event for event in await assistant.load_events(ANNA) if isinstance(event, TurnFailed)]
    await assistant.close()


async def say(assistant: Assistant, text: str) -> list[str | None]:
    report = await assistant.handle(UserMessage(conversation_id=ANNA, text=text))
    return [reply.text for reply in report.replies]


async def test_an_action_in_typescript_runs_over_http(node_server: NodeServer, tmp_path: Path) -> None:
    await ask_for_hours(await open_shop(tmp_path, f"http://127.0.0.1:{node_server.port}/webhook"))


async def test_an_action_in_typescript_runs_over_grpc(node_server: NodeServer, tmp_path: Path) -> None:
    await ask_for_hours(await open_shop(tmp_path, f"grpc://127.0.0.1:{node_server.grpc_port}"))


async def test_an_action_in_java_runs_over_http(java_server: JavaServer, tmp_path: Path) -> None:
    await ask_for_hours(await open_shop(tmp_path, f"http://127.0.0.1:{java_server.port}/webhook"))


async def test_an_action_in_typescript_is_heard_piece_by_piece(
    node_server: NodeServer, tmp_path: Path
) -> None:
    assistant = await open_shop(tmp_path, f"grpc://127.0.0.1:{node_server.grpc_port}")
    heard: list[str | None] = []

    async def hear(shown: BotMessage | ReplyPiece) -> None:
        if isinstance(shown, ReplyPiece) and not shown.is_last:
            heard.append(shown.message.text)

    report = await assistant.handle(UserMessage(conversation_id=ANNA, text="/count_to_three"), hear)
    assert heard == ["one ", "two ", "three"]
    assert [reply.text for reply in report.replies] == ["one two three"]
    await assistant.close()
