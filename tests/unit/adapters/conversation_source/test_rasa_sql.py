"""Conversations in the SQLite file of a Rasa project are read whole, in their order, and page by page."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from duologue.adapters.conversation_source import rasa_sql
from duologue.adapters.conversation_source.sql_readers import open_sqlite
from duologue.core.errors import AdapterError
from duologue.ports.conversation_source import ConversationSource, SourceConversation
from tests.rasa_conversations import tell_conversation, write_sqlite


async def read_all(source: ConversationSource, *, limit: int = 100) -> list[SourceConversation]:
    found: list[SourceConversation] = []
    after: str | None = None
    while True:
        page = await source.read(after=after, limit=limit)
        found += page.conversations
        if page.next_cursor is None:
            await source.close()
            return found
        after = page.next_cursor


async def test_each_conversation_comes_once_and_whole_whatever_the_size_of_a_page(tmp_path: Path) -> None:
    told = {name: tell_conversation(name, turns=2) for name in ("", "Ada", "ada", "ada ", "é", "z" * 255)}
    path = write_sqlite(tmp_path / "rasa.db", told)
    for limit in (1, 2, 6, 7):
        found = await read_all(open_sqlite(path), limit=limit)
        assert {one.conversation_id: list(one.events) for one in found} == told
        assert len(found) == len(told)


async def test_a_page_of_long_conversations_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasa_sql, "MOST_EVENTS", 20)
    told = {name: tell_conversation(name) for name in ("a", "b", "c", "d")}
    source = open_sqlite(write_sqlite(tmp_path / "rasa.db", told))

    page = await source.read(limit=100)
    assert [one.conversation_id for one in page.conversations] == ["a"]
    assert [one.conversation_id for one in await read_all(source)] == ["a", "b", "c", "d"]


async def test_events_come_in_the_order_of_their_insertion_not_of_their_time(tmp_path: Path) -> None:
    events = tell_conversation("ada")
    events[4]["timestamp"] = 5.0
    found = await read_all(open_sqlite(write_sqlite(tmp_path / "rasa.db", {"ada": events})))
    assert list(found[0].events) == events


async def test_the_table_of_users_says_whose_a_conversation_is(tmp_path: Path) -> None:
    told = {name: tell_conversation(name) for name in ("a", "b")}
    found = await read_all(open_sqlite(write_sqlite(tmp_path / "rasa.db", told, users={"a": "user-1"})))
    assert {one.conversation_id: one.user_id for one in found} == {"a": "user-1", "b": None}


async def test_data_that_is_no_json_comes_as_its_text(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "rasa.db", {"a": tell_conversation("a")})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET data = '{broken' WHERE id = 2")
        connection.execute("""UPDATE events SET data = '{"event": "slot", "value": NaN}' WHERE id = 3""")
    ((_, broken, odd, *_),) = [one.events for one in await read_all(open_sqlite(path))]
    assert broken == "{broken"
    assert json.dumps(odd) == '{"event": "slot", "value": NaN}'


async def test_nothing_is_written_to_the_file(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "rasa.db", {"a": tell_conversation("a")})
    before = path.read_bytes()
    path.chmod(0o444)
    await read_all(open_sqlite(path))
    assert path.read_bytes() == before
    assert not path.with_name("rasa.db-wal").exists()


async def test_a_file_without_the_table_is_said_to_be_the_wrong_one(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    source = open_sqlite(tmp_path / "empty.db")
    with pytest.raises(
        AdapterError, match=r"no such table: events\. Is it the database of the Rasa project\?"
    ):
        await source.read()
    await source.close()
