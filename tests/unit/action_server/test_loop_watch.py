"""Who holds the event loop up is named."""

import asyncio
import logging
from collections.abc import Iterator

import pytest

from duologue.action_server.call_limits import BoundedCode
from duologue.action_server.loop_watch import LOOK_SECONDS, watch_loop
from duologue.sdk.executor import ActionExecutor


class OverError(Exception):
    """The clock has told all its times."""


def make_clock(*lates: float) -> Iterator[float]:
    """Times before and after each look, of which some come late."""
    now = 0.0
    for late in lates:
        yield now
        now += LOOK_SECONDS + late
        yield now


async def look(lates: tuple[float, ...], actions: list[str]) -> None:
    times = make_clock(*lates)

    def read_clock() -> float:
        for moment in times:
            return moment
        raise OverError

    async def pause(_: float) -> None:
        await asyncio.sleep(0)

    with pytest.raises(OverError):
        await watch_loop(lambda: actions, read_clock=read_clock, pause=pause)


async def test_a_loop_that_comes_back_late_is_told_with_the_actions_that_ran(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await look((0.1, 4.0, 0.2), ["action_a", "action_b"])
    told = [vars(record) for record in caplog.records if record.levelno == logging.WARNING]
    assert [(one["seconds"], one["actions"]) for one in told] == [(4.0, "action_a, action_b")]


async def test_a_machine_that_slept_while_no_action_ran_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    await look((60.0,), [])
    assert caplog.records == []


async def test_an_action_counts_until_somebody_looked_after_its_end() -> None:
    executor = ActionExecutor()
    executor.register_function("action_a", lambda *_: [])
    code = BoundedCode(executor, 5)
    await code.run({"next_action": "action_a"})
    assert (code.list_recent(), code.list_recent()) == (["action_a"], [])
