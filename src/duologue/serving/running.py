"""What a server must do to be started, stopped and replaced by any process."""

import socket
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias


class Stoppable(Protocol):
    """A server that answers, as whoever ends it sees it."""

    @property
    def is_stopping(self) -> bool: ...

    def stop(self, drain_seconds: float) -> None:
        """Say that we are not ready, take requests for a while yet, then refuse them; finish what is under way and end."""
        ...

    def retire(self) -> None:
        """Leave newcomers to a successor, answer those who are here until they are gone, and end."""
        ...


Obey: TypeAlias = Callable[[Stoppable], AbstractContextManager[None]]
"""Inside it, the server is told when to stop."""
Serve: TypeAlias = Callable[[Sequence[socket.socket], Callable[[], None], Obey], Coroutine[Any, Any, None]]
"""Serve on these sockets until told to stop; the second argument is called once the server answers."""
