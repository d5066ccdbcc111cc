"""How a server of any kind is to run."""

from pathlib import Path

import msgspec


class ServingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the command lines of all servers say."""

    interface: str = "0.0.0.0"
    port: int
    """0 takes any free port."""
    is_any_port_fine: bool = False
    """If the port is taken, a free one is as good."""
    cors_origins: tuple[str, ...] = ()
    request_seconds: float = 300.0
    """How long a client may take to send a request."""
    response_seconds: float = 3600.0
    """How long what a request asks for may take."""
    drain_seconds: float = 0.0
    """How long a server that got SIGTERM takes requests yet, while load balancers hear that it is not ready."""
    shutdown_seconds: float = 20.0
    """How long a stopping server waits for what is under way; orchestrators commonly kill after 30 seconds."""
    largest_body: int = 1024 * 1024
    """Bytes of a request; a larger one is refused."""
    certificate: Path | None = None
    key: Path | None = None
    key_password: str | None = None
    client_authorities: Path | None = None
    is_client_checked: bool = False
    """Whether clients without a certificate of those authorities are sent away."""
    is_access_logged: bool = False
