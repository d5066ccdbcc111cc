"""Assistants in this process, made for measuring, and how a turn of theirs is timed."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from benchmarks.made_project import write_project
from duologue.adapters.lock_store.in_process import open_store as open_locks
from duologue.adapters.tracker_store.memory import open_store as open_memory
from duologue.adapters.tracker_store.sqlite import open_store as open_sqlite
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.project.definition import AssistantDefinition
from duologue.project.project_reader import read_project
from duologue.runtime.assistant import Assistant
from duologue.runtime.build import build_assistant


@contextmanager
def make_folder() -> Iterator[Path]:
    """A folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="duologue-bench-") as name:
        yield Path(name)


def read_made_project(folder: Path, *, flows: int = 100) -> AssistantDefinition:
    """Write the made assistant and read it as any other."""
    return read_project(write_project(folder / "project", flows=flows), environment={}).require_definition()


@asynccontextmanager
async def open_assistant(
    definition: AssistantDefinition, *, database: Path | None = None
) -> AsyncIterator[Assistant]:
    """An assistant that keeps its conversations in memory, or durably in an SQLite file."""
    store = await (open_sqlite(database) if database else open_memory())
    assistant = build_assistant(definition, tracker_store=store, lock_store=await open_locks())
    try:
        yield assistant
    finally:
        await assistant.close()


def make_message(conversation: str, text: str) -> UserMessage:
    """A message as the REST channel would make it."""
    return UserMessage(conversation_id=ConversationId(conversation), text=text)
