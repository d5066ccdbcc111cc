"""What went wrong with PostgreSQL, in one sentence each, and what to do about it."""

import ssl
from socket import gaierror

import asyncpg  # pyright: ignore[reportMissingTypeStubs] it has no hints for others
import msgspec

from duologue.core.errors import DuologueError, StorageRefusedError, StorageUnavailableError

_CONNECTION_IS_GONE = "08003"  # said by the driver, not by the server
READ_ONLY = "25006"
TLS_HINT = "SQL_TRACKER_STORE_SSL_MODE"

_GRANT = "let its owner run `GRANT {} TO` the user, or name another user"

_SENTENCES = {
    "08P01": "does not keep to the protocol; check that host and port are those of PostgreSQL",
    "0A000": "was changed while it was in use",
    "25006": "can only be read: it is a replica, or the server was told to refuse changes",
    "26000": (
        "forgets prepared statements; behind a pooler such as pgbouncer write"
        " `query: {prepared_statement_cache_size: 0}`"
    ),
    "28000": "does not let the user in; check `username` and the server's pg_hba.conf",
    "28P01": "refuses the password; check `username` and `password`",
    "3D000": "does not exist; create it, or name one that exists with `login_db` so that it is created",
    "3F000": "does not have the schema; create it, or check POSTGRESQL_SCHEMA",
    "40P01": "had to break a deadlock",
    "42501": "does not give the user the rights it needs; " + _GRANT.format("USAGE, CREATE ON SCHEMA …"),
    "42P01": "lacks tables of the conversations; restart to have them made, or restore them from a backup",
    "53100": "cannot grow: the disk is full",
    "53200": "has no memory left",
    "53300": "has no connection to spare; lower `pool_size`, or raise `max_connections` of the server",
    "57014": "was told to stop working on it",
    "57P01": "is being shut down, or had its connections ended by an administrator",
    "57P02": "has crashed and recovers",
    "57P03": "is starting up or shutting down",
}
_REFUSALS = frozenset({"08P01", "28000", "28P01", "3D000", "3F000", "42501"})
_CLASSES = {
    "08": "has broken the connection",
    "28": "does not let the user in; check `username` and `password`",
    "53": "has run out of something it needs",
    "57": "does not work at the moment",
    "58": "cannot read or write its files",
    "XX": "is damaged, or the server has a fault; look into its log",
}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What a sentence says about a database."""

    sentence: str
    is_refusal: bool = False
    """Waiting does not help: somebody has to change something."""

    def as_unavailable(self, where: str) -> StorageUnavailableError:
        """The error of a call."""
        return StorageUnavailableError(f"The {where} {self.sentence}.")

    def as_error_at_start(self, where: str) -> DuologueError:
        """The error of opening."""
        kind = StorageRefusedError if self.is_refusal else StorageUnavailableError
        return kind(f"The {where} {self.sentence}.")


def explain(error: BaseException) -> Fault:
    """What an exception of the driver, or of the network below it, means."""
    code = find_sqlstate(error)
    if code is not None and code != _CONNECTION_IS_GONE:
        return _explain_code(code, error)
    match error:
        case TimeoutError():
            return Fault(sentence="does not answer in time")
        case ssl.SSLCertVerificationError():
            return Fault(
                sentence=(
                    f"shows a certificate that does not fit ({error.verify_message.rstrip('.')}); check the host's"
                    f" name, SQL_TRACKER_STORE_SSL_ROOT_CERTIFICATE and {TLS_HINT}"
                ),
                is_refusal=True,
            )
        case ssl.SSLError():
            reason = (getattr(error, "reason", None) or _shorten(error)).replace("_", " ").lower()
            return Fault(
                sentence=f"and this server cannot agree on TLS ({reason}); check {TLS_HINT}", is_refusal=True
            )
        case gaierror():
            return Fault(sentence="is on a host whose name is not known; check `url`")
        case asyncpg.ClientConfigurationError():
            return Fault(sentence=f"cannot be entered so: {_shorten(error)}", is_refusal=True)
        case asyncpg.TargetServerAttributeNotMatched():
            return Fault(sentence="has no server at the moment that takes changes")
        case ConnectionError() if "SSL" in str(error):
            return Fault(
                sentence=f"does not speak TLS; switch it on there, or write {TLS_HINT}=disable",
                is_refusal=True,
            )
        case ConnectionRefusedError():
            return Fault(sentence="cannot be reached: nobody listens there; check host and port")
        case OSError() if not isinstance(error, ConnectionError):
            return Fault(sentence=f"cannot be reached ({_shorten(error)})")
        case OSError() | asyncpg.ConnectionDoesNotExistError() | asyncpg.InterfaceError():
            return Fault(sentence="has broken the connection")
        case _:
            return Fault(sentence=f"failed: {_shorten(error)}")


def find_sqlstate(error: BaseException | None) -> str | None:
    """The code with which the server explained itself, if it did."""
    found: str | None = None
    while error is not None:
        if isinstance(error, asyncpg.PostgresError):
            # A connection that broke carries what the server said last.
            found = getattr(error, "sqlstate", None) or found
        error = error.__cause__
    return found


def _explain_code(code: str, error: BaseException) -> Fault:
    sentence = _SENTENCES.get(code) or _CLASSES.get(code[:2]) or f"failed ({code}): {_shorten(error)}"
    return Fault(sentence=sentence, is_refusal=code in _REFUSALS)


def _shorten(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
