"""Stored events leave as messages of the event queue, or as all that is kept of one person."""

from pathlib import Path

from duologue.adapters.conversation_source.json_lines import open_file
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.events import BotSpoke, SessionStarted, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId, UserId
from duologue.core.messages import BotMessage
from duologue.runtime.exporting import ExportRange, describe_conversation, describe_user, export_messages
from duologue.runtime.importing import Import
from duologue.wire.encoding import encode_json

EVENTS = [
    SessionStarted(session_id="s-1", timestamp=10.0),
    UserSpoke(text="hello", user_id="eve", timestamp=11.0, metadata={"model_id": "m-2"}),
    SlotWasSet(name="city", value="Rome", timestamp=12.0, metadata={"model_id": "m-1"}),
    BotSpoke(message=BotMessage(text="Hi!"), timestamp=13.0),
]


async def make_store(*ids: str) -> InMemoryTrackerStore:
    store = InMemoryTrackerStore()
    for name in ids:
        await store.append(ConversationId(name), EVENTS, expected=0)
    return store


async def export(store: InMemoryTrackerStore, chosen: ExportRange) -> list[tuple[object, ...]]:
    return [
        (message["sender_id"], message["event"], message["timestamp"])
        async for message in export_messages(store, chosen)
    ]


async def test_a_range_of_time_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    store = await make_store("b", "a")
    chosen = ExportRange(since=11.0, until=13.0, offset=100.0)
    assert await export(store, chosen) == [
        ("a", "user", 111.0),
        ("a", "slot", 112.0),
        ("b", "user", 111.0),
        ("b", "slot", 112.0),
    ]


async def test_conversations_can_be_named() -> None:
    store = await make_store("a", "b")
    found = await export(store, ExportRange(conversation_ids=(ConversationId("b"), ConversationId("gone"))))
    assert {sender_id for sender_id, *_ in found} == {"b"}
    assert len(found) == 4


async def test_messages_name_the_user_as_soon_as_one_is_known() -> None:
    store = await make_store("a")
    users = [message.get("user_id") async for message in export_messages(store, ExportRange())]
    assert users == [None, "eve", "eve", "eve"]


async def test_what_is_exported_can_be_imported(tmp_path: Path) -> None:
    store = await make_store("a", "b")
    lines = [encode_json(message) + b"\n" async for message in export_messages(store, ExportRange())]
    (tmp_path / "events.jsonl").write_bytes(b"".join(lines))
    source = open_file(tmp_path / "events.jsonl")

    again = InMemoryTrackerStore()
    count = await Import(source, again).run()
    await source.close()

    assert count.is_complete
    assert await again.load_events(ConversationId("a")) == EVENTS
    source = open_file(tmp_path / "events.jsonl")
    assert (await Import(source, store).run()).conversations_there == 2
    await source.close()


async def test_all_that_is_kept_of_a_conversation_is_in_its_description() -> None:
    described = await describe_conversation(await make_store("a"), ConversationId("a"))
    assert described is not None
    events = described.pop("events")
    assert described == {
        "conversation_id": "a",
        "user_id": "eve",
        "started_at": "1970-01-01T00:00:10+00:00",
        "last_event_at": "1970-01-01T00:00:13+00:00",
        "channel": "rest",
        "model_ids": ["m-1", "m-2"],
        "slots": {"city": "Rome"},
    }
    assert [event["event"] for event in events] == ["session_started", "user", "slot", "bot"]


async def test_a_person_gets_every_conversation_and_no_others() -> None:
    store = await make_store("a", "b")
    await store.append(ConversationId("c"), [UserSpoke(text="hi", user_id="adam", timestamp=1.0)], expected=0)
    described = await describe_user(store, UserId("eve"))
    assert {one["conversation_id"] for one in described} == {"a", "b"}
    assert await describe_user(store, UserId("nobody")) == []
