"""Simulated worlds come out right, can be had again from their seed, and a protocol that is wrong is found out."""

import asyncio
import logging
from collections.abc import Iterator, Sequence

import pytest

from duologue.core.errors import ConflictError
from duologue.core.events import Event
from duologue.core.ids import ConversationId, MessageId
from duologue.core.state import State
from duologue.ports.tracker_store import StoredConversation
from duologue.testing.simulation.played_database import PlayedDatabase
from duologue.testing.simulation.run import add_up, simulate
from duologue.testing.simulation.virtual_loop import StuckError, run_virtually
from duologue.testing.simulation.world import NO_FAULTS

SEEDS = range(4200, 4206)


@pytest.fixture(autouse=True)
def be_quiet() -> Iterator[None]:
    """Failed turns are what this is about."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_worlds_full_of_faults_lose_double_and_reorder_nothing() -> None:
    reports = [simulate(seed) for seed in SEEDS]
    assert [(report.seed, report.faults) for report in reports if report.faults] == []
    happened = add_up(reports)
    kinds = {"server killed", "server stood still", "locks flushed", "lock store away", "clock jumped"}
    assert kinds | {"append refused", "answer of append lost", "reply lost"} <= {*happened}
    assert sum(report.messages for report in reports) >= len(SEEDS) * 200


def test_a_world_can_be_had_again_from_its_seed() -> None:
    first, second = simulate(7, clients=4, messages=12), simulate(7, clients=4, messages=12)
    assert (first.messages, first.happened, first.virtual_seconds) == (
        second.messages,
        second.happened,
        second.virtual_seconds,
    )
    assert simulate(8, clients=4, messages=12).happened != first.happened


def test_without_faults_nothing_happens_but_conversation() -> None:
    report = simulate(1, rates=NO_FAULTS, clients=3, messages=10)
    assert (report.happened, report.faults) == ({}, ())
    assert report.messages >= 30


class CarelessStore(PlayedDatabase):
    """Appends whatever the caller thinks of the length."""

    async def append(
        self,
        conversation_id: ConversationId,
        events: Sequence[Event],
        *,
        expected: int,
        snapshot: State | None = None,
        wake_at: float | None = None,
        publish: bool = False,
    ) -> None:
        length = len(await self.load_events(conversation_id))
        try:
            await super().append(
                conversation_id, events, expected=length, snapshot=None, wake_at=wake_at, publish=publish
            )
        except ConflictError:  # the same message id again
            return


class ForgetfulStore(PlayedDatabase):
    """Does not find the messages that it has, nor refuses them."""

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        return await super().load(conversation_id)

    async def append(
        self,
        conversation_id: ConversationId,
        events: Sequence[Event],
        *,
        expected: int,
        snapshot: State | None = None,
        wake_at: float | None = None,
        publish: bool = False,
    ) -> None:
        await super().append(
            conversation_id, events, expected=expected, snapshot=snapshot, wake_at=wake_at, publish=publish
        )
        self.records[conversation_id].message_ids.clear()


class LosingStore(PlayedDatabase):
    """Says that it has stored every turn, and has not stored the thirtieth."""

    appends = 0

    async def append(
        self,
        conversation_id: ConversationId,
        events: Sequence[Event],
        *,
        expected: int,
        snapshot: State | None = None,
        wake_at: float | None = None,
        publish: bool = False,
    ) -> None:
        self.appends += 1
        if self.appends != 30:
            await super().append(
                conversation_id,
                events,
                expected=expected,
                snapshot=snapshot,
                wake_at=wake_at,
                publish=publish,
            )


@pytest.mark.parametrize(
    ("store", "sentence"),
    [
        (CarelessStore, "the snapshot is not"),
        (ForgetfulStore, "stored 2 times"),
        (LosingStore, "lost: user-"),
    ],
)
def test_a_store_that_breaks_its_promise_is_found_out(store: type[PlayedDatabase], sentence: str) -> None:
    faults = [fault for seed in SEEDS[:3] for fault in simulate(seed, store=store()).faults]
    assert any(sentence in fault for fault in faults), faults[:5]


def test_virtual_time_passes_at_once_and_in_order() -> None:
    order: list[str] = []

    async def sleep(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append(name)

    async def work() -> float:
        await asyncio.gather(sleep("a day", 86_400), sleep("a second", 1), sleep("an hour", 3_600))
        return asyncio.get_running_loop().time()

    assert run_virtually(work()) == pytest.approx(86_400)
    assert order == ["a second", "an hour", "a day"]


def test_waiting_for_nobody_is_noticed() -> None:
    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StuckError):
        run_virtually(wait())
