"""The tables of the tracker store in MySQL and MariaDB, and how older ones are brought up to date."""

from duologue.adapters.tracker_store.mysql_driver import MysqlConnection, MysqlError
from duologue.adapters.tracker_store.mysql_options import MysqlAddress
from duologue.adapters.tracker_store.schema_version import check_schema_version
from duologue.core.errors import StorageUnavailableError

LOCK_SECONDS = 20
"""How long to wait for another server that brings the tables up to date."""
_NO_SUCH_TABLE = 1146

# Ids are bytes: no collation that both servers have keeps case, accents and trailing spaces apart in an index.
# 255 characters have at most 1020 bytes.
# Entries are never changed, only added. These servers commit each statement on its own, so that each must do no harm
# when it is carried out again after a break.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE IF NOT EXISTS duologue_conversations (
            conversation_id VARBINARY(1020) NOT NULL PRIMARY KEY,
            length INT NOT NULL,
            user_id VARBINARY(1020),
            started_at DOUBLE NOT NULL,
            updated_at DOUBLE NOT NULL,
            wake_at DOUBLE,
            publish_from INT,
            snapshot_length INT NOT NULL,
            snapshot LONGBLOB,
            INDEX duologue_conversations_by_change (updated_at),
            INDEX duologue_conversations_by_user (user_id, updated_at),
            INDEX duologue_conversations_by_wake (wake_at),
            INDEX duologue_conversations_by_publishing (publish_from)
        ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4
        """,
        """
        CREATE TABLE IF NOT EXISTS duologue_events (
            conversation_id VARBINARY(1020) NOT NULL,
            sequence INT NOT NULL,
            type LONGTEXT NOT NULL,
            timestamp DOUBLE NOT NULL,
            message_id VARBINARY(1020),
            data LONGTEXT NOT NULL,
            PRIMARY KEY (conversation_id, sequence),
            UNIQUE INDEX duologue_events_by_message (conversation_id, message_id)
        ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4
        """,
        """
        CREATE TABLE IF NOT EXISTS duologue_jobs (
            job VARBINARY(1020) NOT NULL PRIMARY KEY,
            due DOUBLE NOT NULL
        ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4
        """,
    ),
)
OLDEST_READER = 1
"""The oldest version whose release can still use the tables as they are now."""

_CREATE_SCHEMA = """
    CREATE TABLE IF NOT EXISTS duologue_schema (
        id TINYINT NOT NULL PRIMARY KEY,
        version INT NOT NULL,
        oldest_reader INT NOT NULL,
        checks BIGINT NOT NULL
    ) ENGINE=InnoDB
"""
_LOCK_NAME = "CONCAT('duologue_', MD5(DATABASE()))"  # lock names count for the whole server


async def prepare_tables(connection: MysqlConnection, address: MysqlAddress) -> None:
    """Make sure that the database has the tables of this release.

    Raises:
        StorageRefusedError: only a newer release may use it.
        StorageUnavailableError: another server is at it for too long.
        MysqlError: the server does not let us.
    """
    version = await _read_version(connection, address)
    if version >= len(MIGRATIONS):
        return
    if not await _take_lock(connection):
        raise StorageUnavailableError(
            f"Another server brings the tables of the {address.where} up to date for more than {LOCK_SECONDS} seconds."
        )
    try:
        await _migrate(connection, address)
    finally:
        await connection.run(f"DO RELEASE_LOCK({_LOCK_NAME})".encode())


async def _take_lock(connection: MysqlConnection) -> bool:
    text = f"SELECT GET_LOCK({_LOCK_NAME}, {LOCK_SECONDS})".encode()
    (outcome,) = await connection.run(text, seconds=LOCK_SECONDS + 5.0)
    return outcome.rows[0][0] == 1


async def _migrate(connection: MysqlConnection, address: MysqlAddress) -> None:
    version = await _read_version(connection, address)  # another server may have been quicker
    for step, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            await connection.run(statement.encode(), seconds=_MIGRATION_TIMEOUT)
        await connection.run(_CREATE_SCHEMA.encode())
        await connection.run(
            f"INSERT INTO duologue_schema VALUES (1, {step}, {OLDEST_READER}, 0) ON DUPLICATE KEY UPDATE"
            f" version = {step}, oldest_reader = GREATEST(oldest_reader, {OLDEST_READER})".encode()
        )


_MIGRATION_TIMEOUT = 600.0


async def _read_version(connection: MysqlConnection, address: MysqlAddress) -> int:
    try:
        (outcome,) = await connection.run(b"SELECT version, oldest_reader FROM duologue_schema")
    except MysqlError as error:
        if error.code != _NO_SUCH_TABLE:
            raise
        await connection.roll_back()
        return 0
    if not outcome.rows:
        return 0
    version, oldest_reader = outcome.rows[0]
    check_schema_version(
        found=version, oldest_reader=oldest_reader, known=len(MIGRATIONS), where=f"The {address.where}"
    )
    return version
