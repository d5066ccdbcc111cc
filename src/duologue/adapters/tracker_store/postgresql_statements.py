"""What the tracker store says to PostgreSQL.

Whatever a turn needs is one statement, so that it is one round trip and one commit; and it takes arrays, so that the
turns of many conversations need no more than those of one.
"""

import msgspec

_GIVEN = """
WITH given AS (
    SELECT * FROM unnest(
        $1::text[], $2::int[], $3::int[], $4::text[], $5::float8[], $6::float8[], $7::bytea[], $8::float8[], $9::bool[]
    ) AS given (
        conversation_id, expected, length, user_id, started_at, updated_at, snapshot, wake_at, is_promised
    )
), changed AS (
    UPDATE {conversations} AS stored SET
        length = given.length,
        user_id = coalesce(given.user_id, stored.user_id),
        started_at = CASE WHEN stored.started_at = 0 THEN given.started_at ELSE stored.started_at END,
        updated_at = CASE WHEN given.updated_at = 0 THEN stored.updated_at ELSE given.updated_at END,
        changed = nextval('{changes}'),
        wake_at = given.wake_at,
        publish_from = CASE
            WHEN given.is_promised THEN coalesce(stored.publish_from, given.expected) ELSE stored.publish_from
        END,
        snapshot_length = CASE WHEN given.snapshot IS NULL THEN stored.snapshot_length ELSE given.length END,
        snapshot = coalesce(given.snapshot, stored.snapshot)
    FROM given
    WHERE stored.conversation_id = given.conversation_id AND stored.length = given.expected
    RETURNING stored.conversation_id
)"""
_BEGUN = """, begun AS (
    INSERT INTO {conversations} (
        conversation_id, length, user_id, started_at, updated_at, changed, wake_at, publish_from, snapshot_length,
        snapshot
    )
    SELECT
        conversation_id, length, user_id, started_at, updated_at, nextval('{changes}'), wake_at,
        CASE WHEN is_promised THEN 0 END, CASE WHEN snapshot IS NULL THEN 0 ELSE length END, snapshot
    FROM given WHERE expected = 0
    ON CONFLICT (conversation_id) DO NOTHING
    RETURNING conversation_id
), accepted AS (
    SELECT conversation_id FROM changed UNION ALL SELECT conversation_id FROM begun
)"""
_ONLY_CHANGED = ", accepted AS (SELECT conversation_id FROM changed)"
# `IS TRUE` keeps the planner from making a join of it, which would look at each pair of event and conversation.
_STORED = """, stored AS (
    INSERT INTO {events} (conversation_id, sequence, type, timestamp, message_id, data)
    SELECT * FROM unnest($10::text[], $11::int[], $12::text[], $13::float8[], $14::text[], $15::text[])
        AS event (conversation_id, sequence, type, timestamp, message_id, data)
    WHERE (event.conversation_id IN (SELECT conversation_id FROM accepted)) IS TRUE
)
SELECT conversation_id FROM accepted
"""

