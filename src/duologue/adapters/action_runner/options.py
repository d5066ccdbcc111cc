"""How one action server is called."""

import msgspec


class ActionServerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What `action_endpoint` says, and the environment."""

    url: str
    """`http(s)://host:port/webhook`, `grpc://host:port` or `grpcs://host:port`."""
    headers: dict[str, str] = {}
    """Sent with every call: as headers over HTTP, as metadata over gRPC."""
    params: dict[str, str] = {}
    """Added to the address of every call over HTTP, a token among them."""
    auth: tuple[str, str] | None = None
    """User name and password of basic authentication."""
    cafile: str | None = None
    """Authorities of the server's certificate, in PEM; the system's if None."""
    client_certificate: str | None = None
    """Our certificate for mutual TLS, in PEM."""
    client_key: str | None = None
    """Its key; None if it stands in the same file."""
    client_key_password: str | None = None
    timeout: float = 300.0
    """Seconds that one call may take, all its attempts together."""
    timeouts: dict[str, float] = {}
    """The same for single actions."""
    retries: int = 2
    """Further attempts of a call, made only where it cannot do anything twice."""
    breaker_failures: int = 5
    """Failures in a row after which the server is left alone; 0 = never."""
    breaker_seconds: float = 10.0
    """How long it is left alone before one call tries again."""
    compress: bool = False
    """Send bodies compressed: deflate over HTTP, gzip over gRPC."""
    selective_domain: bool = False
    """Send the domain only for actions that declare `send_domain`, and to servers that ask for it."""
    largest_answer: int = 16 * 1024 * 1024
    """Bytes of an answer, uncompressed; a larger one fails the call."""
    place: str = "endpoints.yml"
    """`file:line` of the endpoint, for messages about it."""

    def find_timeout(self, action_name: str) -> float:
        """Seconds that a call of this action may take."""
        return self.timeouts.get(action_name, self.timeout)
