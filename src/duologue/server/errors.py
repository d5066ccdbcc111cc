"""What can go wrong in the server itself."""

from duologue.core.errors import DuologueError


class AddressUnusableError(DuologueError):
    """The server cannot listen where it was told to."""


class CertificateUnusableError(DuologueError):
    """HTTPS cannot be served with the files that were named."""


class ServerClosingError(DuologueError):
    """The server is going down and takes no new message."""


class TurnTimeoutError(DuologueError):
    """A turn took longer than `response_seconds`."""


class WorkersRefusedError(DuologueError):
    """This assistant, or this machine, cannot be served by several processes."""


class WorkerStartError(DuologueError):
    """A worker ended before it could serve, and nobody said why."""
