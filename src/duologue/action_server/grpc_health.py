"""`grpc.health.v1`: whether calls should be sent here."""

import asyncio

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from duologue.wire.grpc.methods import HEALTH_NAME

SERVICE = "grpc.health.v1.Health"
_NAMES = ("", HEALTH_NAME)


class Health:
    """Answers for the server as a whole and for its one service, which are never in different states."""

    def __init__(self) -> None:
        self._is_serving = True
        self._is_over = False
        self._changed = asyncio.Condition()

    def build_handler(self) -> grpc.GenericRpcHandler:
        """What a server calls for each request."""
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "Check": grpc.unary_unary_rpc_method_handler(
                    self.check, HealthCheckRequest.FromString, HealthCheckResponse.SerializeToString
                ),
                "Watch": grpc.unary_stream_rpc_method_handler(
                    self.watch, HealthCheckRequest.FromString, HealthCheckResponse.SerializeToString
                ),
            },
        )

    async def drain(self) -> None:
        """Say from now on that nothing should be sent."""
        async with self._changed:
            self._is_serving = False
            self._changed.notify_all()

    async def end(self) -> None:
        """Let go of those who watch: the server would wait for them otherwise."""
        async with self._changed:
            self._is_over = True
            self._changed.notify_all()

    async def check(
        self,
        request: HealthCheckRequest,
        context: "grpc.aio.ServicerContext[HealthCheckRequest, HealthCheckResponse]",
    ) -> HealthCheckResponse:
        """The state now."""
        if request.service not in _NAMES:
            await context.abort(
                grpc.StatusCode.NOT_FOUND, f"There is no service {request.service[:100]!r} here."
            )
        return HealthCheckResponse(status=self._find_status(request.service))

    async def watch(
        self,
        request: HealthCheckRequest,
        context: "grpc.aio.ServicerContext[HealthCheckRequest, HealthCheckResponse]",
    ) -> None:
        """The state now and each time it changes."""
        told = None
        while True:
            status = self._find_status(request.service)
            if status != told:
                told = status
                await context.write(HealthCheckResponse(status=status))
            async with self._changed:
                if self._find_status(request.service) != told:
                    continue
                if self._is_over:
                    return
                await self._changed.wait()

    def _find_status(self, service: str) -> HealthCheckResponse.ServingStatus:
        if service not in _NAMES:
            return HealthCheckResponse.SERVICE_UNKNOWN
        return HealthCheckResponse.SERVING if self._is_serving else HealthCheckResponse.NOT_SERVING
