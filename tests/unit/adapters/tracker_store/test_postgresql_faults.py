"""What is said about what goes wrong with PostgreSQL."""

import socket
import ssl

import asyncpg
import pytest

from duologue.adapters.tracker_store.postgresql_faults import explain, find_sqlstate
from duologue.core.errors import StorageRefusedError, StorageUnavailableError

WHERE = "PostgreSQL database bank at db:5432"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (asyncpg.InvalidPasswordError("password authentication failed"), "refuses the password"),
        (asyncpg.InvalidAuthorizationSpecificationError("no pg_hba.conf entry"), "pg_hba.conf"),
        (asyncpg.InvalidCatalogNameError("database does not exist"), "does not exist; create it"),
        (asyncpg.InsufficientPrivilegeError("permission denied"), "rights"),
        (ConnectionError("PostgreSQL server rejected SSL upgrade"), "does not speak TLS"),
        (asyncpg.ClientConfigurationError("`sslmode` parameter must be one of: disable"), "`sslmode`"),
        (ssl.SSLError(1, "wrong version number"), "cannot agree on TLS"),
    ],
)
def test_what_somebody_has_to_change_ends_the_start(error: Exception, words: str) -> None:
    said = explain(error).as_error_at_start(WHERE)
    assert isinstance(said, StorageRefusedError)
    assert str(said).startswith(f"The {WHERE} ")
    assert words in str(said)
    assert str(said).endswith(".")
    assert str(said).count("\n") == 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "refused"), "nobody listens there"),
        (socket.gaierror(-2, "unknown"), "name is not known"),
        (TimeoutError(), "in time"),
        (ConnectionResetError(), "broken the connection"),
        (asyncpg.ConnectionDoesNotExistError("connection was closed"), "broken the connection"),
        (asyncpg.TooManyConnectionsError("too many clients already"), "no connection to spare"),
        (asyncpg.DiskFullError("could not extend file"), "the disk is full"),
        (asyncpg.ReadOnlySQLTransactionError("cannot execute"), "can only be read"),
        (asyncpg.CannotConnectNowError("starting up"), "starting up"),
        (asyncpg.AdminShutdownError("terminating connection"), "shut down"),
        (asyncpg.InvalidSQLStatementNameError("does not exist"), "prepared_statement_cache_size: 0"),
        (asyncpg.UndefinedTableError("does not exist"), "lacks tables"),
        (asyncpg.DiskFullError("line one\nline two"), "the disk is full"),
        (asyncpg.NumericValueOutOfRangeError("out of range"), "failed (22003): out of range"),
    ],
)
def test_what_passes_makes_the_store_unavailable(error: Exception, words: str) -> None:
    for said in (explain(error).as_error_at_start(WHERE), explain(error).as_unavailable(WHERE)):
        assert isinstance(said, StorageUnavailableError)
        assert words in str(said)
        assert str(said).count("\n") == 0


def test_a_broken_connection_tells_what_the_server_said_last() -> None:
    broken = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
    broken.__cause__ = asyncpg.AdminShutdownError("terminating connection due to administrator command")
    assert find_sqlstate(broken) == "57P01"
    assert "shut down" in explain(broken).sentence
