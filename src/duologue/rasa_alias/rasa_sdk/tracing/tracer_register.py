"""The tracer for custom actions."""

from opentelemetry.trace import Tracer

from duologue.telemetry.spans import find_tracer

from ..utils import Singleton


class ActionExecutorTracerRegister(metaclass=Singleton):
    """Keeps the tracer; there is one of it."""

    tracer: Tracer | None = None

    def register_tracer(self, tracer: Tracer) -> None:
        """Set the tracer."""
        self.tracer = tracer

    def get_tracer(self) -> Tracer | None:
        """Give the tracer that was set, or the one that Duologue traces with; None without tracing."""
        return self.tracer or find_tracer()
