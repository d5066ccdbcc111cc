"""What can go wrong in the server itself."""

from duologue.serving.errors import TooSlowError


class TurnTimeoutError(TooSlowError):
    """A turn took longer than `response_seconds`."""
