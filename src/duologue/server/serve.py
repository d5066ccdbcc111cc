"""Runs the server in this process until it is told to stop."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Generator

import uvicorn

from duologue.server.app import build_app
from duologue.server.errors import AddressUnusableError, CertificateUnusableError
from duologue.server.options import ServerOptions
from duologue.server.page_updates import PageUpdates
from duologue.server.reception import Reception
from duologue.server.served_assistant import ServedAssistant

_log = logging.getLogger(__name__)

BACKLOG = 2048
"""Connections that may wait while the assistant is opened, or is busy."""
CUT_OFF_SECONDS = 5
"""How long turns have to store themselves after they were cut off."""
ENDED_AT_ONCE = 130
"""Exit code after the second Ctrl-C."""

OpenAssistant = Callable[[], Awaitable[ServedAssistant]]
Announce = Callable[[str], None]


def run_server(open_assistant: OpenAssistant, options: ServerOptions, announce: Announce) -> None:
    """Open the assistant and serve it until SIGTERM or SIGINT; `announce` gets the URL once it answers.

    Raises:
        AddressUnusableError: the port is taken, or the interface is not of this machine.
        CertificateUnusableError: the files for HTTPS are not what they should be.
    """
    check_certificate(options)
    with bind_port(options) as listener, asyncio.Runner(loop_factory=_find_loop_factory()) as runner:
        runner.run(_serve(open_assistant, options, listener, announce))


def check_certificate(options: ServerOptions) -> None:
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


@contextlib.contextmanager
def bind_port(options: ServerOptions) -> Generator[socket.socket, None, None]:
    """The port, taken before the assistant is loaded, so that a taken one is known at once.

    Raises:
        AddressUnusableError: the port is taken, or the interface is not of this machine.
    """
    try:
        listener = _listen(options.interface, options.port)
    except (OSError, OverflowError) as error:
        is_taken = getattr(error, "errno", None) == errno.EADDRINUSE
        if not (is_taken and options.is_any_port_fine):
            raise AddressUnusableError(_explain(error, options)) from error
        listener = _listen(options.interface, 0)
    with listener:
        yield listener


def _listen(interface: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in interface else socket.AF_INET
    # asyncio sends small answers at once only through a socket that says it is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((interface, port))
        # Only who listens owns the port: two servers that start at once could both bind it.
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _explain(error: OSError | OverflowError, options: ServerOptions) -> str:
    port, interface = options.port, options.interface
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return (
                f"Port {port} is taken by another program; stop that one or choose another port with --port."
            )
        case errno.EACCES:
            return f"Port {port} needs more rights than this user has; choose one above 1023 with --port."
        case errno.EADDRNOTAVAIL:
            return f"{interface} is not an address of this machine; choose another with --interface."
        case _:
            reason = str(getattr(error, "strerror", None) or error).rstrip(".")
            return f"The server cannot listen on {interface}, port {port}: {reason}."


async def _serve(
    open_assistant: OpenAssistant, options: ServerOptions, listener: socket.socket, announce: Announce
) -> None:
    assistant = await open_assistant()
    try:
        updates = PageUpdates()
        reception = Reception(assistant, seconds=options.response_seconds, listeners=(updates.publish,))
        app = build_app(reception, options, updates)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=options.is_access_logged,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=CUT_OFF_SECONDS,
            backlog=BACKLOG,
            ssl_certfile=options.certificate,
            ssl_keyfile=options.key,
            ssl_keyfile_password=options.key_password,
            ssl_ca_certs=str(options.client_authorities) if options.client_authorities else None,
        )
        url = _format_url(options, listener)
        await _Server(config, reception, updates, options, lambda: announce(url)).serve([listener])
    finally:
        await _close(assistant)


async def _close(assistant: ServedAssistant) -> None:
    try:
        async with asyncio.timeout(CUT_OFF_SECONDS):
            await assistant.close()
    except TimeoutError:
        _log.warning("server.close_timed_out", extra={"seconds": CUT_OFF_SECONDS})


class _Server(uvicorn.Server):
    """Uvicorn, with our manners at the door."""

    def __init__(
        self,
        config: uvicorn.Config,
        reception: Reception,
        updates: PageUpdates,
        options: ServerOptions,
        announce: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._reception = reception
        self._updates = updates
        self._options = options
        self._announce = announce
        self._closing: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """The first signal ends politely with exit code 0, the second at once."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _on_signal(self) -> None:
        if self._closing is not None:
            # What is stored is stored; a turn that is not will be sent again by its client.
            sys.stderr.flush()
            os._exit(ENDED_AT_ONCE)
        self._closing = asyncio.get_running_loop().create_task(self._close())

    async def _close(self) -> None:
        """New messages get 503 while the turns under way finish; then the server ends."""
        self._reception.begin_closing()
        self._updates.close()
        if not await self._reception.wait_until_idle(self._options.shutdown_seconds):
            self._reception.cut_off()
        self.should_exit = True


def _format_url(options: ServerOptions, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    host = "localhost" if options.interface in ("0.0.0.0", "::", "127.0.0.1") else options.interface
    scheme = "https" if options.certificate else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _find_loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
