"""The HTTP server, with our manners at the door: how it stops, and how it hands over to a successor."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator

import uvicorn
from starlette.types import ASGIApp

from duologue.server.listening import BACKLOG
from duologue.server.options import ServerOptions
from duologue.server.page_updates import PageUpdates
from duologue.server.reception import Reception

CUT_OFF_SECONDS = 5
"""How long turns have to store themselves after they were cut off."""
LINGER_SECONDS = 10.0
"""How long a server with a successor keeps connections that say nothing."""
FAREWELL_SECONDS = 0.2
"""How long a request that is on its way may take to be turned away, after the port is closed."""
KEEP_ALIVE_SECONDS = 75
"""How long a connection may say nothing; longer than the 60 seconds of common load balancers, so that they close first."""
_POLL_SECONDS = 0.05


class AssistantServer(uvicorn.Server):
    """Serves until it is told to stop or to retire."""

    def __init__(
        self,
        app: ASGIApp,
        reception: Reception,
        updates: PageUpdates,
        options: ServerOptions,
        announce: Callable[[], None],
    ) -> None:
        super().__init__(_configure(app, options))
        self.servers: list[asyncio.base_events.Server] = []
        self._reception = reception
        self._updates = updates
        self._options = options
        self._announce = announce
        self._retiring: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None

    @property
    def is_stopping(self) -> bool:
        return self._stopping is not None

    def stop(self, drain_seconds: float) -> None:
        """Say that we are not ready, take messages for a while yet, then refuse them; finish the turns and end."""
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
        self._reception.begin_draining()
        await asyncio.sleep(drain_seconds)
        self._reception.begin_closing()
        self._updates.close()
        if not await self._reception.wait_until_idle(self._options.shutdown_seconds):
            self._reception.cut_off()
        self._close_port()
        await self._wait_for_departures(FAREWELL_SECONDS)
        self.should_exit = True

    async def _retire(self) -> None:
        self._close_port()
        self._reception.begin_parting()
        self._updates.close()
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


def _configure(app: ASGIApp, options: ServerOptions) -> uvicorn.Config:
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
        ssl_keyfile_password=options.key_password,
        ssl_ca_certs=str(options.client_authorities) if options.client_authorities else None,
    )
