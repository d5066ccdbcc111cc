"""What the store of results says to PostgreSQL; each step of a call is one statement."""

import msgspec

from duologue.adapters.tracker_store.postgresql_session import Session
from duologue.adapters.tracker_store.postgresql_statements import quote

DEAD_CLAIM_SECONDS = 3600.0
"""How long a claim stays whose holder does not renew: it may still be alive, and bring its result late."""
_LOCK = 0x6475_6F72_6573  # "duores": only one process makes the table at a time

_TABLE = """
CREATE SEQUENCE {fences};
CREATE TABLE {results} (
    key bytea PRIMARY KEY,
    fence bigint NOT NULL,
    until double precision NOT NULL,
    holder bytea NOT NULL,
    result bytea
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX duologue_results_by_until ON {results} (until);
"""
# The fence is drawn anew when the row is locked: the number that came with the proposal may be older than the row's.
_CLAIM = """
WITH taken AS (
    INSERT INTO {results} AS stored (key, fence, until, holder) VALUES ($1, nextval('{fences}'), $3, $4)
    ON CONFLICT (key) DO UPDATE SET
        fence = nextval('{fences}'), until = excluded.until, holder = excluded.holder, result = NULL
    WHERE stored.until <= $2 OR (stored.holder = excluded.holder AND stored.result IS NULL)
    RETURNING fence
)
SELECT fence, NULL::float8, NULL::bytea FROM taken
UNION ALL
SELECT NULL, until, result FROM {results} WHERE key = $1 AND NOT EXISTS (SELECT 1 FROM taken)
"""


class Statements(msgspec.Struct, frozen=True, kw_only=True):
    """All statements, for the tables of one schema."""

    claim: str = _CLAIM
    renew: str = (
        "UPDATE {results} SET until = $3 WHERE key = $1 AND fence = $2 AND result IS NULL RETURNING fence"
    )
    finish: str = """
        UPDATE {results} SET until = $3, result = $4
        WHERE key = $1 AND fence = $2 AND (result IS NULL OR result = $4) RETURNING fence
        """
    release: str = "DELETE FROM {results} WHERE key = $1 AND fence = $2 AND result IS NULL"
    delete_dead: str = """
        DELETE FROM {results} WHERE key IN (
            SELECT key FROM {results} WHERE until <= $1 AND result IS NULL
            ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        """
    delete_expired: str = """
        DELETE FROM {results} WHERE key IN (
            SELECT key FROM {results} WHERE until <= $1 AND result IS NOT NULL
            ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED
        ) RETURNING fence
        """
    touch: str = "SELECT nextval('{fences}')"


def write_statements(schema: str | None) -> Statements:
    """The statements for a schema; None for the first of the user's search path."""
    names = _name_tables(schema)
    written = {name: text.format_map(names) for name, text in msgspec.structs.asdict(Statements()).items()}
    return Statements(**written)


def _name_tables(schema: str | None) -> dict[str, str]:
    prefix = f"{quote(schema)}." if schema else ""
    return {
        "results": f"{prefix}duologue_results",
        "fences": f"{prefix}duologue_result_fences".replace("'", "''"),
    }


async def prepare_table(session: Session, schema: str | None) -> None:
    """Make the table if it is not there; any number of servers may do so at once."""
    if await _is_there(session, schema):
        return
    async with session.begin():
        await session.fetch("SELECT pg_advisory_xact_lock($1::bigint)", _LOCK)
        if await _is_there(session, schema):
            return
        if schema is not None and not await session.fetch(
            "SELECT 1 FROM pg_namespace WHERE nspname = $1", schema
        ):
            await session.execute(f"CREATE SCHEMA {quote(schema)}")
        await session.execute(_TABLE.format_map(_name_tables(schema)))


async def _is_there(session: Session, schema: str | None) -> bool:
    rows = await session.fetch(
        """
        SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relname = 'duologue_results' AND relkind IN ('r', 'p')
            AND CASE WHEN $1::text IS NULL THEN nspname = ANY (current_schemas(false)) ELSE nspname = $1 END
        """,
        schema,
    )
    return bool(rows)
