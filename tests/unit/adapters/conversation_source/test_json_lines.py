"""A file of event queue messages is read as the conversations that its lines belong to."""

from pathlib import Path

import pytest

from duologue.adapters.conversation_source.json_lines import open_file
from duologue.core.errors import AdapterError
from tests.rasa_conversations import tell_conversation, write_json_lines


async def test_lines_of_several_conversations_come_apart(tmp_path: Path) -> None:
    told = {name: tell_conversation(name, turns=3) for name in ("b", "a", "c")}
    source = open_file(write_json_lines(tmp_path / "events.jsonl", told))

    first = await source.read(limit=2)
    second = await source.read(after=first.next_cursor, limit=2)
    await source.close()

    found = (*first.conversations, *second.conversations)
    assert {one.conversation_id: list(one.events) for one in found} == told
    assert [one.conversation_id for one in found] == ["b", "a", "c"]
    assert second.next_cursor is None


async def test_lines_that_are_no_event_of_a_conversation_are_named_with_their_number(tmp_path: Path) -> None:
    path = write_json_lines(tmp_path / "events.jsonl", {"a": tell_conversation("a")})
    with path.open("a", encoding="utf-8") as file:
        file.write('\n{"event": "slot"}\n[1]\n{"event": "sl')
    source = open_file(path)
    page = await source.read()
    assert await source.count() == 1
    await source.close()
    assert [(entry.name, entry.reason) for entry in page.unread] == [
        ("events.jsonl:13", "The event has no `sender_id`."),
        ("events.jsonl:14", "The line is no JSON object."),
        ("events.jsonl:15", "The line is no JSON object."),
    ]
    assert len(page.conversations[0].events) == 11


async def test_a_message_keeps_the_user_that_its_event_names(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(
        '{"event": "user", "text": "hi", "sender_id": "a", "user_id": "user-1"}\n', encoding="utf-8"
    )
    source = open_file(path)
    page = await source.read()
    await source.close()
    assert page.conversations[0].events == ({"event": "user", "text": "hi", "user_id": "user-1"},)


async def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"gone\.jsonl cannot be read: No such file"):
        await open_file(tmp_path / "gone.jsonl").read()
