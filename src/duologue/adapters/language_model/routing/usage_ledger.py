"""How many requests and tokens each model of a group was given in this minute."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from duologue.ports.clock import Clock

MINUTE = 60


class MinuteUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What one model was given in one minute."""

    requests: int = 0
    tokens: int = 0


class UsageLedger(Protocol):
    """Counts by model and minute. Never raises: routing goes on with what is known."""

    async def add(self, model: str, *, requests: int = 0, tokens: int = 0) -> None:
        """Count for the minute that is now."""
        ...

    async def read(self, models: Iterable[str]) -> Mapping[str, MinuteUsage]:
        """The counts of this minute, of every model asked for."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class LocalUsageLedger:
    """Counts in this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minute = 0
        self._requests: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()

    async def add(self, model: str, *, requests: int = 0, tokens: int = 0) -> None:
        self._turn_page()
        self._requests[model] += requests
        self._tokens[model] += tokens

    async def read(self, models: Iterable[str]) -> Mapping[str, MinuteUsage]:
        self._turn_page()
        return {
            model: MinuteUsage(requests=self._requests[model], tokens=self._tokens[model]) for model in models
        }

    async def close(self) -> None:
        pass

    def _turn_page(self) -> None:
        minute = int(self._clock.now() // MINUTE)
        if minute != self._minute:
            self._minute = minute
            self._requests.clear()
            self._tokens.clear()
