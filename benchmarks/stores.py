"""Durable turns a second on PostgreSQL, and what they cost as conversations and their number grow."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import msgspec

from benchmarks.growth import LENGTHS, TARGET_RATIO, store_conversation, talk_once
from benchmarks.http_load import Load, press_buttons
from benchmarks.local_servers import run_duologue
from benchmarks.made_project import make_script, name_flow, write_project
from benchmarks.measured_assistant import make_message, read_made_project
from benchmarks.results import Row
from duologue.adapters.lock_store.in_process import InProcessLockStore
from duologue.adapters.tracker_store.postgresql import open_store
from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions
from duologue.runtime.assistant import Assistant
from duologue.runtime.build import build_assistant
from tests.peers.postgresql import PostgresqlPeer

CLIENTS = (1, 8, 32, 128)
WORKERS = (1, 2)
TARGET_TURNS = 800.0
"""Turns a second."""
JUDGED = (8, 32)
"""Numbers of clients at which a target is set; with more, time in the queue is all that grows."""
TARGET_P99 = 50.0
"""Milliseconds."""
MANY = 1_000_000
"""Stored conversations among which a turn is to cost what it costs among few."""
_WARM_UP_SECONDS = 1.0
_RENAMED = "convert_to(replace(convert_from(snapshot, 'UTF8'), '{name}', 'copy-' || number), 'UTF8')"
_ENDPOINTS = """tracker_store:
  type: SQL
  dialect: postgresql
  url: {host}
  port: {port}
  db: {database}
  username: postgres
"""


async def measure_stores(folder: Path, *, is_quick: bool) -> list[Row]:
    """Everything about PostgreSQL; the server commits to the disk, as it does by default."""
    seconds = 2.0 if is_quick else 8.0
    with PostgresqlPeer(durable=True, settings=("max_connections=200",)) as server:
        return [
            *await _measure_http(server, folder, seconds),
            *await _measure_lengths(server, folder, samples=10 if is_quick else 40),
            *await _measure_numbers(server, folder, conversations=20_000 if is_quick else MANY),
        ]


async def _measure_http(server: PostgresqlPeer, folder: Path, seconds: float) -> list[Row]:
    rows: list[Row] = []
    footprint: Footprint | None = None
    floors: dict[int, float] = {}
    for workers in WORKERS:
        with _serve(server, folder, workers) as (port, database):
            for clients in CLIENTS:
                await _press(port, clients, _WARM_UP_SECONDS, "warm")
                load = await _press(port, clients, seconds, "load")
                footprint = footprint or await _read_footprint(server.get_url(database))
                if clients not in floors:
                    floors[clients] = await _commit_bare(server, footprint, clients, seconds / 2)
                rows.append(_describe_load(load, clients, workers, floors[clients]))
    return rows


def _describe_load(load: Load, clients: int, workers: int, floor: float) -> Row:
    p99 = load.find_percentile(0.99)
    is_judged = workers == WORKERS[-1] and clients in JUDGED
    return Row(
        name=f"durable turns over HTTP with PostgreSQL, {clients} clients, {workers} worker(s)",
        value=load.per_second,
        unit="turns/s",
        more_is_better=True,
        target=TARGET_TURNS if is_judged else None,
        floor="bare transactions of the same rows, as many at once",
        floor_value=floor,
        note=f"half within {load.find_percentile(0.5):.1f} ms, 99 % within {p99:.1f} ms"
        + (f" (wanted: {TARGET_P99:g})" if is_judged else ""),
    )


@contextmanager
def _serve(server: PostgresqlPeer, folder: Path, workers: int) -> Iterator[tuple[int, str]]:
    database = f"served_{workers}"
    server.create_database(database)
    project = write_project(folder / database)
    endpoints = _ENDPOINTS.format(host=server.host, port=server.port, database=database)
    (project / "endpoints.yml").write_text(endpoints, encoding="utf-8")
    with run_duologue(project, workers=workers) as running:
        yield running.port, database


async def _press(port: int, clients: int, seconds: float, name: str) -> Load:
    return await press_buttons(port, conversations=clients, seconds=seconds, name=f"{name}-{clients}")


class Footprint(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn leaves in the database, on average."""

    rows: int
    bytes_of_row: int
    bytes_of_snapshot: int


async def _read_footprint(url: str) -> Footprint:
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetchrow(
            """
            SELECT count(*) AS rows, avg(length(data)) AS size,
                count(*) FILTER (WHERE type = 'user') AS turns,
                (SELECT avg(length(snapshot)) FROM duologue_conversations) AS snapshot
            FROM duologue_events
            """
        )
    finally:
        await connection.close()
    assert found is not None, "an aggregate has a row"
    return Footprint(
        rows=round(found["rows"] / found["turns"]),
        bytes_of_row=round(found["size"]),
        bytes_of_snapshot=round(found["snapshot"]),
    )


