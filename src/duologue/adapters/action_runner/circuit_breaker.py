"""Leaves a server alone that failed several times in a row, so that calls fail at once instead of waiting for it."""

from duologue.ports.clock import Clock

LONGEST_MEMORY = 1000
"""Actions whose failures are remembered; names come from flows, so there are never that many in earnest."""


class CircuitBreaker:
    """Counts failures in a row. After so many the door is shut for a while; then one call at a time tries again."""

    def __init__(self, *, failures: int, seconds: float, clock: Clock) -> None:
        """`failures` in a row shut the door for `seconds`; 0 = never."""
        self._most = failures
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._shut_until: float | None = None

    def find_wait(self) -> float | None:
        """Seconds until a call may try; None if it may now."""
        if self._shut_until is None:
            return None
        left = self._shut_until - self._clock.monotonic()
        return left if left > 0 else None

    def enter(self) -> None:
        """A call begins. At a door that was shut it goes alone: the next one may follow when its time is up."""
        if self._shut_until is not None:
            self._shut_until = self._clock.monotonic() + self._seconds

    def succeed(self) -> None:
        """It was answered."""
        self._failures = 0
        self._shut_until = None

    def fail(self) -> bool:
        """It was not. True if that shut the door."""
        self._failures += 1
        if not 0 < self._most <= self._failures:
            return False
        self._shut_until = self._clock.monotonic() + self._seconds
        return True


class CircuitBreakers:
    """One for the server, for calls that do not get there, and one for each action, for those that get no answer.

    So an action that is slow or breaks the connection shuts its own door only.
    """

    def __init__(self, *, failures: int, seconds: float, clock: Clock) -> None:
        self._make = lambda: CircuitBreaker(failures=failures, seconds=seconds, clock=clock)
        self._server = self._make()
        self._actions: dict[str, CircuitBreaker] = {}

    def find_wait(self, action_name: str) -> float | None:
        """Seconds until a call of the action may try; None if it may now."""
        waits = [wait for door in self._doors(action_name) if (wait := door.find_wait()) is not None]
        return max(waits, default=None)

    def enter(self, action_name: str) -> None:
        """A call of the action begins."""
        for door in self._doors(action_name):
            door.enter()

    def reach(self) -> None:
        """The server is there, whatever it answers."""
        self._server.succeed()

    def succeed(self, action_name: str) -> None:
        """The action was answered, be it with an error."""
        self._server.succeed()
        self._actions.pop(action_name, None)

    def fail_to_reach(self) -> bool:
        """The server could not be reached. True if that shut its door."""
        return self._server.fail()

    def fail_to_answer(self, action_name: str) -> bool:
        """The call was sent, and no answer came. True if that shut the door of the action."""
        if action_name not in self._actions and len(self._actions) >= LONGEST_MEMORY:
            self._actions.clear()
        return self._actions.setdefault(action_name, self._make()).fail()

    def _doors(self, action_name: str) -> list[CircuitBreaker]:
        door = self._actions.get(action_name)
        return [self._server] if door is None else [self._server, door]
