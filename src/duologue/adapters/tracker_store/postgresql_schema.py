"""The tables of conversations in PostgreSQL, and how they come about."""

import contextlib
from collections.abc import Sequence

import asyncpg  # pyright: ignore[reportMissingTypeStubs] it has no hints for others
import msgspec

from duologue.adapters.tracker_store.postgresql_session import Session
from duologue.adapters.tracker_store.postgresql_statements import name_tables, quote
from duologue.adapters.tracker_store.schema_version import check_schema_version

_LOCK = 0x6475_6F6C_6F67  # "duolog"; the same for every release, so that only one makes tables at a time
_MIGRATION_TIMEOUT = 600.0
MESSAGE_INDEX = "duologue_events_by_message"
"""What the server names when a message id is stored already."""


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One step from a version of the tables to the next."""

    script: str
    oldest_reader: int
    """The oldest version whose release can still work with the tables afterwards."""


# Ids compare byte by byte. A row of a conversation stays whole up to a page: most snapshots are some thousand bytes,
# and to cut them up costs more than to copy them. Text of events is left as it is, for whoever reads it with psql.
_VERSION_1 = """
CREATE SEQUENCE {changes_name};
CREATE TABLE {conversations} (
    conversation_id text COLLATE "C" PRIMARY KEY,
    length int NOT NULL,
    snapshot_length int NOT NULL,
    started_at double precision NOT NULL,
    updated_at double precision NOT NULL,
    changed bigint NOT NULL,
    wake_at double precision,
    publish_from int,
    user_id text COLLATE "C",
    snapshot bytea
) WITH (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX duologue_conversations_by_change ON {conversations} (changed);
CREATE INDEX duologue_conversations_by_user ON {conversations} (user_id, changed) WHERE user_id IS NOT NULL;
CREATE INDEX duologue_conversations_to_wake ON {conversations} (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX duologue_conversations_to_publish ON {conversations} (conversation_id) WHERE publish_from IS NOT NULL;
CREATE TABLE {events} (
    conversation_id text COLLATE "C" NOT NULL,
    sequence int NOT NULL,
    timestamp double precision NOT NULL,
    type text NOT NULL,
    message_id text COLLATE "C",
    data text NOT NULL,
    PRIMARY KEY (conversation_id, sequence)
);
CREATE UNIQUE INDEX duologue_events_by_message ON {events} (conversation_id, message_id)
    WHERE message_id IS NOT NULL;
CREATE TABLE {jobs} (name text COLLATE "C" PRIMARY KEY, due double precision NOT NULL);
"""
MIGRATIONS = (Migration(script=_VERSION_1, oldest_reader=1),)


async def prepare_schema(
    session: Session, schema: str | None, *, where: str, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Make the tables, or bring them to the version of this release; any number of servers may do so at once.

    Raises:
        StorageRefusedError: they were made by a newer release that this one cannot work beside.
    """
    known = len(migrations)
    names = name_tables(schema)
    found = await _find_version(session, schema)
    if found is not None and found[0] >= known:
        check_schema_version(found=found[0], oldest_reader=found[1], known=known, where=where)
        return
    async with session.begin():
        await session.fetch("SELECT pg_advisory_xact_lock($1::bigint)", _LOCK, within=_MIGRATION_TIMEOUT)
        version, oldest_reader = await _find_version(session, schema) or (0, 0)
        check_schema_version(found=version, oldest_reader=oldest_reader, known=known, where=where)
        if version == 0:
            await _begin_schema(session, schema, names["schema"])
        for migration in migrations[version:]:
            script = migration.script.format_map({**names, "changes_name": _name_sequence(schema)})
            await session.execute(script, within=_MIGRATION_TIMEOUT)
        if version < known:
            await session.fetch(
                f"UPDATE {names['schema']} SET version = $1, oldest_reader = $2",
                known,
                max(migration.oldest_reader for migration in migrations),
            )


async def _find_version(session: Session, schema: str | None) -> tuple[int, int] | None:
    # Read as any table: functions that look up a name may still remember that it was not there.
    is_there = await session.fetch(
        """
        SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relname = 'duologue_schema' AND relkind IN ('r', 'p')
            AND CASE WHEN $1::text IS NULL THEN nspname = ANY (current_schemas(false)) ELSE nspname = $1 END
        """,
        schema,
    )
    if not is_there:
        return None
    rows = await session.fetch(f"SELECT version, oldest_reader FROM {name_tables(schema)['schema']}")
    return (rows[0][0], rows[0][1]) if rows else None


async def _begin_schema(session: Session, schema: str | None, table: str) -> None:
    if schema is not None:
        # Asked first, since the right to make schemas is rarer than the right to use them.
        rows = await session.fetch("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema)
        if not rows:
            await session.execute(f"CREATE SCHEMA {quote(schema)}")
    await session.execute(
        f"CREATE TABLE {table} (version int NOT NULL, oldest_reader int NOT NULL, checks bigint NOT NULL)"
    )
    await session.execute(f"INSERT INTO {table} VALUES (0, 0, 0)")


def _name_sequence(schema: str | None) -> str:
    return f"{quote(schema)}.duologue_changes" if schema else "duologue_changes"


async def create_database(session: Session, name: str) -> None:
    """Create a database unless it is there."""
    if await session.fetch("SELECT 1 FROM pg_database WHERE datname = $1", name):
        return
    # Somebody else may be quicker.
    with contextlib.suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        await session.execute(
            f"CREATE DATABASE {quote(name)} ENCODING 'UTF8' TEMPLATE template0", within=_MIGRATION_TIMEOUT
        )