async def _commit_bare(server: PostgresqlPeer, footprint: Footprint, clients: int, seconds: float) -> float:
    """Turns a second if nothing but their rows is written: a connection each, a transaction each, nothing checked."""
    database = f"bare_{clients}"
    url = server.create_database(database)
    connection = await asyncpg.connect(url)
    await connection.execute(
        """
        CREATE TABLE events (conversation text, sequence int, data text, PRIMARY KEY (conversation, sequence));
        CREATE TABLE snapshots (conversation text PRIMARY KEY, snapshot bytea)
        """
    )
    await connection.close()
    connections = [await asyncpg.connect(url) for _ in range(clients)]
    began = time.perf_counter()
    counts = await asyncio.gather(
        *(
            _insert_for(connection, number, footprint, began + seconds)
            for number, connection in enumerate(connections)
        )
    )
    elapsed = time.perf_counter() - began
    for connection in connections:
        await connection.close()
    return sum(counts) / elapsed


async def _insert_for(connection: asyncpg.Connection, number: int, footprint: Footprint, until: float) -> int:
    name, turns = f"bare-{number}", 0
    rows, snapshot = ["x" * footprint.bytes_of_row] * footprint.rows, b"x" * footprint.bytes_of_snapshot
    statement = await connection.prepare(
        """
        WITH kept AS (
            INSERT INTO snapshots VALUES ($1, $4)
            ON CONFLICT (conversation) DO UPDATE SET snapshot = excluded.snapshot
        )
        INSERT INTO events SELECT $1, $2 + place, data FROM unnest($3::text[]) WITH ORDINALITY AS row (data, place)
        """
    )
    while time.perf_counter() < until:
        await statement.fetch(name, turns * footprint.rows, rows, snapshot)
        turns += 1
    return turns


async def _open(url: str, folder: Path) -> Assistant:
    definition = read_made_project(folder)
    store = await open_store(PostgresqlOptions(url=url))
    return build_assistant(definition, tracker_store=store, lock_store=InProcessLockStore())


async def _measure_lengths(server: PostgresqlPeer, folder: Path, samples: int) -> list[Row]:
    """The same turn at the end of conversations of 10 to 10,000 events."""
    assistant = await _open(server.create_database("lengths"), folder / "lengths")
    try:
        script = make_script(name_flow(7))
        history, state = await talk_once(assistant, script)
        for length in LENGTHS:
            for number in range(samples):
                await store_conversation(assistant, f"{length}-{number}", length, history, state)
        times: dict[int, list[float]] = {length: [] for length in LENGTHS}
        for number in range(samples):
            for length in LENGTHS:
                times[length].append(await _time_turn(assistant, f"{length}-{number}", script[1]))
    finally:
        await assistant.close()
    found = {length: statistics.median(values) for length, values in times.items()}
    return [
        Row(
            name=f"time of a turn after {length:,} events, with PostgreSQL, against {LENGTHS[0]}",
            value=found[length] / found[LENGTHS[0]],
            unit="×",
            target=TARGET_RATIO if length == LENGTHS[-1] else None,
            note=f"{found[length]:.2f} ms, median of {samples} conversations",
        )
        for length in LENGTHS[1:]
    ]


async def _measure_numbers(server: PostgresqlPeer, folder: Path, conversations: int) -> list[Row]:
    """The same turns before and after so many conversations are stored beside them."""
    url = server.create_database("numbers")
    assistant = await _open(url, folder / "numbers")
    script = make_script(name_flow(7))
    try:
        few = await _time_walks(assistant, "few", script)
        await assistant.handle(make_message("begun", script[0]))
        seconds = await _copy_conversation(url, "begun", conversations)
        many = await _time_walks(assistant, "many", script)
        old = [await _time_turn(assistant, f"copy-{number}", script[1]) for number in range(1, 401)]
    finally:
        await assistant.close()
    note = f"{statistics.median(many):.2f} ms; they were copied in {seconds:.0f} s"
    return [
        Row(
            name=f"time of a turn with {conversations:,} stored conversations, against none",
            value=statistics.median(many) / statistics.median(few),
            unit="×",
            target=TARGET_RATIO,
            note=note,
        ),
        Row(
            name="the next turn in one of those, against the same",
            value=statistics.median(old) / statistics.median(few),
            unit="×",
            note=f"{statistics.median(old):.2f} ms",
        ),
    ]


async def _time_walks(assistant: Assistant, name: str, script: tuple[str, ...]) -> list[float]:
    return [await _time_turn(assistant, f"{name}-{number}", text) for number in range(100) for text in script]


async def _time_turn(assistant: Assistant, conversation: str, text: str) -> float:
    """Milliseconds of one turn."""
    began = time.perf_counter()
    await assistant.handle(make_message(conversation, text))
    return (time.perf_counter() - began) * 1000


async def _copy_conversation(url: str, name: str, times: int) -> float:
    """Store a conversation many times over, under other names; how many seconds it took."""
    began = time.perf_counter()
    connection = await asyncpg.connect(url)
    try:
        for table in ("duologue_conversations", "duologue_events"):
            columns = [
                row["column_name"]
                for row in await connection.fetch(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
                )
            ]
            others = [column for column in columns if column != "conversation_id"]
            # The snapshot says whose it is.
            taken = [_RENAMED.format(name=name) if column == "snapshot" else column for column in others]
            await connection.execute(
                f"""
                INSERT INTO {table} (conversation_id, {", ".join(others)})
                SELECT 'copy-' || number, {", ".join(taken)} FROM {table}, generate_series(1, {times:d}) AS number
                WHERE conversation_id = '{name}'
                """,
                timeout=3600,
            )
        await connection.execute("ANALYZE", timeout=3600)
    finally:
        await connection.close()
    return time.perf_counter() - began
