"""A server is killed in the middle of a hundred conversations: nothing that was answered is lost or doubled."""

import asyncio
import os
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from duologue.testing.journal import Journal
from tests.faults.served_project import (
    ServedProject,
    find_faults,
    open_client,
    talk,
)

SECONDS = float(os.environ.get("DUOLOGUE_FAULT_SECONDS", "6"))
"""How long the clients talk."""
LONGEST = SECONDS + 120
"""Clients that are never answered would ask for ever."""
CLIENTS = 100
PAIRS = 20
KILLS = 2


@pytest.fixture
def chance() -> random.Random:
    """Chance that can be repeated: the seed is in the output of a test that fails."""
    seed = int(os.environ.get("DUOLOGUE_FAULT_SEED", time.time_ns() % 1_000_000))
    print(f"DUOLOGUE_FAULT_SEED={seed}")
    return random.Random(seed)


def find_gaps(database: Path) -> list[str]:
    """Conversations whose events are not numbered from 0 without a gap, or not as many as their row says."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            """
            SELECT conversation_id, count(*), min(sequence), max(sequence), conversations.length
            FROM duologue_events JOIN duologue_conversations AS conversations USING (conversation_id)
            GROUP BY conversation_id
            HAVING min(sequence) <> 0 OR max(sequence) <> count(*) - 1 OR length <> count(*)
            """
        )
        return [str(row) for row in rows]


async def assert_all_is_well(journal: Journal, database: Path) -> None:
    assert await find_faults(journal, database) == []
    assert find_gaps(database) == []


@pytest.mark.slow
async def test_a_server_that_is_killed_again_and_again_loses_and_doubles_nothing(
    servers: list[ServedProject], chance: random.Random
) -> None:
    server, journal, is_over = servers[0], Journal(), asyncio.Event()
    await server.start()
    async with asyncio.timeout(LONGEST), open_client() as client, asyncio.TaskGroup() as clients:
        for number in range(CLIENTS):
            clients.create_task(
                talk(client, journal, [server], f"user-{number}", chance=chance, until=is_over)
            )
        for _ in range(KILLS):
            await asyncio.sleep(SECONDS / (KILLS + 1) * chance.uniform(0.5, 1.0))
            await server.kill()
            await server.start()
        await asyncio.sleep(SECONDS / (KILLS + 1))
        is_over.set()
    await server.stop()
    assert journal.count_acknowledged() > CLIENTS
    await assert_all_is_well(journal, server.database)


@pytest.mark.slow
async def test_two_servers_on_one_file_answer_a_message_once(
    servers: list[ServedProject], chance: random.Random
) -> None:
    """Every message goes to both at the same time; one of them is killed in the middle."""
    journal, is_over = Journal(), asyncio.Event()
    await asyncio.gather(*(server.start() for server in servers))
    async with asyncio.timeout(LONGEST), open_client() as client, asyncio.TaskGroup() as clients:
        for number in range(PAIRS):
            clients.create_task(
                talk(client, journal, servers, f"user-{number}", chance=chance, until=is_over)
            )
        await asyncio.sleep(SECONDS / 4 * chance.uniform(0.5, 1.0))
        victim = chance.choice(servers)
        await victim.kill()
        await victim.start()
        await asyncio.sleep(SECONDS / 4)
        is_over.set()
    await asyncio.gather(*(server.stop() for server in servers))
    assert journal.count_acknowledged() > PAIRS
    await assert_all_is_well(journal, servers[0].database)
