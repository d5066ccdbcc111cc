"""How often and how long a call is tried, without a server."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from duologue.adapters.action_runner.attempts import AttemptError, Attempts
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import ActionError, ActionRejectedError

NOT_SENT = AttemptError("cannot be reached", was_sent=False)
NO_ANSWER = AttemptError("broke off", was_sent=True)
BUSY = AttemptError("is busy", was_sent=False, counts=False, wait=3.0)


class HandClock:
    """Stands still until someone sleeps."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.naps: list[float] = []

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.seconds += seconds


class Server:
    """Fails as the test says, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0

    async def attempt(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def make(clock: HandClock) -> Callable[..., Attempts]:
    def make_attempts(**options: Any) -> Attempts:
        url = options.pop("url", "http://bank:5055/webhook")
        return Attempts(
            ActionServerOptions(url=url, **options), clock=clock, sleep=clock.sleep, jitter=lambda: 1.0
        )

    return make_attempts


Make = Callable[..., Attempts]


async def fail(attempts: Attempts, error: Exception, *, action: str = "pay", times: int = 1) -> None:
    """Calls that fail for good, with no further attempts."""

    async def attempt() -> str:
        raise error

    for _ in range(times):
        with pytest.raises(ActionError):
            await attempts.run(action, attempt)


async def test_a_request_that_was_not_sent_is_sent_again_after_growing_pauses(
    make: Make, clock: HandClock
) -> None:
    server = Server(NOT_SENT, NOT_SENT)
    assert await make().run("pay", server.attempt) == "done"
    assert clock.naps == [0.2, 0.4]


async def test_the_last_failure_is_told_with_how_to_mend_it(make: Make) -> None:
    server = Server(*[AttemptError("cannot be reached", was_sent=False, remedy="start it")] * 3)
    with pytest.raises(
        ActionError,
        match=r"^The action server at http://bank:5055/webhook cannot be reached; start it\.$",
    ) as raised:
        await make().run("pay", server.attempt)
    assert server.calls == 3
    assert raised.value.is_retryable
    assert raised.value.action_name == "pay"


async def test_a_request_that_may_have_arrived_is_not_sent_again(make: Make) -> None:
    server = Server(NO_ANSWER)
    with pytest.raises(ActionError, match="broke off"):
        await make().run("pay", server.attempt)
    assert server.calls == 1


async def test_a_server_that_remembers_results_is_asked_again(make: Make) -> None:
    attempts, server = make(), Server(NO_ANSWER, NO_ANSWER)
    attempts.learn_features("domain-digest idempotency")
    assert await attempts.run("pay", server.attempt) == "done"


async def test_a_server_that_remembers_no_longer_is_not_asked_again(make: Make) -> None:
    attempts, server = make(), Server(NO_ANSWER)
    attempts.learn_features("idempotency")
    attempts.learn_features(None)
    with pytest.raises(ActionError, match="broke off"):
        await attempts.run("pay", server.attempt)
    assert server.calls == 1


async def test_a_busy_server_is_left_in_peace_as_long_as_it_wants(make: Make, clock: HandClock) -> None:
    assert await make().run("pay", Server(BUSY).attempt) == "done"
    assert clock.naps == [3.0]


async def test_an_attempt_that_would_come_too_late_is_not_waited_for(make: Make, clock: HandClock) -> None:
    with pytest.raises(ActionError, match="is busy"):
        await make(timeout=2.0).run("pay", Server(BUSY).attempt)
    assert clock.naps == []


async def test_an_answer_that_is_an_error_is_final(make: Make) -> None:
    server = Server(ActionRejectedError("no", action_name="pay"))
    with pytest.raises(ActionRejectedError):
        await make().run("pay", server.attempt)
    assert server.calls == 1


async def never() -> str:
    await asyncio.Event().wait()
    return ""


async def test_an_action_has_the_time_that_is_given_to_it(make: Make) -> None:
    attempts = make(timeout=60.0, timeouts={"slow": 0.01})
    with pytest.raises(ActionError, match=r"did not answer 'slow' within 0\.01 s; make the action faster"):
        await attempts.run("slow", never)


async def test_a_server_that_is_away_is_left_alone_until_its_time_is_up(make: Make, clock: HandClock) -> None:
    attempts = make(retries=0, breaker_failures=3, breaker_seconds=10.0)
    await fail(attempts, NOT_SENT, times=3)
    server = Server()
    with pytest.raises(ActionError, match=r"left alone for another 10\.0 s .* 'check' was not run"):
        await attempts.run("check", server.attempt)
    assert server.calls == 0
    clock.seconds += 10.0
    assert await attempts.run("check", server.attempt) == "done"


async def test_a_door_that_shuts_is_in_the_log(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    attempts = make(retries=0, breaker_failures=2)
    await fail(attempts, NO_ANSWER, times=2)
    await fail(attempts, NOT_SENT, action="check", times=2)
    said = [(record.message, vars(record)["action"]) for record in caplog.records]
    assert said == [("action_server.left_alone", "pay"), ("action_server.left_alone", "every one")]


async def test_after_its_time_one_call_tries_alone(make: Make, clock: HandClock) -> None:
    attempts = make(retries=0, breaker_failures=1, breaker_seconds=10.0)
    await fail(attempts, NOT_SENT)
    clock.seconds += 10.0
    answered = asyncio.Event()

    async def answer_late() -> str:
        await answered.wait()
        return "done"

    first = asyncio.create_task(attempts.run("pay", answer_late))
    await asyncio.sleep(0)
    with pytest.raises(ActionError, match="left alone"):
        await attempts.run("pay", Server().attempt)
    answered.set()
    assert await first == "done"
    assert await attempts.run("pay", Server().attempt) == "done"


async def test_a_failed_trial_shuts_the_door_again(make: Make, clock: HandClock) -> None:
    attempts = make(retries=0, breaker_failures=3, breaker_seconds=10.0)
    await fail(attempts, NOT_SENT, times=3)
    clock.seconds += 10.0
    await fail(attempts, NOT_SENT)
    with pytest.raises(ActionError, match="left alone"):
        await attempts.run("pay", Server().attempt)


async def test_a_success_between_failures_keeps_the_door_open(make: Make) -> None:
    attempts = make(retries=0, breaker_failures=2)
    await fail(attempts, NOT_SENT)
    await attempts.run("pay", Server().attempt)
    await fail(attempts, NOT_SENT)
    assert await attempts.run("pay", Server().attempt) == "done"


async def test_an_action_that_breaks_off_shuts_its_own_door_only(make: Make) -> None:
    attempts = make(retries=0, breaker_failures=2)
    await fail(attempts, NO_ANSWER, times=2)
    with pytest.raises(ActionError, match="left alone"):
        await attempts.run("pay", Server().attempt)
    assert await attempts.run("check", Server().attempt) == "done"
    with pytest.raises(ActionError, match="left alone"):
        await attempts.run("pay", Server().attempt)


async def test_a_slow_action_shuts_its_own_door_only(make: Make) -> None:
    attempts = make(timeouts={"slow": 0.001}, breaker_failures=2)
    for _ in range(2):
        with pytest.raises(ActionError, match="within"):
            await attempts.run("slow", never)
    with pytest.raises(ActionError, match="left alone"):
        await attempts.run("slow", never)
    assert await attempts.run("pay", Server().attempt) == "done"


@pytest.mark.parametrize("error", [BUSY, ActionError("answered with 500", action_name="pay")])
async def test_a_server_that_answers_with_errors_is_there(make: Make, error: Exception) -> None:
    attempts = make(retries=0, breaker_failures=2)
    await fail(attempts, error, times=5)
    assert await attempts.run("pay", Server().attempt) == "done"


async def test_the_door_is_never_shut_if_nobody_wants_it(make: Make) -> None:
    attempts = make(retries=0, breaker_failures=0)
    await fail(attempts, NOT_SENT, times=20)
    assert await attempts.run("pay", Server().attempt) == "done"


async def test_a_door_that_shuts_ends_the_attempts_of_a_call(make: Make) -> None:
    server = Server(*[NOT_SENT] * 10)
    with pytest.raises(ActionError, match="cannot be reached"):
        await make(retries=9, breaker_failures=3).run("pay", server.attempt)
    assert server.calls == 3


@pytest.mark.parametrize("url", ["http://ann:secret@bank/webhook?token=secret", "grpc://ann:secret@bank"])
async def test_errors_show_the_address_without_its_secrets(make: Make, url: str) -> None:
    sentence = str(make(url=url).fail("pay", "is odd"))
    assert "bank" in sentence
    assert "secret" not in sentence
    assert "ann" not in sentence


async def test_a_call_that_is_cancelled_leaves_the_door_to_the_next(make: Make, clock: HandClock) -> None:
    attempts = make(retries=0, breaker_failures=1, breaker_seconds=10.0)
    await fail(attempts, NOT_SENT)
    clock.seconds += 10.0
    trial = asyncio.create_task(attempts.run("pay", never))
    await asyncio.sleep(0)
    trial.cancel()
    clock.seconds += 10.0
    assert await attempts.run("pay", Server().attempt) == "done"
