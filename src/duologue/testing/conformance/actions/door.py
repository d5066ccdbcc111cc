"""A way to an action server, as the checks use it."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from duologue.testing.conformance.actions.answers import Answer, Json, Streamed, StreamEvent

CALL_SECONDS = 15.0
"""How long one call may take; no reference action needs as long."""


class Transport(StrEnum):
    HTTP = "HTTP"
    GRPC = "gRPC"


class MismatchError(Exception):
    """The server does not do what it has to; the text is one sentence."""


class UnreachableError(MismatchError):
    """Nobody answers at the server's address."""


class LeaveError(Exception):
    """Raised by the listener of a stream to hang up in the middle."""


Listener = Callable[[StreamEvent], Awaitable[None]]


class Door(Protocol):
    """Speaks to one server over one transport. Every method raises `MismatchError` for an answer nobody can read."""

    transport: Transport

    async def find_features(self) -> frozenset[str]:
        """What the server announces of `duologue-features`; empty where it announces nothing."""
        ...

    async def check_health(self) -> None:
        """Ask whether it is well."""
        ...

    async def list_actions(self) -> list[str]:
        """The names of its actions."""
        ...

    async def call(self, body: Json, *, key: str | None = None) -> Answer:
        """Run an action. `key` is the call's idempotency key."""
        ...

    async def can_stream(self) -> bool:
        """Say whether messages can be streamed this way."""
        ...

    async def stream(
        self, body: Json, listener: Listener | None = None, *, key: str | None = None
    ) -> Streamed:
        """Run an action and hear it out; the listener hears each message as it comes, and may raise `LeaveError`."""
        ...

    async def acknowledge(self, response_id: str) -> None:
        """Tell the server that nobody listens to a streamed message any more."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...
