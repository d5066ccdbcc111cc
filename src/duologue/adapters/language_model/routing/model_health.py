"""Whether a model is well enough to be asked: a fuse that blows after failures and mends itself."""

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.clock import Clock

_MEMORY = 60.0
"""Seconds after which a failure that nothing followed is forgotten."""
_LONGEST_GROWN_COOLDOWN = 60.0
_LONGEST_RETRY_AFTER = 300.0
# These do not pass by themselves, so one of them is enough.
_DECISIVE = frozenset({ModelFailure.AUTHENTICATION, ModelFailure.UNKNOWN_MODEL})


class ModelHealth:
    """Failures in a row make a model cool down; after that one request at a time tries it again."""

    def __init__(self, *, allowed_fails: int, cooldown_time: float, clock: Clock) -> None:
        self._allowed_fails = allowed_fails
        self._cooldown_time = cooldown_time
        self._clock = clock
        self._fails = 0
        self._last_fail = 0.0
        self._due_at: float | None = None
        self._is_on_trial = False
        self._has_early_trial = True
        self._slow_trials = 0

    @property
    def due_in(self) -> float:
        """Seconds until it may be asked again; 0 if it may be asked now, or is being tried."""
        return 0.0 if self._due_at is None else max(0.0, self._due_at - self._clock.monotonic())

    @property
    def is_ready(self) -> bool:
        """Whether a request may go to it now."""
        return self._due_at is None or (self.due_in == 0.0 and not self._is_on_trial)

    @property
    def can_be_tried_early(self) -> bool:
        """Whether it may be asked although it cools, since nothing else is there: once until it answers again."""
        return self._has_early_trial and not self._is_on_trial

    def begin(self) -> bool:
        """Note that a request goes to it; true if this request tries a model that cooled."""
        if self._due_at is None:
            return False
        self._has_early_trial = self._has_early_trial and self.due_in == 0.0
        self._is_on_trial = True
        return True

    def succeed(self) -> None:
        self._fails = self._slow_trials = 0
        self._due_at = None
        self._is_on_trial = False
        self._has_early_trial = True

    def leave(self, *, is_trial: bool) -> None:
        """The request ended and says nothing about the model."""
        if is_trial:
            self._is_on_trial = False

    def fail(self, error: LanguageModelError, *, is_trial: bool) -> None:
        if error.reason is ModelFailure.BAD_REQUEST:
            # It is there and knows us; another request may be to its liking.
            self.leave(is_trial=is_trial)
            return
        if is_trial:
            self._fail_trial(error)
        elif self._due_at is None:
            self._fail_request(error)

    def _fail_trial(self, error: LanguageModelError) -> None:
        self._is_on_trial = False
        if self.due_in > 0.0:
            return
        if error.reason is ModelFailure.TIMEOUT:
            # Somebody waited in vain for this trial, so the next one comes later.
            self._slow_trials += 1
        self._cool(error)

    def _fail_request(self, error: LanguageModelError) -> None:
        now = self._clock.monotonic()
        self._fails = 1 if now - self._last_fail > _MEMORY else self._fails + 1
        self._last_fail = now
        if self._fails > self._allowed_fails or error.reason in _DECISIVE or error.retry_after:
            self._cool(error)

    def _cool(self, error: LanguageModelError) -> None:
        if error.retry_after:
            seconds = min(error.retry_after, _LONGEST_RETRY_AFTER)
        else:
            longest = max(_LONGEST_GROWN_COOLDOWN, self._cooldown_time)
            seconds = min(self._cooldown_time * 2 ** min(self._slow_trials, 10), longest)
        self._due_at = self._clock.monotonic() + seconds
