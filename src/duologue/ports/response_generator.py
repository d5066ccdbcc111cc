"""What to say: a response's name becomes a message."""

from typing import Protocol

from duologue.core.messages import BotMessage
from duologue.core.state import State
from duologue.core.values import OpenData


class ResponseGenerator(Protocol):
    """Makes the wording of a response."""

    def has_response(self, name: str) -> bool:
        """Whether the response exists."""
        ...

    async def generate(self, name: str, state: State, variables: OpenData) -> BotMessage | None:
        """The message for a response in this state, or None if no variation fits.

        `variables` add to, and win over, the slots.
        """
        ...
