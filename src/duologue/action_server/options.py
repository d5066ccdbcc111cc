"""How an action server is to run."""

from pathlib import Path

from duologue.runtime.result_stores import IN_MEMORY
from duologue.serving.options import ServingOptions

DEFAULT_PORT = 5055
DEFAULT_MODULE = "actions"
DEFAULT_THREADS = 32
DEFAULT_MOST_CALLS = 1000


class ActionServingOptions(ServingOptions, frozen=True, kw_only=True):
    """What the command line says about the action server; `response_seconds` bounds one call."""

    port: int = DEFAULT_PORT
    is_client_checked: bool = True
    largest_body: int = 32 * 1024 * 1024
    """Bytes of a request, before and after decompression."""
    module: str = DEFAULT_MODULE
    """The module or package of the actions, found from `folder`."""
    folder: Path = Path()
    """The project."""
    endpoints: Path | None = None
    """A file of endpoints, of which the tracing is used."""
    is_http: bool = True
    """Whether HTTP is served on `port`; if not, gRPC is."""
    grpc_port: int | None = None
    """Where gRPC is served beside HTTP."""
    threads: int = DEFAULT_THREADS
    """How many plain functions run at once."""
    max_calls: int = DEFAULT_MOST_CALLS
    """How many calls run at once, in each process."""
    remember: str = IN_MEMORY
    """Where results are kept: `off`, `memory`, or the URL of a store."""
    keep_seconds: float | None = None
    """How long results are kept; None for a time that suits the store."""
    lease_seconds: float = 30.0
    """After which a process that runs a call and is silent counts as dead."""
    barge_in_seconds: float = 30.0
    """How long an action whose stream was left may go on before its result is given up."""
    is_reloaded: bool = False
    """Whether changed files are imported afresh."""

    @property
    def has_grpc(self) -> bool:
        return not self.is_http or self.grpc_port is not None
