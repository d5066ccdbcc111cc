"""How a server is to run."""

from pathlib import Path

import msgspec

DEFAULT_PORT = 5005


class ServerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says about the server."""

    interface: str = "0.0.0.0"
    port: int = DEFAULT_PORT
    """0 takes any free port."""
    is_any_port_fine: bool = False
    """If the port is taken, a free one is as good."""
    channels: frozenset[str] = frozenset({"rest"})
    cors_origins: tuple[str, ...] = ()
    request_seconds: float = 300.0
    """How long a client may take to send a request."""
    response_seconds: float = 3600.0
    """How long a turn may take."""
    drain_seconds: float = 0.0
    """How long a server that got SIGTERM takes messages yet, while load balancers hear that it is not ready."""
    readiness_seconds: float = 1.0
    """How long an answer of the store to the question whether it is ready counts."""
    shutdown_seconds: float = 20.0
    """How long a stopping server waits for the turns under way; orchestrators commonly kill after 30 seconds."""
    largest_body: int = 1024 * 1024
    """Bytes of a request; a larger one is refused."""
    is_page_shown: bool = False
    """Whether browsers meet the demo page, and its data is served."""
    model_file: str = ""
    """Where the assistant came from, for `/status`."""
    certificate: Path | None = None
    key: Path | None = None
    key_password: str | None = None
    client_authorities: Path | None = None
    is_access_logged: bool = False
