"""What a channel says about a request that it cannot take."""

from duologue.core.errors import DuologueError


class BadRequestError(DuologueError):
    """The request is not one of this channel; its text tells the sender what to mend."""
