"""An action asks for the transaction of its call, wherever it runs."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from duologue.sdk.effects import NoSharedTransactionError, effect_transaction, offered_transactions


class SqliteSource:
    """What a test of an author's action offers it."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute("CREATE TABLE seats (place TEXT)")

    async def begin(self) -> sqlite3.Connection:
        return self.connection

    async def cancel(self) -> None:
        self.connection.rollback()

    def count(self) -> int:
        return self.connection.execute("SELECT count(*) FROM seats").fetchone()[0]


@pytest.fixture
def source() -> Iterator[SqliteSource]:
    source = SqliteSource()
    with closing(source.connection):
        yield source


async def book(place: str) -> None:
    async with effect_transaction() as connection:
        connection.execute("INSERT INTO seats VALUES (?)", [place])
        if place == "13":
            raise LookupError("there is no such row")


async def test_an_action_uses_the_connection_that_is_offered(source: SqliteSource) -> None:
    with offered_transactions(source):
        await book("12A")
    assert source.count() == 1


async def test_an_error_that_leaves_the_block_undoes_what_was_done_in_it(source: SqliteSource) -> None:
    with offered_transactions(source), pytest.raises(LookupError):
        await book("13")
    assert source.count() == 0


async def test_outside_of_an_action_server_that_remembers_there_is_none(source: SqliteSource) -> None:
    with offered_transactions(source):
        await book("12A")
    with pytest.raises(NoSharedTransactionError, match="--remember"):
        await book("12B")
