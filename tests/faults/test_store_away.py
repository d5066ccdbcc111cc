"""The conversation database goes away while the server runs: a clean 503, nothing pretended, and back when it is back."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from duologue.core.ids import ConversationId
from duologue.testing.journal import Journal
from tests.faults.served_project import (
    ServedProject,
    assert_turned_away,
    find_faults,
    make_text,
    open_client,
    send,
)

pytestmark = pytest.mark.slow
ANNA = ConversationId("anna")


class Talk:
    """A client whose numbered messages are sent once each, unless it says otherwise."""

    def __init__(self, client: httpx2.AsyncClient, server: ServedProject) -> None:
        self.journal = Journal()
        self._client = client
        self._server = server

    async def say(self, number: int) -> httpx2.Response:
        message_id = f"m{number}"
        if number > len(self.journal.list_sent(ANNA)):
            self.journal.note_sent(ANNA, message_id, make_text(number))
        response = await send(self._client, self._server, ANNA, message_id, make_text(number))
        if response.status_code == 200:
            self.journal.note_acknowledged(ANNA, message_id, response.json())
        return response

    async def sees(self, *, ready: bool) -> bool:
        """Whether the server says so soon: it asks its store at most once a second."""
        async with asyncio.timeout(10):
            while True:
                if await self._is_ready() is ready:
                    return True
                await asyncio.sleep(0.1)

    async def _is_ready(self) -> bool:
        return (await self._client.get(f"{self._server.url}/ready")).status_code == 200


@pytest.fixture
async def server(servers: list[ServedProject]) -> ServedProject:
    await servers[0].start()
    return servers[0]


@pytest.fixture
async def anna(server: ServedProject) -> AsyncIterator[Talk]:
    """Somebody who has sent two messages already."""
    async with open_client() as client:
        talk = Talk(client, server)
        for number in (1, 2):
            assert (await talk.say(number)).status_code == 200
        yield talk


async def assert_recovered(anna: Talk, server: ServedProject) -> None:
    """The message that was turned away is answered now, and everything is stored once."""
    assert (await anna.say(3)).status_code == 200
    assert (await anna.say(4)).status_code == 200
    assert (await anna.say(2)).json() == (await anna.say(2)).json()
    assert await anna.sees(ready=True)
    await server.stop()
    assert await find_faults(anna.journal, server.database) == []


async def test_a_database_that_another_process_holds(server: ServedProject, anna: Talk) -> None:
    with closing(sqlite3.connect(server.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert_turned_away(await anna.say(3))
        other.execute("ROLLBACK")
    await assert_recovered(anna, server)


async def test_a_database_that_was_moved_away_and_comes_back(server: ServedProject, anna: Talk) -> None:
    files = [Path(f"{server.database}{ending}") for ending in ("", "-wal", "-shm")]
    for file in files:
        file.rename(file.with_name(f"away-{file.name}"))
    assert_turned_away(await anna.say(3))
    assert_turned_away(await anna.say(3))
    assert await anna.sees(ready=False)
    for file in files:
        file.with_name(f"away-{file.name}").rename(file)
    await assert_recovered(anna, server)


async def test_a_database_that_was_deleted_is_not_silently_begun_anew(
    server: ServedProject, anna: Talk
) -> None:
    server.database.unlink()
    for _ in range(3):
        assert_turned_away(await anna.say(3))
    assert not server.database.exists()


async def test_a_disk_that_is_full(
    server: ServedProject, anna: Talk, limit_file_size: Callable[[int, int], None]
) -> None:
    """A limit on the size of files stands for the disk: no file of the server may grow."""
    limit_file_size(server.process_id, measure_log(server.database))
    assert_turned_away(await anna.say(3))
    assert await anna.sees(ready=False)
    limit_file_size(server.process_id, resource.RLIM_INFINITY)
    await assert_recovered(anna, server)


def measure_log(database: Path) -> int:
    """Bytes of the file that every commit makes longer."""
    return database.with_name(f"{database.name}-wal").stat().st_size


@pytest.fixture
def limit_file_size() -> Callable[[int, int], None]:
    """Sets how large a process may make its files."""
    if not hasattr(resource, "prlimit"):
        pytest.skip("This system cannot limit the files of another process (no prlimit)")

    def limit(process_id: int, size: int) -> None:
        _, hard = resource.prlimit(process_id, resource.RLIMIT_FSIZE)
        resource.prlimit(process_id, resource.RLIMIT_FSIZE, (size, hard))

    return limit
