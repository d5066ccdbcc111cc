"""The doors of one process: HTTP, gRPC or both over one service, which open and close together."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from duologue.action_server.app import build_app
from duologue.action_server.opening import OpenedActions
from duologue.action_server.options import ActionServingOptions
from duologue.serving.admission import Admission
from duologue.serving.http_server import LINGER_SECONDS, HttpServer

if TYPE_CHECKING:
    from duologue.action_server.grpc_server import GrpcServer


class ActionDoors:
    """Answers calls until it is told to stop or to retire."""

    def __init__(
        self,
        opened: OpenedActions,
        options: ActionServingOptions,
        listeners: Sequence[socket.socket],
        announce: Callable[[], None],
    ) -> None:
        """`listeners`: the socket of HTTP if it is served, then the one that keeps the port of gRPC, if that is served."""
        self._opened = opened
        self._options = options
        self._announce = announce
        self._listener = listeners[0] if options.is_http else None
        self._holder = listeners[-1] if options.has_grpc else None
        self._http: HttpServer | None = None
        self._grpc: GrpcServer | None = None
        self._closing: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._told_to_end = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        return self._is_stopping

    async def open(self) -> None:
        """Begin to answer over gRPC, and make HTTP ready."""
        if self._holder is not None:
            self._grpc = await _start_grpc(self._opened, self._holder, self._options)
        if self._listener is not None:
            self._http = self._make_http()

    async def serve(self) -> None:
        """Answer until it is told to end, and every call has its answer."""
        if self._http is not None and self._listener is not None:
            await self._http.serve([self._listener])
        else:
            self._announce()
            await self._told_to_end.wait()
        if self._closing is not None:
            await self._closing

    def stop(self, drain_seconds: float) -> None:
        """Say that we are not ready, take calls for a while yet, then refuse them; finish what runs and end."""
        self._is_stopping = True
        if self._http is not None:
            self._http.stop(drain_seconds)
        self._close_grpc(drain_seconds, self._options.shutdown_seconds)

    def retire(self) -> None:
        """Leave newcomers to a successor, answer those who are here, and end."""
        if self._http is not None:
            self._http.retire()
        self._close_grpc(0.0, self._options.shutdown_seconds + LINGER_SECONDS)

    def _make_http(self) -> HttpServer:
        admission = Admission(seconds=self._options.response_seconds)
        app = build_app(
            self._opened.service,
            self._options,
            admission=admission,
            check_store=self._opened.check_store,
        )
        return HttpServer(app, admission, self._options, self._announce)

    def _close_grpc(self, drain_seconds: float, grace: float) -> None:
        self._told_to_end.set()
        if self._grpc is not None and self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(
                _drain_and_stop(self._grpc, drain_seconds, grace)
            )


async def _drain_and_stop(server: "GrpcServer", drain_seconds: float, grace: float) -> None:
    await server.begin_draining()
    await asyncio.sleep(drain_seconds)
    await server.stop(grace)


async def _start_grpc(
    opened: OpenedActions, holder: socket.socket, options: ActionServingOptions
) -> "GrpcServer":
    """Bind the port that the socket keeps."""
    from duologue.action_server.grpc_server import start_grpc

    host, port, *_ = holder.getsockname()
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return await start_grpc(opened.service, address, options)
