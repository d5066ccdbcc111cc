"""A ferry company's classic assistant, copied from the folder `ferry` and opened, and Anna who talks to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.events import ActionExecuted, ActionRejected, TurnFailed, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.state import State
from duologue.core.values import OpenData
from duologue.runtime.assistant import Assistant
from duologue.runtime.opening import open_assistant
from duologue.runtime.settings import Settings

FERRY = Path(__file__).with_name("ferry")
ANNA = ConversationId("anna")


class FerryTalk:
    """Anna's conversation with the ferry company."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    async def says(self, *texts: str, metadata: OpenData | None = None) -> list[str | None]:
        """The texts of the replies to the last of these messages."""
        said: list[str | None] = []
        for text in texts:
            message = UserMessage(conversation_id=ANNA, text=text, metadata=metadata or {})
            report = await self.assistant.handle(message)
            said = [reply.text for reply in report.replies]
        return said

    async def load_state(self) -> State:
        state = await self.assistant.load_state(ANNA)
        assert state is not None
        return state

    async def list_actions(self) -> list[str]:
        events = await self.assistant.load_events(ANNA)
        start = max(place for place, event in enumerate(events) if isinstance(event, UserSpoke))
        return [event.name for event in events[start:] if isinstance(event, ActionExecuted)]

    async def has_event(self, kind: type[ActionRejected | TurnFailed]) -> bool:
        return any(isinstance(event, kind) for event in await self.assistant.load_events(ANNA))


def copy_ferry(folder: Path, *, has_actions: bool = True) -> Path:
    """The project in a folder of its own; without its actions, if a server elsewhere has them."""
    for path in FERRY.rglob("*"):
        if path.suffix == ".yml" or (has_actions and path.suffix == ".py"):
            copy = folder / path.relative_to(FERRY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return folder


@asynccontextmanager
async def open_ferry(
    folder: Path, *, action_server: str | None = None, config: str | None = None
) -> AsyncIterator[FerryTalk]:
    """The assistant in memory; its actions run in this process, or on a server.

    With a `config` the folder holds a project already, which gets this configuration.
    """
    if config is not None:
        (folder / "config.yml").write_text(config, encoding="utf-8")
    else:
        copy_ferry(folder, has_actions=action_server is None)
    if action_server is not None:
        (folder / "endpoints.yml").write_text(f"action_endpoint:\n  {action_server}\n", encoding="utf-8")
    assistant = await open_assistant(folder, Settings(), tracker_store=InMemoryTrackerStore())
    try:
        yield FerryTalk(assistant)
    finally:
        await assistant.close()
