"""One request's tries: which model is next, how long to wait before it, and when to give up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeAlias, TypeVar

from duologue.adapters.language_model.routing.replicas import Replica, Replicas
from duologue.core.errors import LanguageModelError, ModelFailure

Model = TypeVar("Model")
Sleep: TypeAlias = Callable[[float], Awaitable[object]]

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
_LEAST_TIME = 0.02
"""Seconds below which another try is not worth its request."""
_FIRST_SHARE = 0.6
"""Share of the time in which a model must begin to answer, so that another one has a chance if it hangs."""
_NEARLY_ALL = 0.9
_LONG = 10.0
"""A caller who gives up after that share of the time, or so many seconds, without a word does so because of the model."""


class Attempt(Generic[Model]):
    """One try of one model."""

    def __init__(
        self,
        replica: Replica[Model],
        *,
        is_trial: bool,
        started: float,
        timeout: float | None,
        patience: float | None,
    ) -> None:
        self.replica = replica
        self.is_trial = is_trial
        self.started = started
        self.timeout = timeout
        """Seconds that this try may take."""
        self.patience = patience
        """Seconds in which it must begin to answer; less than `timeout` while another model could still be asked."""
        self.is_settled = False

    @property
    def model(self) -> Model:
        return self.replica.model


class Attempts(Generic[Model]):
    """Use: `begin`, then exactly one of `succeed` and `fail`, and `leave` in any case; `begin` again after a failure."""

    def __init__(
        self, replicas: Replicas[Model], *, name: str, timeout: float | None, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._replicas = replicas
        self._name = name
        self._sleep = sleep
        self._clock = replicas.clock
        self._deadline = None if timeout is None else self._clock.monotonic() + timeout
        self._tried: list[Replica[Model]] = []
        self._refused: list[Replica[Model]] = []
        self._error: LanguageModelError | None = None

    async def begin(self) -> Attempt[Model]:
        """The next try, when it is time for it.

        Raises:
            LanguageModelError: there is none; the failure of the last one, if there was one.
        """
        replica = await self._find_next()
        if replica is None:
            raise self._error or self._explain_refusal()
        self._tried.append(replica)
        timeout = None if self._deadline is None else self._remaining
        attempt = Attempt(
            replica,
            is_trial=replica.health.begin(),
            started=self._clock.monotonic(),
            timeout=timeout,
            patience=timeout if timeout is None or not self._has_spare else _FIRST_SHARE * timeout,
        )
        replica.calls_under_way += 1
        try:
            await self._replicas.note_usage(replica, requests=1)
        except BaseException:
            self.leave(attempt)
            raise
        return attempt

    async def succeed(self, attempt: Attempt[Model], *, tokens: int = 0) -> None:
        now = self._clock.monotonic()
        self._settle(attempt)
        attempt.replica.health.succeed()
        attempt.replica.note_latency(now - attempt.started, now)
        await self._replicas.note_usage(attempt.replica, tokens=tokens)

    def fail(self, attempt: Attempt[Model], error: LanguageModelError) -> None:
        self._settle(attempt)
        attempt.replica.health.fail(error, is_trial=attempt.is_trial)
        if not error.is_retryable:
            self._refused.append(attempt.replica)
        self._error = error

    def leave(self, attempt: Attempt[Model], *, is_answering: bool = False) -> None:
        """The caller goes away; nothing if the try was settled."""
        if attempt.is_settled:
            return
        waited = self._clock.monotonic() - attempt.started
        enough = _LONG if attempt.patience is None else min(_LONG, _NEARLY_ALL * attempt.patience)
        if not is_answering and waited >= enough:
            self.fail(attempt, time_out(self._name))
            return
        self._settle(attempt)
        attempt.replica.health.leave(is_trial=attempt.is_trial)

    def _settle(self, attempt: Attempt[Model]) -> None:
        attempt.is_settled = True
        attempt.replica.calls_under_way -= 1

    async def _find_next(self) -> Replica[Model] | None:
        if len(self._tried) > self._replicas.rules.num_retries or self._remaining <= _LEAST_TIME:
            return None
        replica = await self._choose()
        if replica is None and self._error is not None and self._error.retry_after:
            # The provider says when it will answer; if that is in time, it is the best we can do.
            return await self._choose() if await self._wait(self._replicas.due_in) else None
        if replica is not None and replica in self._tried and not await self._wait(self._draw_delay()):
            return None
        return replica

    async def _choose(self) -> Replica[Model] | None:
        return await self._replicas.choose(tried=self._tried, refused=self._refused)

    async def _wait(self, seconds: float) -> bool:
        """Wait, unless the time would be over by then."""
        if self._remaining - seconds <= _LEAST_TIME:
            return False
        await self._sleep(seconds)
        return True

    def _draw_delay(self) -> float:
        """Full jitter: anything up to a bound that doubles, so that many callers do not come back together."""
        bound = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (len(self._tried) - 1))
        return self._replicas.chance.uniform(0.0, bound)

    @property
    def _remaining(self) -> float:
        return float("inf") if self._deadline is None else self._deadline - self._clock.monotonic()

    @property
    def _has_spare(self) -> bool:
        """Whether another model could be asked after this one."""
        is_last = len(self._tried) > self._replicas.rules.num_retries
        return not is_last and self._replicas.has_ready(but=[*self._tried, *self._refused])

    def _explain_refusal(self) -> LanguageModelError:
        if self._replicas.has_ready():
            return LanguageModelError(
                f"{self._name} has used up the requests or tokens that `rpm` and `tpm` allow in this minute.",
                reason=ModelFailure.RATE_LIMIT,
                model=self._name,
            )
        due_in = self._replicas.due_in
        when = f"it is asked again in {due_in:.0f} s" if due_in >= 1 else "it is being tried again"
        return LanguageModelError(
            f"{self._name} failed a moment ago and is left alone; {when}.",
            reason=ModelFailure.UNAVAILABLE,
            model=self._name,
            retry_after=due_in or None,
        )


def time_out(name: str) -> LanguageModelError:
    return LanguageModelError(
        f"{name} did not answer in time; raise `timeout` of the model if it needs longer.",
        reason=ModelFailure.TIMEOUT,
        model=name,
    )
