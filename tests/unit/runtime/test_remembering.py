"""An effect happens once for each key, whatever callers do."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from duologue.adapters.result_store.memory import InMemoryResultStore
from duologue.adapters.result_store.sqlite import SqliteResultStore
from duologue.core.errors import DefinitionError, StorageRefusedError, StorageUnavailableError
from duologue.ports.result_store import Begun, Claim
from duologue.runtime.remembered_result import identify_call
from duologue.runtime.remembering import RememberingRunner
from duologue.runtime.result_stores import open_result_store
from duologue.sdk.actions import Action
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.effects import effect_transaction
from duologue.sdk.errors import ActionExecutionRejection, ActionFailedError, ActionNotFound
from duologue.sdk.executor import ActionExecutor

LEASE = 30.0


class Hands:
    """A clock that the runner's own waiting moves."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def pause(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)

    async def wait_until(self, time: float) -> None:
        """Let those who wait move the hands."""
        while self.time < time:  # noqa: ASYNC110 - nobody knows who moves them there
            await asyncio.sleep(0)


class Book:
    """Actions with effects, and the list of those that happened."""

    def __init__(self) -> None:
        self.effects: list[str] = []
        self.may_end = asyncio.Event()
        self.has_begun = asyncio.Event()
        self.failures = 0
        self.executor = ActionExecutor()
        self.executor.register_function("action_pay", self.pay)
        self.executor.register_function("action_stream", self.stream)
        self.executor.register_function("action_cancel", self.cancel)
        self.executor.register_action(_Look(self))

    async def pay(self, dispatcher: CollectingDispatcher, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        self.has_begun.set()
        await self.may_end.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the bank is closed")
        self.effects.append(tracker.get_slot("amount"))
        dispatcher.utter_message(text=f"Paid {tracker.get_slot('amount')}.")
        return [{"event": "slot", "name": "paid", "value": len(self.effects)}]

    async def stream(
        self, dispatcher: CollectingDispatcher, tracker: Any, domain: Any
    ) -> list[dict[str, Any]]:
        await dispatcher.stream_start()
        await dispatcher.stream_chunk(text="one ")
        await dispatcher.stream_chunk(text="two", json_message={"a": 1})
        await dispatcher.stream_end()
        self.effects.append("streamed")
        dispatcher.utter_message(text="Said.")
        return []

    async def cancel(self, dispatcher: CollectingDispatcher, tracker: Any, domain: Any) -> None:
        self.effects.append("cancelled")
        raise asyncio.CancelledError


class _Look(Action):
    remember = False

    def __init__(self, book: Book) -> None:
        self.book = book

    def name(self) -> str:
        return "action_look"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        self.book.effects.append("looked")
        return []


class LameStore(InMemoryResultStore):
    """A store that is away at times."""

    is_away = False
    failure: Exception = StorageUnavailableError("The store at db.internal is away.")

    async def claim(self, key: str, *, now: float, lease: float) -> Claim:
        self._check()
        return await super().claim(key, now=now, lease=lease)

    async def finish(self, key: str, fence: int, result: bytes, *, now: float, keep: float) -> bool:
        self._check()
        return await super().finish(key, fence, result, now=now, keep=keep)

    async def renew(self, key: str, fence: int, *, now: float, lease: float) -> bool:
        self._check()
        return await super().renew(key, fence, now=now, lease=lease)

    def _check(self) -> None:
        if self.is_away:
            raise self.failure


@pytest.fixture
def book() -> Book:
    book = Book()
    book.may_end.set()
    return book


@pytest.fixture
def store() -> LameStore:
    return LameStore()


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def make(book: Book, store: LameStore, hands: Hands) -> AsyncIterator[Callable[[], RememberingRunner]]:
    """Runners of the same actions over the same store, as several workers are."""
    made: list[RememberingRunner] = []

    def make_runner() -> RememberingRunner:
        made.append(
            RememberingRunner(book.executor, store, lease_seconds=LEASE, clock=hands, pause=hands.pause)
        )
        return made[-1]

    yield make_runner
    for runner in made:
        await runner.close(0)


@pytest.fixture
def runner(make: Callable[[], RememberingRunner]) -> RememberingRunner:
    return make()


def make_call(
    key: str | None = "anna/7/2", *, name: str = "action_pay", amount: str = "5 €"
) -> dict[str, Any]:
    return {"next_action": name, "idempotency_key": key, "tracker": {"slots": {"amount": amount}}}


async def start_running(book: Book, *calls: Any) -> list[asyncio.Task[Any]]:
    """Calls whose action has begun and does not end before `book.may_end`."""
    book.may_end.clear()
    tasks = [asyncio.ensure_future(call) for call in calls]
    await book.has_begun.wait()
    return tasks


async def test_the_same_call_again_gets_the_first_result_whatever_the_state_says(
    runner: RememberingRunner, book: Book
) -> None:
    first = await runner.run(make_call(amount="5 €"))
    again = await runner.run(make_call(amount="9 €"))
    assert again == first
    assert book.effects == ["5 €"]


async def test_other_keys_and_other_actions_of_a_key_are_other_calls(
    runner: RememberingRunner, book: Book
) -> None:
    for call in (make_call("a"), make_call("b"), make_call("a", name="action_stream")):
        await runner.run(call)
    assert book.effects == ["5 €", "5 €", "streamed"]


async def test_a_call_without_a_key_and_an_action_that_opted_out_run_each_time(
    runner: RememberingRunner, book: Book
) -> None:
    for call in (make_call(None), make_call(""), make_call(name="action_look")):
        await runner.run(call)
        await runner.run(call)
    assert book.effects == ["5 €"] * 4 + ["looked"] * 2


async def test_an_unknown_action_is_named_and_nothing_is_claimed(
    runner: RememberingRunner, store: LameStore
) -> None:
    call = make_call(name="action_nobody")
    with pytest.raises(ActionNotFound, match="action_nobody"):
        await runner.run(call)
    identity = identify_call(call)
    assert identity is not None
    assert isinstance(await store.claim(identity, now=0, lease=1), Begun)


async def test_calls_of_one_key_at_the_same_time_have_one_effect(
    make: Callable[[], RememberingRunner], book: Book
) -> None:
    one, other = make(), make()
    tasks = await start_running(book, *(runner.run(make_call()) for runner in (one, one, other, other)))
    book.may_end.set()
    results = await asyncio.gather(*tasks)
    assert book.effects == ["5 €"]
    assert all(result == results[0] for result in results)


async def test_a_failed_call_is_not_remembered(runner: RememberingRunner, book: Book) -> None:
    book.failures = 1
    with pytest.raises(ActionFailedError, match="the bank is closed"):
        await runner.run(make_call())
    await runner.run(make_call())
    assert book.effects == ["5 €"]


async def test_who_waited_for_a_call_that_fails_runs_it(
    make: Callable[[], RememberingRunner], book: Book
) -> None:
    book.failures = 1
    tasks = await start_running(book, *(runner.run(make_call()) for runner in (make(), make())))
    book.may_end.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ActionFailedError", "dict"]
    assert book.effects == ["5 €"]


async def test_a_declined_call_is_not_remembered(runner: RememberingRunner, book: Book) -> None:
    async def decline(dispatcher: Any, tracker: Any, domain: Any) -> None:
        book.effects.append("asked")
        raise ActionExecutionRejection("action_decline")

    book.executor.register_function("action_decline", decline)
    for _ in range(2):
        with pytest.raises(ActionExecutionRejection):
            await runner.run(make_call(name="action_decline"))
    assert book.effects == ["asked", "asked"]


async def test_an_action_that_cancels_itself_has_failed(runner: RememberingRunner, book: Book) -> None:
    for _ in range(2):
        with pytest.raises(ActionFailedError, match="cancelled itself"):
            await runner.run(make_call(name="action_cancel"))
    assert book.effects == ["cancelled"] * 2


async def test_a_call_whose_caller_leaves_runs_to_its_end_and_is_remembered(
    make: Callable[[], RememberingRunner], book: Book
) -> None:
    one, other = make(), make()
    (task,) = await start_running(book, one.run(make_call()))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert book.effects == []
    again = asyncio.ensure_future(other.run(make_call()))
    book.may_end.set()
    assert (await again)["responses"][0]["text"] == "Paid 5 €."
    assert book.effects == ["5 €"]


async def test_a_failure_that_no_caller_hears_of_is_logged(
    runner: RememberingRunner, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    book.failures = 1
    (task,) = await start_running(book, runner.run(make_call()))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    book.may_end.set()
    await runner.close()
    assert "action.failed_without_caller" in caplog.messages


async def test_a_process_that_is_silent_for_a_lease_is_taken_over_from(
    runner: RememberingRunner, store: LameStore, hands: Hands, book: Book
) -> None:
    identity = identify_call(make_call())
    assert identity is not None
    began = hands.time
    await store.claim(identity, now=began, lease=LEASE)
    await runner.run(make_call())
    assert book.effects == ["5 €"]
    assert began + LEASE <= hands.time < began + LEASE + 1


async def test_a_lease_is_renewed_while_the_action_runs(
    make: Callable[[], RememberingRunner], hands: Hands, book: Book
) -> None:
    one, other = make(), make()
    began = hands.time
    tasks = await start_running(book, one.run(make_call()), other.run(make_call()))
    await hands.wait_until(began + 5 * LEASE)
    book.may_end.set()
    await asyncio.gather(*tasks)
    assert book.effects == ["5 €"]


@pytest.mark.parametrize("kind", [StorageUnavailableError, StorageRefusedError])
async def test_nothing_runs_while_the_store_is_away(
    runner: RememberingRunner, store: LameStore, book: Book, kind: type[Exception]
) -> None:
    store.is_away, store.failure = True, kind("The store at db.internal is not for us.")
    with pytest.raises(ActionFailedError, match=r"'action_pay' was not run.*call again later") as caught:
        await runner.run(make_call())
    assert "db.internal" not in str(caught.value)
    assert book.effects == []


async def test_a_result_that_cannot_be_kept_at_once_is_given_and_kept_later(
    make: Callable[[], RememberingRunner], store: LameStore, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = make(), make()
    (task,) = await start_running(book, one.run(make_call()))
    store.is_away = True
    book.may_end.set()
    first = await task
    assert await one.run(make_call()) == first
    store.is_away = False
    assert await other.run(make_call()) == first
    assert book.effects == ["5 €"]
    assert "action.not_remembered_yet" in caplog.messages


async def test_an_effect_that_may_have_happened_twice_is_logged(
    runner: RememberingRunner,
    store: LameStore,
    hands: Hands,
    book: Book,
    caplog: pytest.LogCaptureFixture,
) -> None:
    identity = identify_call(make_call())
    assert identity is not None
    (task,) = await start_running(book, runner.run(make_call()))
    # As if this process had been frozen: somebody else takes the call.
    claim = await store.claim(identity, now=hands.time + 100 * LEASE, lease=LEASE)
    assert isinstance(claim, Begun)
    book.may_end.set()
    assert (await task)["responses"][0]["text"] == "Paid 5 €."
    assert "action.ran_twice" in caplog.messages


async def test_results_are_deleted_when_their_time_is_over(book: Book, hands: Hands, tmp_path: Path) -> None:
    store = await SqliteResultStore.open(tmp_path / "results.db")
    runner = RememberingRunner(book.executor, store, keep_seconds=60, clock=hands, pause=hands.pause)
    await runner.run(make_call())
    ended = hands.time
    await runner.start()
    await hands.wait_until(ended + 300)
    await runner.run(make_call())
    await runner.close()
    assert book.effects == ["5 €", "5 €"]


# ---------------------------------------------------------------- streams


async def run_streaming(runner: RememberingRunner) -> tuple[list[dict[str, Any]], Any]:
    pieces: list[dict[str, Any]] = []

    async def take(piece: dict[str, Any]) -> None:
        pieces.append(piece)

    result = await runner.run(make_call(name="action_stream"), CollectingDispatcher(take))
    return pieces, result


async def test_a_stream_is_streamed_again(runner: RememberingRunner, book: Book) -> None:
    first = await run_streaming(runner)
    assert [piece.get("text") for piece in first[0]] == [None, "one ", "two", None]
    assert first[0][2]["custom"] == {"a": 1}
    assert await run_streaming(runner) == first
    assert book.effects == ["streamed"]


async def test_a_stream_is_told_as_messages_to_whoever_takes_no_stream(
    runner: RememberingRunner, book: Book
) -> None:
    await run_streaming(runner)
    result = await runner.run(make_call(name="action_stream"))
    assert [message["text"] for message in result["responses"]] == ["one ", "two", "Said."]
    assert book.effects == ["streamed"]


async def test_what_was_told_as_messages_is_told_so_again_to_whoever_takes_streams(
    runner: RememberingRunner,
) -> None:
    first = await runner.run(make_call(name="action_stream"))
    assert await run_streaming(runner) == ([], first)


async def test_an_action_goes_on_when_the_reader_of_its_stream_has_left(
    runner: RememberingRunner, book: Book
) -> None:
    is_stuck = asyncio.Event()

    async def get_stuck(piece: dict[str, Any]) -> None:
        is_stuck.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(runner.run(make_call(name="action_stream"), CollectingDispatcher(get_stuck)))
    await is_stuck.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    pieces, _ = await run_streaming(runner)
    assert [piece.get("text") for piece in pieces] == [None, "one ", "two", None]
    assert book.effects == ["streamed"]


# ---------------------------------------------------------------- shared transactions


class Seats:
    """An action that books seats in the database of results."""

    def __init__(self, path: Path) -> None:
        self.path = path / "results.db"
        self.failure: Exception | None = None
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.has_booked = asyncio.Event()
        self.executor = ActionExecutor()
        self.executor.register_function("action_book", self.book)

    async def open(self, hands: Hands) -> RememberingRunner:
        store = await SqliteResultStore.open(self.path)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS seats (place TEXT)")
        return RememberingRunner(self.executor, store, clock=hands)

    async def book(self, dispatcher: CollectingDispatcher, tracker: Any, domain: Any) -> None:
        async with effect_transaction() as connection:
            connection.execute("INSERT INTO seats VALUES (?)", [tracker.get_slot("amount")])
        async with effect_transaction() as connection:
            (count,) = connection.execute("SELECT count(*) FROM seats").fetchone()
        self.has_booked.set()
        await self.may_end.wait()
        if self.failure is not None:
            raise self.failure
        dispatcher.utter_message(text=f"{count} booked.")

    @property
    def booked(self) -> list[str]:
        with closing(sqlite3.connect(self.path)) as connection:
            return [place for (place,) in connection.execute("SELECT place FROM seats")]


@pytest.fixture
def seats(tmp_path: Path) -> Seats:
    return Seats(tmp_path)


async def test_an_effect_in_the_shared_database_is_kept_with_its_result(seats: Seats, hands: Hands) -> None:
    runner = await seats.open(hands)
    call = make_call(name="action_book", amount="12A")
    first = await runner.run(call)
    assert first["responses"][0]["text"] == "1 booked."
    assert await runner.run(call) == first
    await runner.close()
    assert seats.booked == ["12A"]


async def test_an_effect_in_the_shared_database_is_undone_when_the_action_fails(
    seats: Seats, hands: Hands
) -> None:
    runner = await seats.open(hands)
    seats.failure = ConnectionError("the printer is out of paper")
    with pytest.raises(ActionFailedError, match="out of paper"):
        await runner.run(make_call(name="action_book", amount="12A"))
    assert seats.booked == []
    seats.failure = None
    await runner.run(make_call(name="action_book", amount="12A"))
    await runner.close()
    assert seats.booked == ["12A"]


async def test_who_was_taken_over_undoes_its_effect_and_gives_the_other_result(
    seats: Seats, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    runner = await seats.open(hands)
    call = make_call(name="action_book", amount="12A")
    await runner.run(call)
    identity = identify_call(call)
    assert identity is not None

    async def lose_the_call(dispatcher: Any, tracker: Any, domain: Any) -> None:
        """As if frozen for long: while it sleeps somebody else does the work."""
        with closing(sqlite3.connect(seats.path, isolation_level=None)) as connection:
            connection.execute("UPDATE duologue_results SET fence = fence + 100 WHERE result IS NULL")
            connection.execute("UPDATE duologue_results SET result = ? WHERE result IS NULL", [other])
        async with effect_transaction() as connection:
            connection.execute("INSERT INTO seats VALUES ('13A')")
        dispatcher.utter_message(text="Mine.")

    other = b'{"events":[],"responses":[{"text":"Theirs."}]}'
    seats.executor.register_function("action_lose", lose_the_call)
    result = await runner.run(make_call(name="action_lose"))
    await runner.close()
    assert result["responses"] == [{"text": "Theirs."}]
    assert seats.booked == ["12A"]
    assert "action.taken_over" in caplog.messages


async def test_there_is_no_transaction_to_share_without_a_database(
    book: Book, runner: RememberingRunner
) -> None:
    async def note(dispatcher: Any, tracker: Any, domain: Any) -> None:
        async with effect_transaction():
            pass

    book.executor.register_function("action_note", note)
    with pytest.raises(ActionFailedError, match="--remember sqlite"):
        await runner.run(make_call(name="action_note"))


# ---------------------------------------------------------------- closing, and addresses


async def test_closing_waits_for_what_runs_and_leaves_the_rest_claimed(
    runner: RememberingRunner, store: LameStore, hands: Hands, book: Book
) -> None:
    (task,) = await start_running(book, runner.run(make_call()))
    closing = asyncio.ensure_future(runner.close())
    book.may_end.set()
    await task
    await closing
    assert book.effects == ["5 €"]


async def test_an_action_that_outlasts_the_grace_is_not_set_free_for_others(
    book: Book, hands: Hands, tmp_path: Path
) -> None:
    stores = [await SqliteResultStore.open(tmp_path / "results.db") for _ in range(2)]
    runner = RememberingRunner(book.executor, stores[0], clock=hands)
    (task,) = await start_running(book, runner.run(make_call()))
    await runner.close(0)
    assert task.cancelled()
    identity = identify_call(make_call())
    assert identity is not None
    assert not isinstance(await stores[1].claim(identity, now=hands.time, lease=LEASE), Begun)
    await stores[1].close()


async def test_stores_are_opened_by_their_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("memory", "sqlite:///results.db", f"sqlite:///{tmp_path}/more%20results.db"):
        store = await open_result_store(url)
        await store.check_health()
        await store.close()
    assert {"more results.db", "results.db"} <= set(os.listdir(tmp_path))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:/results.db", "three strokes"),
        ("sqlite://results.db", "three strokes"),
        ("mysql://user:secret@host/db", "Results cannot be remembered in 'mysql'"),
        ("rediz://:secret@host", "Did you mean"),
    ],
)
async def test_an_address_that_cannot_be_used_is_explained_without_its_password(url: str, words: str) -> None:
    with pytest.raises((DefinitionError, StorageUnavailableError)) as caught:
        await open_result_store(url, patience=0)
    assert words.casefold() in str(caught.value).casefold()
    assert "secret" not in str(caught.value)


def test_the_name_of_a_call_tells_nothing_of_its_conversation() -> None:
    identity = identify_call(make_call("anna/7/2"))
    assert identity is not None
    assert "anna" not in identity
    assert identity != identify_call(make_call("anna/7/3"))
