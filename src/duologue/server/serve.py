"""Runs the server in this process until it is told to stop."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Generator

import uvicorn

from duologue.server.app import build_app
from duologue.server.errors import AddressUnusableError
from duologue.server.options import ServerOptions
from duologue.server.page_updates import PageUpdates
from duologue.server.reception import Reception
from duologue.server.served_assistant import ServedAssistant

_log = logging.getLogger(__name__)

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
    """
    with bind_port(options) as listener, asyncio.Runner(loop_factory=_find_loop_factory()) as runner:
        runner.run(_serve(open_assistant, options, listener, announce))


@contextlib.contextmanager
def bind_port(options: ServerOptions) -> Generator[socket.socket, None, None]:
    """The port, bound before the assistant is loaded, so that a taken one is known at once."""
    family = socket.AF_INET6 if ":" in options.interface else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((options.interface, options.port))
        except (OSError, OverflowError) as error:
            raise AddressUnusableError(_explain(error, options)) from error
        yield listener


def is_port_free(interface: str, port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        with bind_port(ServerOptions(interface=interface, port=port)):
            return True
    except AddressUnusableError:
        return False


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
            return f"The server cannot listen on {interface}, port {port}: {error}."


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
        try:
            await super().startup(sockets)
        except OSError as error:
            # Another program bound the port at the same moment and was the first to listen.
            raise AddressUnusableError(_explain(error, self._options)) from error
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
        await self._reception.wait_until_idle(self._options.shutdown_seconds)
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
