"""The port of the server: taken at once, and shared among worker processes where there are several."""

import contextlib
import errno
import socket
import ssl
import sys
from collections.abc import Generator
from typing import Any, Protocol

from duologue.serving.errors import AddressUnusableError, CertificateUnusableError
from duologue.serving.options import ServingOptions

BACKLOG = 2048
"""Connections that may wait while the server is being opened, or is busy."""


@contextlib.contextmanager
def bind_port(options: ServingOptions) -> Generator[socket.socket, None, None]:
    """The port, taken before anything is loaded, so that a taken one is known at once.

    Raises:
        AddressUnusableError: the port is taken, or the interface is not of this machine.
    """
    try:
        listener = _listen(options.interface, options.port)
    except (OSError, OverflowError) as error:
        is_taken = getattr(error, "errno", None) == errno.EADDRINUSE
        if not (is_taken and options.is_any_port_fine):
            raise AddressUnusableError(_explain(error, options.interface, options.port, "--port")) from error
        listener = _listen(options.interface, 0)
    with listener:
        yield listener


@contextlib.contextmanager
def hold_port(interface: str, port: int, *, flag: str) -> Generator[socket.socket, None, None]:
    """A port for a server that binds it by itself, with SO_REUSEPORT: a socket that does not listen keeps it for us.

    `flag` is the option that names the port, for a person whose port is taken.

    Raises:
        AddressUnusableError: the port is taken, or the interface is not of this machine.
    """
    try:
        # Who listens already is only found by one that listens too.
        with _listen(interface, port) as first:
            first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            family, address = first.family, first.getsockname()
            # Elsewhere a socket that listened alone keeps all others off until it is closed.
            holder = _reserve(family, address) if sys.platform == "linux" else None
        holder = holder or _reserve(family, address)
    except (OSError, OverflowError) as error:
        raise AddressUnusableError(_explain(error, interface, port, flag)) from error
    with holder:
        yield holder


class WorkerPort(Protocol):
    """A port with a socket for each worker."""

    sockets: list[socket.socket]

    def renew(self, number: int) -> None:
        """Send those who wait at a socket away, to workers that live, and keep newcomers off until its worker listens."""
        ...

    def close(self) -> None:
        """Let go of the port; workers that still listen keep it."""
        ...


class SharedPort:
    """One port with a socket for each worker, over which the system spreads the connections.

    The connections that wait at a socket outlive the worker, since the parent keeps the socket. Systems that do not spread
    connections get one socket for all.
    """

    def __init__(self, first: socket.socket, count: int) -> None:
        self.sockets = [first] * count
        self._is_spread = _make_shareable(first)
        if self._is_spread:
            for number in range(1, count):
                self.sockets[number] = _join(first)

    def renew(self, number: int) -> None:
        """Send those who wait at a socket away, to workers that live, and keep newcomers off until its worker listens."""
        if not self._is_spread:
            return
        with contextlib.suppress(OSError):
            fresh = _join(self.sockets[number])
            self.sockets[number].close()
            self.sockets[number] = fresh

    def close(self) -> None:
        """Let go of the port; workers that still listen keep it."""
        for listener in self.sockets:
            listener.close()


class HeldPort:
    """A port that every worker binds for itself."""

    def __init__(self, holder: socket.socket, count: int) -> None:
        self.sockets = [holder] * count

    def renew(self, number: int) -> None:
        """Nobody waits at a socket that does not listen."""

    def close(self) -> None:
        """Let go of the port; workers that still listen keep it."""
        for holder in self.sockets:
            holder.close()


def check_certificate(options: ServingOptions) -> None:
    """Read the files for HTTPS once, so that a wrong one is known at once.

    Raises:
        CertificateUnusableError: with what is wrong.
    """
    if options.certificate is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(options.certificate, options.key, options.key_password)
        if options.client_authorities is not None:
            context.load_verify_locations(options.client_authorities)
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or error.strerror or str(error)
        raise CertificateUnusableError(
            f"HTTPS cannot be served with {options.certificate}: {reason}. "
            "It takes a certificate in PEM format and its key (--ssl-keyfile, --ssl-password)."
        ) from error


def format_url(options: ServingOptions, listener: socket.socket, scheme: str = "http") -> str:
    """The address that a person on this machine can open; with a certificate the scheme gets its `s`."""
    port = listener.getsockname()[1]
    host = "localhost" if options.interface in ("0.0.0.0", "::", "127.0.0.1") else options.interface
    scheme = f"{scheme}s" if options.certificate else scheme
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _listen(interface: str, port: int) -> socket.socket:
    listener = _open_socket(socket.AF_INET6 if ":" in interface else socket.AF_INET)
    try:
        listener.bind((interface, port))
        # Only who listens owns the port: two servers that start at once could both bind it.
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _open_socket(family: int) -> socket.socket:
    # asyncio sends small answers at once only through a socket that says it is TCP.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return opened


def _make_shareable(first: socket.socket) -> bool:
    """Let others of ours join a port that was taken alone, so that at no moment a stranger could take it."""
    if sys.platform != "linux":  # elsewhere the last socket may get all connections
        return False
    try:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        _join(first).close()
    except OSError:
        return False
    return True


def _join(member: socket.socket) -> socket.socket:
    """Another socket on the same port; it gets no connection until its worker listens."""
    return _bind_shared(_open_socket(member.family), member.getsockname())


def _reserve(family: int, address: Any) -> socket.socket:  # `Any`: addresses differ by family
    """A socket on the port that lets nobody else on it but those who share as it does."""
    alone = _open_socket(family)
    alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    try:
        return _bind_shared(alone, address)
    except OSError:
        # The last connections of a server that did not share are still remembered by the system.
        return _bind_shared(_open_socket(family), address)


def _bind_shared(opened: socket.socket, address: Any) -> socket.socket:
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind(address)
    except BaseException:
        opened.close()
        raise
    return opened


def _explain(error: OSError | OverflowError, interface: str, port: int, flag: str) -> str:
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return (
                f"Port {port} is taken by another program; stop that one or choose another port with {flag}."
            )
        case errno.EACCES:
            return f"Port {port} needs more rights than this user has; choose one above 1023 with {flag}."
        case errno.EADDRNOTAVAIL:
            return f"{interface} is not an address of this machine; choose another with --interface."
        case _:
            reason = str(getattr(error, "strerror", None) or error).rstrip(".")
            return f"The server cannot listen on {interface}, port {port}: {reason}."
