"""What can go wrong in serving itself, whatever is served."""

from duologue.core.errors import DuologueError


class AddressUnusableError(DuologueError):
    """The server cannot listen where it was told to."""


class CertificateUnusableError(DuologueError):
    """TLS cannot be served with the files that were named."""


class ServerClosingError(DuologueError):
    """The server is going down and takes nothing new."""


class CutOffError(ServerClosingError):
    """What was under way was cut off because the server ends; it may have done its work, or a part of it."""


class TooSlowError(DuologueError):
    """What was asked for took longer than `response_seconds`, and was cut off."""


class WorkersRefusedError(DuologueError):
    """This program, or this machine, cannot serve with several processes."""


class WorkerStartError(DuologueError):
    """A worker ended before it could serve, and nobody said why."""
