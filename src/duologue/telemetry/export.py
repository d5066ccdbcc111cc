"""Send spans to collectors, from threads of their own: neither a slow nor an absent collector delays a conversation."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry.trace import Tracer

from duologue.telemetry.spans import TRACER_NAME, offer_provider, use_tracer
from duologue.telemetry.targets import (
    Collector,
    TracingTarget,
    TracingTargetError,
    find_service_name,
    is_former_port,
    read_collector,
)

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

FLUSH_SECONDS = 3.0
"""How long the end of a process waits for collectors to take the last spans."""
_LEAVE_SECONDS = 0.5
"""How long an export that was told to give up may take to do so."""
_EXPORT_SECONDS = 10
"""How long one export may take, its repetitions included."""

_log = logging.getLogger(__name__)

_EXPORTERS = {
    False: "opentelemetry.exporter.otlp.proto.grpc",
    True: "opentelemetry.exporter.otlp.proto.http",
}


class Tracing:
    """Spans that go somewhere, until `close`."""

    def __init__(self, provider: "TracerProvider", outlets: Sequence["_Outlet"]) -> None:
        self._outlets = outlets
        self.tracer: Tracer = provider.get_tracer(TRACER_NAME)

    async def close(self) -> None:
        """Send what is left, as far as that goes in a few seconds, and end."""
        use_tracer(None)
        await asyncio.gather(*(outlet.close() for outlet in self._outlets))


class _Outlet:
    """One collector, and the thread that sends to it."""

    def __init__(self, processor: "BatchSpanProcessor", exporter: "SpanExporter") -> None:
        self.processor = processor
        self._exporter = exporter

    async def close(self) -> None:
        if await _has_ended(self.processor.shutdown, FLUSH_SECONDS):
            return
        _log.warning("tracing.spans_lost", extra={"reason": "the collector did not take them in time"})
        # Ends the repetitions, and with them the shutdown that is under way.
        await _has_ended(self._exporter.shutdown, _LEAVE_SECONDS)


def open_tracing(targets: Sequence[TracingTarget], *, service_name: str, folder: Path) -> Tracing | None:
    """Send the spans of this process to every target that can be used; None if there is none.

    Tracing never keeps an assistant from its work: what cannot be used is named in a warning.

    Args:
        targets: the entries of the block `tracing`.
        service_name: the name of this process in traces, where no entry has one.
        folder: where relative paths count from.
    """
    collectors = [one for target in targets if (one := _find_collector(target, folder)) is not None]
    if not collectors:
        return None
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider

    resource = Resource.create({SERVICE_NAME: find_service_name(collectors) or service_name})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    outlets = [_open_outlet(collector) for collector in collectors]
    for outlet in outlets:
        provider.add_span_processor(outlet.processor)
    offer_provider(provider)
    tracing = Tracing(provider, outlets)
    use_tracer(tracing.tracer)
    _log.info("tracing.started", extra={"collectors": ", ".join(one.shown for one in collectors)})
    return tracing


def _find_collector(target: TracingTarget, folder: Path) -> Collector | None:
    try:
        collector = read_collector(target, folder)
    except TracingTargetError as error:
        return _pass_over(str(error))
    if not _is_installed("opentelemetry.sdk") or not _is_installed(_EXPORTERS[collector.is_http]):
        return _pass_over(
            f"{target.place}: tracing needs the extra `tracing`; install it with `pip install 'duologue[tracing]'`."
        )
    if is_former_port(collector):
        _log.warning(
            "tracing.former_port",
            extra={"endpoint": collector.shown, "advice": "spans go out as OTLP; Jaeger takes it on 4317"},
        )
    return collector


def _pass_over(reason: str) -> None:
    _log.warning("tracing.not_used", extra={"reason": reason})


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:  # a package above it is missing
        return False


def _open_outlet(collector: Collector) -> _Outlet:
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = _open_http(collector) if collector.is_http else _open_grpc(collector)
    # In batches of one rather than in the caller's thread, where a slow collector would hold up everybody.
    processor = BatchSpanProcessor(exporter, max_export_batch_size=1 if collector.is_sent_at_once else None)
    return _Outlet(processor, exporter)


def _open_http(collector: Collector) -> "SpanExporter":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(
        endpoint=collector.endpoint,
        certificate_file=str(collector.certificates) if collector.certificates else None,
        headers=collector.headers or None,
        timeout=_EXPORT_SECONDS,
    )


def _open_grpc(collector: Collector) -> "SpanExporter":
    from grpc import ssl_channel_credentials
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    credentials = None
    if not collector.is_insecure and collector.certificates is not None:
        credentials = ssl_channel_credentials(root_certificates=collector.certificates.read_bytes())
    return OTLPSpanExporter(
        endpoint=collector.endpoint,
        insecure=collector.is_insecure,
        credentials=credentials,
        headers=collector.headers or None,
        timeout=_EXPORT_SECONDS,
    )


async def _has_ended(work: Callable[[], None], seconds: float) -> bool:
    """Whether something that blocks ended in time; in a thread that the end of the process does not wait for."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def run() -> None:
        try:
            work()
        finally:
            _tell(loop, ended)

    threading.Thread(target=run, name="duologue-tracing-end", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            await ended.wait()
    except TimeoutError:
        return False
    return True


def _tell(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    try:
        loop.call_soon_threadsafe(ended.set)
    except RuntimeError:  # nobody waits any more: the loop has ended
        return
