"""How connections to a MySQL or MariaDB database are opened: with which password, and under which TLS."""

import ssl
from collections.abc import Awaitable, Callable

from duologue.adapters.tracker_store.mysql_driver import (
    NO_TLS,
    Entrance,
    MysqlConnection,
    MysqlError,
    open_connection,
)
from duologue.adapters.tracker_store.mysql_options import MysqlAddress, MysqlOptions
from duologue.core.errors import StorageRefusedError


class MysqlDoor:
    """Opens connections as the options say."""

    def __init__(self, options: MysqlOptions, address: MysqlAddress, *, patience: float) -> None:
        self._may_do_without_tls = address.ssl_mode in ("allow", "prefer")
        self._entrance = Entrance(
            host=address.host,
            port=address.port,
            unix_socket=address.unix_socket,
            database=address.database,
            username=address.username,
            get_password=_choose_password(options, address),
            context=_make_context(address),
            connect_seconds=patience * 0.4,
            statement_seconds=patience * 0.6,
        )

    async def open(self) -> MysqlConnection:
        """A connection.

        Raises:
            MysqlError: there is none to be had.
        """
        try:
            return await open_connection(self._entrance)
        except MysqlError as error:
            if error.code != NO_TLS or not self._may_do_without_tls or self._entrance.context is None:
                raise
            self._entrance = self._entrance._replace(context=None)
            return await open_connection(self._entrance)


def _choose_password(options: MysqlOptions, address: MysqlAddress) -> Callable[[], Awaitable[str]]:
    if options.iam_region:
        from duologue.adapters.aws_tokens import RdsTokens

        tokens = RdsTokens(
            host=address.host, port=address.port, username=address.username, region=options.iam_region
        )
        return tokens.get

    async def get_password() -> str:
        return address.password

    return get_password


def _make_context(address: MysqlAddress) -> ssl.SSLContext | None:
    if address.ssl_mode == "disable" or address.unix_socket:
        return None
    try:
        context = ssl.create_default_context(cafile=address.root_certificate)
        if address.client_certificate:
            context.load_cert_chain(address.client_certificate, address.client_key)
    except (OSError, ssl.SSLError) as error:
        raise StorageRefusedError(
            f"A certificate for the {address.where} cannot be read ({error}): check"
            " SQL_TRACKER_STORE_SSL_ROOT_CERTIFICATE and `ssl_ca`, `ssl_cert`, `ssl_key` of `query`."
        ) from error
    # The authorities that MySQL makes for itself, and older ones of clouds, are not as strict as Python 3.13 asks.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = address.ssl_mode == "verify-full"
    if address.ssl_mode not in ("verify-ca", "verify-full"):
        context.verify_mode = ssl.CERT_NONE
    return context
