"""What a server does beside its turns, as the endpoints ask for it."""

import asyncio
import logging

import pytest
from msgspec.structs import replace

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.domain import SessionConfig
from duologue.core.ids import ConversationId
from duologue.project.endpoints import ConversationDeletion, Endpoints, Privacy, TypedEndpoint
from duologue.runtime.background import prepare_background
from duologue.testing.scripted import FrozenClock
from tests.unit.runtime.small_assistant import WatchedStore, make_assistant, message

DELETING = Endpoints(
    privacy=Privacy(deletion=ConversationDeletion(min_after_session_end=120, cron="* * * * *"))
)


async def test_nothing_runs_until_the_assistant_is_started() -> None:
    store, clock = WatchedStore(), FrozenClock()
    assistant = make_assistant(store, clock=clock)
    prepare_background(assistant, DELETING, clock)
    await assistant.handle(message("greet"))
    clock.advance(86_400)
    assert len(await store.list_conversations()) == 1
    await assistant.close()


async def test_a_started_assistant_deletes_what_is_over() -> None:
    deleted = asyncio.Event()

    class ToldStore(InMemoryTrackerStore):
        async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
            is_deleted = await super().delete(conversation_id, expected=expected)
            deleted.set()
            return is_deleted

    store, clock = ToldStore(), FrozenClock()
    assistant = make_assistant(store, clock=clock)
    prepare_background(assistant, DELETING, clock)
    await assistant.handle(message("greet"))
    clock.advance(86_400)
    await assistant.run_due()
    clock.advance(86_400)
    assistant.start()
    await deleted.wait()
    assert await store.list_conversations() == []
    await assistant.close()


async def test_sessions_that_never_expire_are_told_of(caplog: pytest.LogCaptureFixture) -> None:
    assistant = make_assistant()
    endless = replace(assistant.domain, session=SessionConfig(session_expiration_minutes=0))
    assistant.definition = replace(assistant.definition, domain=endless)
    prepare_background(assistant, DELETING)
    assert caplog.messages == ["retention.sessions_never_expire"]


async def test_a_timer_store_is_accepted_and_not_needed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assistant = make_assistant()
    prepare_background(assistant, Endpoints(timer_store=TypedEndpoint(type="redis")))
    assert caplog.messages == ["timer_store.not_needed"]
