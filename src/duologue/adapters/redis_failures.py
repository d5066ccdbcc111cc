"""What Redis complains about, in one sentence for whoever runs the server."""

import ssl

from duologue.core.errors import DuologueError, StorageRefusedError, StorageUnavailableError

_REFUSALS = (
    ("WRONGPASS", "refuses the user name or the password; correct `username` and `password`"),
    ("invalid password", "refuses the password; correct `password`"),
    ("invalid username-password", "refuses the user name or the password; correct `username` and `password`"),
    ("NOAUTH", "asks for a password; set `password`"),
    ("Authentication required", "asks for a password; set `password`"),
    ("AUTH called without any password", "has no password; leave out `password`"),
    ("called without any password configured", "has no password; leave out `password`"),
    (
        "NOPERM",
        "does not allow this user what a store needs; give the user these keys, channels and commands",
    ),
    ("DB index is out of range", "does not have the database that `db` names; choose a lower number"),
    (
        "SELECT is not allowed in cluster mode",
        "is a cluster, which has database 0 only; set `deployment_mode: cluster`",
    ),
    (
        "cluster support disabled",
        "is no cluster; leave out `deployment_mode: cluster`",
    ),
    ("MovedError", "is part of a cluster; set `deployment_mode: cluster`"),
    ("WRONGTYPE", "has keys of another kind under our names; choose another `db` or set `key_prefix`"),
    ("unknown command", "lacks a command that is needed; Redis 6.2 or newer, or Valkey, is required"),
)
"""What waiting does not mend."""

_TROUBLES = (
    (
        "ReadOnlyError",
        "is a replica, which takes no writes; its master is being replaced, or the address is wrong",
    ),
    (
        "READONLY",
        "is a replica, which takes no writes; its master is being replaced, or the address is wrong",
    ),
    ("previous master is now", "has become a replica; the new master is being looked for"),
    ("LOADING", "is still loading its data"),
    ("loading the dataset", "is still loading its data"),
    ("OutOfMemoryError", "has no memory left; raise `maxmemory` or free some"),
    ("OOM", "has no memory left; raise `maxmemory` or free some"),
    ("MISCONF", "cannot write to its disk and refuses changes"),
    ("ClusterDownError", "is a cluster with a part missing"),
    ("CLUSTERDOWN", "is a cluster with a part missing"),
    ("MasterDownError", "has lost its master"),
    ("TryAgainError", "is moving these keys between its nodes"),
    ("AskError", "is moving these keys between its nodes"),
    ("NOREPLICAS", "has too few replicas to take writes"),
    ("No master found", "has no master that the sentinels know; check `sentinel_service` and `endpoints`"),
    ("max number of clients", "has too many clients; raise its `maxclients`"),
)
"""What may pass."""


def describe_failure(error: BaseException, where: str, *, is_tls: bool) -> DuologueError:
    """The error of ours for one of the driver or of the network.

    Args:
        where: the server, without a password.
        is_tls: whether we speak TLS to it.
    """
    tls = _find_tls_failure(error)
    if tls is not None:
        return StorageRefusedError(f"Redis at {where} and we do not agree on TLS: {tls}.")
    # The driver takes the code off the errors that it has classes for.
    text = f"{type(error).__name__} {error}"
    for sign, sentence in _REFUSALS:
        if sign in text:
            return StorageRefusedError(f"Redis at {where} {sentence}.")
    for sign, sentence in _TROUBLES:
        if sign in text:
            return StorageUnavailableError(f"Redis at {where} {sentence}.")
    if isinstance(error, TimeoutError) or type(error).__name__ == "TimeoutError":
        # A server that expects no TLS waits for the end of what it takes for a command.
        hint = "; if it speaks no TLS, leave out `use_ssl`" if is_tls else ""
        return StorageUnavailableError(f"Redis at {where} does not answer in time{hint}.")
    if "closed by server" in text and not is_tls:
        return StorageUnavailableError(
            f"Redis at {where} closes the connection; if it expects TLS, set `use_ssl: true`."
        )
    if isinstance(error, OSError) or type(error).__name__ in ("ConnectionError", "MaxConnectionsError"):
        return StorageUnavailableError(f"Redis at {where} cannot be reached.")
    # An answer that we do not know may repeat keys and values; its first word does not.
    return StorageUnavailableError(f"Redis at {where} fails with {' '.join(text.split(' ')[:2])[:60]}.")


def _find_tls_failure(error: BaseException | None) -> str | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"{error.verify_message}; set `ssl_ca_certs`"
        if isinstance(error, ssl.SSLError):
            if error.reason == "WRONG_VERSION_NUMBER" or "record layer" in str(error).lower():
                return "it does not speak TLS; leave out `use_ssl`"
            if "CERTIFICATE_REQUIRED" in str(error).upper():
                return "it asks for a certificate; set `ssl_certfile` and `ssl_keyfile`"
            return str(error.reason or "the handshake fails").lower().replace("_", " ")
        error = error.__cause__ or error.__context__
    return None
