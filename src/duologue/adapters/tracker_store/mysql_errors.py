"""What goes wrong with a MySQL or MariaDB server, each in one sentence."""

from duologue.adapters.tracker_store.mysql_driver import NO_TLS, UNREACHABLE, MysqlError
from duologue.adapters.tracker_store.mysql_options import MysqlAddress
from duologue.core.errors import StorageRefusedError, StorageUnavailableError

PACKET_TOO_LARGE = 1153
_DUPLICATE_KEY = 1062
_NULL_IN_KEY = 1048

_CHECK_PASSWORD = "check `username` and `password` of the tracker store"
_REFUSALS = {
    1044: "may not be used by the user {user}: grant the rights with GRANT ALL ON `{database}`.* TO '{user}'@'%'",
    1045: f"refuses the user {{user}}: {_CHECK_PASSWORD}",
    1049: "does not exist: create it with CREATE DATABASE `{database}` CHARACTER SET utf8mb4, or name another in `db`",
    1129: "refuses this machine because too many of its connections failed: run FLUSH HOSTS on the server",
    1130: "does not let the user {user} in from this machine: allow its address on the server",
    1142: "does not give the user {user} the rights it needs: grant them with GRANT ALL ON `{database}`.* TO '{user}'@'%'",
    1227: "does not give the user {user} the rights it needs: {message}",
    1251: "wants a way to prove the password that the driver does not know: {message}",
    1275: "wants a way to prove the password that the driver does not know: {message}",
    1698: f"refuses the user {{user}}: {_CHECK_PASSWORD}; some servers let root in without TCP only",
    1820: "wants the user {user} to change its password first",
    1862: "refuses the user {user}, because its password has expired: set a new one",
    2059: "wants a way to prove the password that the driver does not know: {message}",
    3118: "refuses the user {user}, because the account is locked: unlock it on the server",
    3159: "takes connections over TLS only: set SQL_TRACKER_STORE_SSL_MODE to `require` or `verify-full`",
    4151: "refuses the user {user}, because the account is locked: unlock it on the server",
    NO_TLS: "cannot be reached over TLS as `{ssl_mode}` asks ({message}): check the server's certificate,"
    " SQL_TRACKER_STORE_SSL_ROOT_CERTIFICATE and SQL_TRACKER_STORE_SSL_MODE",
}
_TROUBLES = {
    1021: "cannot grow: the disk of the server is full",
    1040: "has no free connection: raise max_connections of the server, or lower the pool size",
    1114: "cannot grow: the disk of the server is full",
    1146: "has lost its tables: restore them, or restart to have them made",
    PACKET_TOO_LARGE: "does not take so much at once ({message}): raise max_allowed_packet of the server",
    1203: "has no free connection for the user {user}: raise max_user_connections, or lower the pool size",
    1205: "is busy: another client holds a lock on the conversation for too long",
    1213: "is busy: the server ended the transaction to let others go on",
    1290: "may only be read: {message}",
    1836: "may only be read: it is a replica, or the server is in read-only mode",
    UNREACHABLE: "cannot be reached: {message}",
}
_CONFLICTS = frozenset({_DUPLICATE_KEY, _NULL_IN_KEY})
_CONTENTION = frozenset({1205, 1213, 1020, 3572})
_OF_ONE_APPEND = frozenset({1264, 1366, 1406, PACKET_TOO_LARGE, 1118, 1105})


def is_conflict(error: MysqlError) -> bool:
    """Whether the conversation is not as an append expects."""
    return error.code in _CONFLICTS


def is_contention(error: MysqlError) -> bool:
    """Whether two transactions were in each other's way, so that trying again may help."""
    return error.code in _CONTENTION


def concerns_one_append(error: MysqlError) -> bool:
    """Whether it is the rows of one append that the server does not take."""
    return error.code in _OF_ONE_APPEND


def explain(error: MysqlError, address: MysqlAddress) -> StorageUnavailableError:
    """Why the store cannot do it now."""
    words = _TROUBLES.get(error.code) or _REFUSALS.get(error.code, "failed: {message}")
    explained = StorageUnavailableError(_write(words, error, address))
    explained.__cause__ = error
    return explained


def explain_start(error: MysqlError, address: MysqlAddress) -> StorageUnavailableError | StorageRefusedError:
    """Why the store cannot be opened: now, or before somebody mends something."""
    words = _REFUSALS.get(error.code)
    if words is None:
        return explain(error, address)
    refused = StorageRefusedError(_write(words, error, address))
    refused.__cause__ = error
    return refused


def _write(words: str, error: MysqlError, address: MysqlAddress) -> str:
    said = words.format(
        user=address.username,
        database=address.database,
        ssl_mode=address.ssl_mode,
        message=error.message.rstrip("."),
    )
    return f"The {address.where} {said}."
