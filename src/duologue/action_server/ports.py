"""The ports of an action server: taken at once, before the project's code is imported."""

import contextlib
import importlib.util
import socket
from collections.abc import Generator, Sequence

import msgspec

from duologue.action_server.options import ActionServingOptions
from duologue.core.errors import DefinitionError
from duologue.serving.listening import (
    HeldPort,
    SharedPort,
    WorkerPort,
    bind_port,
    check_certificate,
    format_url,
    hold_port,
)


class OpenPort(msgspec.Struct, frozen=True, kw_only=True):
    """A port that is ours."""

    listener: socket.socket
    address: str
    """What callers write."""
    is_held: bool = False
    """The socket keeps the port and does not listen: whoever serves binds it."""

    def share(self, count: int) -> WorkerPort:
        return HeldPort(self.listener, count) if self.is_held else SharedPort(self.listener, count)


@contextlib.contextmanager
def open_ports(options: ActionServingOptions) -> Generator[list[OpenPort], None, None]:
    """The port of HTTP, if it is served, then that of gRPC.

    Raises:
        AddressUnusableError: one is taken, or the interface is not of this machine.
        CertificateUnusableError: the files for TLS are not what they should be.
        DefinitionError: gRPC is asked for and not installed, or not to be had on this system.
    """
    check_certificate(options)
    ports: list[OpenPort] = []
    with contextlib.ExitStack() as stack:
        if options.is_http:
            listener = stack.enter_context(bind_port(options))
            ports.append(OpenPort(listener=listener, address=format_url(options, listener)))
        if options.has_grpc:
            ports.append(stack.enter_context(_hold_grpc_port(options)))
        yield ports


def format_addresses(ports: Sequence[OpenPort]) -> str:
    return " and ".join(port.address for port in ports)


@contextlib.contextmanager
def _hold_grpc_port(options: ActionServingOptions) -> Generator[OpenPort, None, None]:
    if not _is_grpc_installed():
        raise DefinitionError(
            "Serving gRPC needs packages that are not installed; run `pip install 'duologue[grpc]'`."
        )
    if not hasattr(socket, "SO_REUSEPORT"):
        raise DefinitionError("gRPC is served on Linux and macOS; serve HTTP on this system.")
    beside = options.grpc_port if options.is_http else None
    port, flag = (options.port, "--port") if beside is None else (beside, "--grpc-port")
    with hold_port(options.interface, port, flag=flag) as holder:
        yield OpenPort(listener=holder, address=format_url(options, holder, "grpc"), is_held=True)


def _is_grpc_installed() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("grpc", "grpc_health"))
