"""The attempts of one call: how long, how often, and when not again; the same over every protocol."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit, urlunsplit

from duologue.adapters.action_runner.circuit_breaker import CircuitBreakers
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import ActionError, ActionRejectedError
from duologue.ports.clock import Clock, SystemClock

FEATURES_NAME = "duologue-features"
"""HTTP header and gRPC metadata in which a server says what it does beyond the protocol."""
IDEMPOTENCY_FEATURE = "idempotency"
DIGEST_FEATURE = "domain-digest"

Answer = TypeVar("Answer")
Sleep: TypeAlias = Callable[[float], Awaitable[object]]

_log = logging.getLogger(__name__)

_FIRST_DELAY = 0.2
_LONGEST_DELAY = 5.0


class AttemptError(Exception):
    """An attempt came to nothing, and another one might not."""

    def __init__(
        self,
        problem: str,
        *,
        was_sent: bool,
        counts: bool = True,
        remedy: str = "",
        wait: float | None = None,
    ) -> None:
        """`problem` goes on after "The action server at … "; `remedy` says how to mend it.

        `was_sent`: the server may have run the action, so only a server that remembers results may be asked again.
        `counts`: it speaks against the server (not sent) or the action (sent); not so for "busy, come again".
        `wait`: seconds that the server wants to be left in peace.
        """
        super().__init__(problem)
        self.problem = problem
        self.was_sent = was_sent
        self.counts = counts
        self.remedy = remedy
        self.wait = wait


class Attempts:
    """Runs calls of one action server."""

    def __init__(
        self,
        options: ActionServerOptions,
        *,
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`jitter` gives numbers from 0 to 1, which spread the attempts of many callers."""
        self.features: frozenset[str] = frozenset()
        """What the server said it does; nothing before its first answer."""
        self.shown = show_address(options.url)
        """The server's address without what may be secret."""
        self._options = options
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._jitter = jitter
        self._breakers = CircuitBreakers(
            failures=options.breaker_failures, seconds=options.breaker_seconds, clock=self._clock
        )

    def learn_features(self, text: str | None) -> None:
        """Take note of `duologue-features` of an answer of the server; None if the answer has none.

        Call it for answers that the server itself gave. A proxy's errors say nothing about the server behind it.
        """
        self.features = frozenset((text or "").split())

    async def run(self, action_name: str, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        """Await `attempt()` until it gives an answer, as often and as long as the options and its errors allow.

        Every other error that it raises is the call's: an `ActionError` is an answer of the server too.

        Raises:
            ActionError: no answer came.
        """
        seconds = self._options.find_timeout(action_name)
        deadline = self._clock.monotonic() + seconds
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await self._repeat(action_name, attempt, deadline)
        except TimeoutError as error:
            if not limit.expired():
                raise
            self._count_silence(action_name)
            raise self._explain_time_out(action_name, seconds) from error

    async def _repeat(
        self, action_name: str, attempt: Callable[[], Awaitable[Answer]], deadline: float
    ) -> Answer:
        self._require_open(action_name)
        number = 0
        while True:
            try:
                return await self._try_once(action_name, attempt)
            except AttemptError as error:
                delay = self._find_delay(number, error)
                is_too_late = self._clock.monotonic() + delay >= deadline
                if is_too_late or not self._may_repeat(action_name, number, error):
                    raise self.fail(action_name, error.problem, error.remedy, is_retryable=True) from error
            await self._sleep(delay)
            number += 1

    async def _try_once(self, action_name: str, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        self._breakers.enter(action_name)
        try:
            answer = await attempt()
        except AttemptError as error:
            self._count(action_name, error)
            raise
        except ActionError:
            self._breakers.succeed(action_name)
            raise
        self._breakers.succeed(action_name)
        return answer

    def _count(self, action_name: str, error: AttemptError) -> None:
        if not error.counts:
            self._breakers.reach()
        elif error.was_sent:
            self._breakers.reach()
            self._count_silence(action_name)
        elif self._breakers.fail_to_reach():
            self._warn(None)

    def _count_silence(self, action_name: str) -> None:
        if self._breakers.fail_to_answer(action_name):
            self._warn(action_name)

    def _warn(self, action_name: str | None) -> None:
        """Say that calls fail at once for a while: all of them, or those of one action."""
        seconds = self._options.breaker_seconds
        shown = {"address": self.shown, "action": action_name or "every one", "seconds": seconds}
        _log.warning("action_server.left_alone", extra=shown)

    def _may_repeat(self, action_name: str, number: int, error: AttemptError) -> bool:
        is_safe = not error.was_sent or IDEMPOTENCY_FEATURE in self.features
        is_open = self._breakers.find_wait(action_name) is None
        return is_safe and is_open and number < self._options.retries

    def _find_delay(self, number: int, error: AttemptError) -> float:
        delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2**number) * (0.5 + self._jitter() / 2)
        return max(delay, error.wait or 0.0)

    def _require_open(self, action_name: str) -> None:
        wait = self._breakers.find_wait(action_name)
        if wait is not None:
            problem = f"is left alone for another {wait:.1f} s after failing several times in a row, so {action_name!r} was not run"
            raise self.fail(action_name, problem, is_retryable=True)

    def _explain_time_out(self, action_name: str, seconds: float) -> ActionError:
        problem = f"did not answer {action_name!r} within {seconds:g} s"
        remedy = f"make the action faster, or give it more time with `timeouts` of `action_endpoint` ({self._options.place})"
        return self.fail(action_name, problem, remedy, is_retryable=True)

    def fail(
        self, action_name: str, problem: str, remedy: str = "", *, is_retryable: bool = False
    ) -> ActionError:
        """The error of a call, in the words that every protocol uses."""
        ending = f"; {remedy}" if remedy else ""
        sentence = f"The action server at {self.shown} {problem}{ending}."
        return ActionError(sentence, action_name=action_name, is_retryable=is_retryable)

    def reject(self, action_name: str) -> ActionRejectedError:
        """The error of an action that declined."""
        return ActionRejectedError(f"The action {action_name!r} declined to run.", action_name=action_name)


def show_address(url: str) -> str:
    """The address without the user's name, password and query, which may be secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "its address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