# The events of a turn that ended with a snapshot are not even looked for.
_LOAD = """
SELECT
    asked.place, stored.length, stored.snapshot_length, stored.snapshot,
    CASE WHEN stored.snapshot_length < stored.length THEN (
        SELECT string_agg(event.data, E'\\n' ORDER BY event.sequence) FROM {events} AS event
        WHERE event.conversation_id = stored.conversation_id AND event.sequence >= stored.snapshot_length
    ) END AS tail,
    CASE WHEN asked.message_id IS NOT NULL THEN (
        SELECT event.sequence FROM {events} AS event
        WHERE event.conversation_id = stored.conversation_id AND event.message_id = asked.message_id
    ) END AS message_at
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (conversation_id, message_id, place)
JOIN {conversations} AS stored ON stored.conversation_id = asked.conversation_id
"""
_FIND_APPENDS = """
SELECT asked.place, array_agg(event.data ORDER BY event.sequence) AS data
FROM unnest($1::text[], $2::int[], $3::int[]) WITH ORDINALITY AS asked (conversation_id, expected, length, place)
JOIN {events} AS event ON event.conversation_id = asked.conversation_id
    AND event.sequence >= asked.expected AND event.sequence < asked.length
GROUP BY asked.place
"""
_LOAD_EVENTS = """
SELECT string_agg(data, E'\\n' ORDER BY sequence) AS lines FROM {events}
WHERE conversation_id = $1 AND sequence >= $2 AND sequence < $3
"""
_SUMMARY = "conversation_id, user_id, started_at, updated_at, length"
_LIST = f"SELECT {_SUMMARY} FROM {{conversations}} ORDER BY changed DESC LIMIT $1 OFFSET $2"
_LIST_OF_USER = (
    f"SELECT {_SUMMARY} FROM {{conversations}} WHERE user_id = $3 ORDER BY changed DESC LIMIT $1 OFFSET $2"
)
_SCAN_FROM_START = f"SELECT {_SUMMARY} FROM {{conversations}} ORDER BY conversation_id LIMIT $1"
_SCAN = (
    f"SELECT {_SUMMARY} FROM {{conversations}} WHERE conversation_id > $2 ORDER BY conversation_id LIMIT $1"
)
_LIST_DUE = """
SELECT conversation_id FROM {conversations} WHERE wake_at <= $1 ORDER BY wake_at, conversation_id LIMIT $2
"""
_LIST_UNPUBLISHED = """
SELECT conversation_id, publish_from, length FROM {conversations}
WHERE publish_from IS NOT NULL ORDER BY conversation_id LIMIT $1
"""
# A mark that a crash of the server loses has the events published once more, as a crash of ours before the mark
# would: nothing that is worth waiting for the disk.
_MARK_PUBLISHED = """
UPDATE {conversations} AS stored SET
    publish_from = CASE WHEN marked.stop < stored.length THEN greatest(stored.publish_from, marked.stop) END
FROM
    unnest($1::text[], $2::int[]) AS marked (conversation_id, stop),
    (SELECT set_config('synchronous_commit', 'off', true)) AS hurried
WHERE stored.conversation_id = marked.conversation_id AND stored.publish_from < marked.stop
"""
_CLAIM_RUN = """
INSERT INTO {jobs} AS job (name, due) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET due = excluded.due WHERE job.due < excluded.due
RETURNING due
"""
_LOCK = "SELECT length FROM {conversations} WHERE conversation_id = $1 FOR UPDATE"
_DELETE = """
WITH events AS (DELETE FROM {events} WHERE conversation_id = $1)
DELETE FROM {conversations} WHERE conversation_id = $1
"""
_TOUCH = "UPDATE {schema} SET checks = checks + 1"
_END_SESSION = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2
"""


class Statements(msgspec.Struct, frozen=True, kw_only=True):
    """Each with the names of its tables filled in."""

    append: str
    """Where no conversation begins."""
    append_and_begin: str
    load: str
    find_appends: str
    load_events: str
    list_all: str
    list_of_user: str
    scan_from_start: str
    scan: str
    list_due: str
    list_unpublished: str
    mark_published: str
    claim_run: str
    lock: str
    delete: str
    touch: str
    end_session: str


def write_statements(schema: str | None) -> Statements:
    """The statements for the tables in that schema; None for the first of the search path."""
    names = name_tables(schema)

    def fill(text: str) -> str:
        return text.format_map(names)

    return Statements(
        append=fill(_GIVEN + _ONLY_CHANGED + _STORED),
        append_and_begin=fill(_GIVEN + _BEGUN + _STORED),
        load=fill(_LOAD),
        find_appends=fill(_FIND_APPENDS),
        load_events=fill(_LOAD_EVENTS),
        list_all=fill(_LIST),
        list_of_user=fill(_LIST_OF_USER),
        scan_from_start=fill(_SCAN_FROM_START),
        scan=fill(_SCAN),
        list_due=fill(_LIST_DUE),
        list_unpublished=fill(_LIST_UNPUBLISHED),
        mark_published=fill(_MARK_PUBLISHED),
        claim_run=fill(_CLAIM_RUN),
        lock=fill(_LOCK),
        delete=fill(_DELETE),
        touch=fill(_TOUCH),
        end_session=_END_SESSION,
    )


def name_tables(schema: str | None) -> dict[str, str]:
    """Our tables, and the sequence that orders changes, as statements name them."""
    prefix = f"{quote(schema)}." if schema else ""
    names = ("conversations", "events", "jobs", "schema", "changes")
    tables = {name: f"{prefix}duologue_{name}" for name in names}
    # This one stands inside a text.
    return {**tables, "changes": tables["changes"].replace("'", "''")}


def quote(name: str) -> str:
    """A name as SQL spells it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
