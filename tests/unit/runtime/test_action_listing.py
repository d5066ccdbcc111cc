"""Actions that are declared and cannot run are named."""

import asyncio
import logging

import pytest

from duologue.runtime.action_listing import POLL_SECONDS, ActionListing
from duologue.testing.scripted import ScriptedActions


class LateServer(ScriptedActions):
    """Says nothing of its actions the first times it is asked."""

    def __init__(self, silent: int, *names: str) -> None:
        super().__init__({name: [] for name in names})
        self.silent = silent

    async def list_actions(self) -> frozenset[str] | None:
        self.silent -= 1
        return None if self.silent >= 0 else await super().list_actions()


def missing(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [vars(record)["missing"] for record in caplog.records if record.msg == "actions.missing"]


async def test_a_missing_action_is_named_with_the_one_that_may_be_meant(
    caplog: pytest.LogCaptureFixture,
) -> None:
    actions = ScriptedActions({"action_check_balance": [], "action_pay": []})
    listing = ActionListing(["action_chek_balance", "action_pay", "action_zzz"], actions)
    assert await listing.check_at_start()
    assert missing(caplog) == ["action_chek_balance (is it action_check_balance?), action_zzz"]


async def test_nothing_declared_is_nothing_missing(caplog: pytest.LogCaptureFixture) -> None:
    assert await ActionListing([], LateServer(9)).check_at_start()
    assert caplog.records == []


async def test_a_server_that_comes_later_is_asked_until_it_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    listing = ActionListing(["action_pay"], LateServer(3, "action_other"), sleep=sleep)
    assert not await listing.check_at_start()
    listing.start()
    async with asyncio.timeout(5):
        while not missing(caplog):  # noqa: ASYNC110 - a log record is what there is to wait for
            await asyncio.sleep(0)
    await listing.close()
    assert waits == [POLL_SECONDS] * 2
    assert missing(caplog) == ["action_pay"]


async def test_asking_ends_with_the_assistant() -> None:
    listing = ActionListing(["action_pay"], LateServer(1_000_000))
    listing.start()
    await asyncio.sleep(0)
    await listing.close()
