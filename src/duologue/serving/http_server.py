"""The HTTP server, with our manners at the door: how it stops, and how it hands over to a successor."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Generator

import uvicorn
from starlette.types import ASGIApp

from duologue.serving.admission import Admission
from duologue.serving.listening import BACKLOG
from duologue.serving.options import ServingOptions

CUT_OFF_SECONDS = 5
"""How long what was cut off has to clean up after itself."""
LINGER_SECONDS = 10.0
"""How long a server with a successor keeps connections that say nothing."""
FAREWELL_SECONDS = 0.2
"""How long a request that is on its way may take to be turned away, after the port is closed."""
KEEP_ALIVE_SECONDS = 75
"""How long a connection may say nothing; longer than the 60 seconds of common load balancers, so that they close first."""
_POLL_SECONDS = 0.05


class HttpServer(uvicorn.Server):
    """Serves until it is told to stop or to retire."""

    def __init__(
        self,
        app: ASGIApp,
        admission: Admission,
        options: ServingOptions,
        announce: Callable[[], None],
        *,
        on_closing: Callable[[], None] | None = None,
    ) -> None:
        """`on_closing` is called when requests without end, such as streams of news, have to end."""
        super().__init__(_configure(app, options))
        self.servers: list[asyncio.base_events.Server] = []
        self._admission = admission
        self._options = options
        self._announce = announce
        self._on_closing = on_closing or (lambda: None)
        self._retiring: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None

    @property
    def is_stopping(self) -> bool:
        return self._stopping is not None

    def stop(self, drain_seconds: float) -> None:
        """Say that we are not ready, take requests for a while yet, then refuse them; finish what is under way and end."""
        if self._stopping is None:
            if self._retiring is not None:
                self._retiring.cancel()
            self._stopping = asyncio.get_running_loop().create_task(self._stop(drain_seconds))

    def retire(self) -> None:
        """Leave newcomers to a successor, answer those who are here until they are gone, and end."""
        if self._stopping is None and self._retiring is None:
            self._retiring = asyncio.get_running_loop().create_task(self._retire())

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals are the affair of whoever runs the server."""
        yield

    async def _stop(self, drain_seconds: float) -> None:
        self._admission.begin_draining()
        await asyncio.sleep(drain_seconds)
        self._admission.begin_closing()
        self._on_closing()
        if not await self._admission.wait_until_idle(self._options.shutdown_seconds):
            self._admission.cut_off()
        self._close_port()
        await self._wait_for_departures(FAREWELL_SECONDS)
        self.should_exit = True

    async def _retire(self) -> None:
        self._close_port()
        self._admission.begin_parting()
        self._on_closing()
        await self._wait_for_departures(LINGER_SECONDS)
        for connection in list(self.server_state.connections):
            connection.shutdown()  # those that say nothing; the others end with their answer
        await self._wait_for_departures(self._options.shutdown_seconds)
        self._retiring = None
        self.stop(0)

    def _close_port(self) -> None:
        for server in self.servers:
            server.close()

    async def _wait_for_departures(self, seconds: float) -> None:
        for _ in range(round(seconds / _POLL_SECONDS)):
            if not self.server_state.connections:
                return
            await asyncio.sleep(_POLL_SECONDS)


def _configure(app: ASGIApp, options: ServingOptions) -> uvicorn.Config:
    is_client_checked = options.client_authorities is not None and options.is_client_checked
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=options.is_access_logged,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=CUT_OFF_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=BACKLOG,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
        ssl_cert_reqs=ssl.CERT_REQUIRED if is_client_checked else ssl.CERT_NONE,
        ssl_keyfile_password=options.key_password,
        ssl_ca_certs=str(options.client_authorities) if options.client_authorities else None,
    )
