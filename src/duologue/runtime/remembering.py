"""Actions whose effects happen once: the result of a call is kept, and the same call made again gets it.

The state that a repeated call brings is not looked at: a key stands for one step of one turn, whose effect may have
happened, and whoever asks again wants to know what came of it.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec

from duologue.core.errors import StorageRefusedError, StorageUnavailableError
from duologue.ports.clock import Clock, SystemClock
from duologue.ports.result_store import Begun, Claim, Remembered, ResultStore, UnderWay
from duologue.runtime.remembered_result import (
    PieceRecorder,
    RememberedResult,
    decode_result,
    identify_call,
)
from duologue.runtime.shared_transaction import CallTransaction, OpenTransaction, TransactionalStore
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.effects import offered_transactions
from duologue.sdk.errors import ActionFailedError
from duologue.sdk.payloads import ActionResult

KEEP_SECONDS = 24 * 3600.0
LEASE_SECONDS = 30.0
GRACE_SECONDS = 10.0
STORE_FAILURES: tuple[type[Exception], ...] = (StorageUnavailableError, StorageRefusedError)
"""A store that served at first may refuse us later, when somebody changes its password."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
"""Seconds between two looks at a call that another process runs."""
_SWEEP_SECONDS = 300.0
_SWEEP_LIMIT = 1000

_log = logging.getLogger(__name__)


class RememberedCode(Protocol):
    """Runs actions and knows which of them are remembered: the executor, or something around it."""

    def names(self) -> list[str]:
        """The names of all actions."""
        ...

    def is_remembered(self, name: str) -> bool:
        """Whether results of that action are to be kept."""
        ...

    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult:
        """Run the action that a call names."""
        ...


class RememberingRunner:
    """Runs calls with a key once, and answers repeated ones from the store.

    A call that has begun runs to its end even if its caller leaves, so that the next attempt finds its result. Calls
    that fail, decline or are refused are not remembered: the next attempt runs them.
    """

    def __init__(
        self,
        executor: RememberedCode,
        store: ResultStore,
        *,
        keep_seconds: float = KEEP_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        clock: Clock | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`keep_seconds`: how long results are kept. `lease_seconds`: after which a process that is silent is dead."""
        self.executor = executor
        self._store = store
        self._keep = keep_seconds
        self._lease = lease_seconds
        self._clock = clock or SystemClock()
        self._pause = pause
        self._running: dict[str, asyncio.Task[RememberedResult]] = {}
        self._unsaved: dict[str, RememberedResult] = {}
        """Results of calls that ended while the store was away."""
        self._work: set[asyncio.Task[Any]] = set()  # `Any`: of each only its end matters

    async def start(self) -> None:
        """Begin to delete results whose time is over."""
        self._do_beside(self._sweep())

    def names(self) -> list[str]:
        """The names of all actions."""
        return self.executor.names()

    async def check_health(self) -> None:
        """Return if calls can be remembered now.

        Raises:
            StorageUnavailableError: they cannot.
        """
        await self._store.check_health()

    async def close(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Wait for the calls that run, then let go of the store. What still runs after that stays claimed."""
        if self._running:
            await asyncio.wait([*self._running.values()], timeout=grace_seconds)
        left = [*self._running.values(), *self._work]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._store.close()

    # ---------------------------------------------------------------- one call

    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult:
        """Run the action that a call names, or give what came of it before; raises what the executor raises."""
        identity = identify_call(call)
        name = str(call.get("next_action") or "")
        if identity is None or not self.executor.is_remembered(name):
            return await self.executor.run(call, dispatcher)
        pause = _FIRST_PAUSE
        while True:
            if running := self._running.get(identity):
                await asyncio.wait([running])
                if not running.cancelled() and running.exception() is None:
                    return await running.result().replay(dispatcher)
            if unsaved := self._unsaved.get(identity):
                return await unsaved.replay(dispatcher)
            match await self._claim(identity, name):
                case Remembered(result=data):
                    _log.info("action.remembered", extra={"action": name})
                    return await _decode(data, name).replay(dispatcher)
                case Begun(fence=fence):
                    with contextlib.suppress(_TakenOverError):
                        return await self._begin(_Held(identity, fence, name), call, dispatcher)
                case UnderWay():
                    await self._pause(pause * random.uniform(0.5, 1.0))
                    pause = min(_LONGEST_PAUSE, pause * 2)

    async def _claim(self, identity: str, name: str) -> Claim:
        """Take the call; a caller that leaves meanwhile leaves nothing behind."""
        claiming = asyncio.ensure_future(
            self._store.claim(identity, now=self._clock.now(), lease=self._lease)
        )
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            self._do_beside(self._give_back(identity, claiming))
            raise
        except STORE_FAILURES as error:
            _log.warning("action.not_run", extra={"action": name, "reason": str(error)})
            raise ActionFailedError(
                name,
                f"Action '{name}' was not run, because the store of results is away and its effect might happen"
                " twice; call again later.",
            ) from error

    async def _give_back(self, identity: str, claiming: asyncio.Future[Claim]) -> None:
        with contextlib.suppress(*STORE_FAILURES):  # then it is free when the lease is over
            claim = await claiming
            if isinstance(claim, Begun):
                await self._store.release(identity, claim.fence)

    async def _begin(
        self, held: "_Held", call: Mapping[str, Any], dispatcher: CollectingDispatcher | None
    ) -> ActionResult:
        recorder = PieceRecorder(dispatcher)
        task = asyncio.create_task(self._perform(held, call, dispatcher, recorder))
        self._running[held.identity] = task
        task.add_done_callback(lambda _: self._running.pop(held.identity, None))
        try:
            result = await asyncio.shield(task)
        except asyncio.CancelledError:
            recorder.leave()
            task.add_done_callback(lambda done: _report_lonely_end(done, held.name))
            raise
        return {"events": result.events, "responses": result.responses}

    async def _perform(
        self,
        held: "_Held",
        call: Mapping[str, Any],
        dispatcher: CollectingDispatcher | None,
        recorder: PieceRecorder,
    ) -> RememberedResult:
        renewing = self._do_beside(self._keep_lease(held))
        shared = self._share_transaction(held)
        try:
            with offered_transactions(shared):
                given = await self.executor.run(call, dispatcher)
            result = RememberedResult(
                events=given["events"], responses=given["responses"], pieces=recorder.pieces
            )
            if shared is not None and (transaction := shared.take()):
                await self._commit(held, transaction, result)
            else:
                await self._remember(held, result)
        except Exception:
            await self._release(held, shared)
            raise
        except asyncio.CancelledError as error:
            if _is_told_to_stop():
                # A plain function goes on in its thread: the claim ends with the process, by its lease.
                raise
            await self._release(held, shared)
            raise ActionFailedError(held.name, f"Action '{held.name}' cancelled itself.") from error
        finally:
            renewing.cancel()
            if shared is not None:
                await shared.cancel()
        return result

    def _share_transaction(self, held: "_Held") -> CallTransaction | None:
        if isinstance(self._store, TransactionalStore):
            return CallTransaction(self._store, held.identity, held.fence)
        return None

    # ---------------------------------------------------------------- holding and keeping

    async def _keep_lease(self, held: "_Held") -> None:
        while True:
            await self._pause(self._lease / 3)
            try:
                if not await self._store.renew(
                    held.identity, held.fence, now=self._clock.now(), lease=self._lease
                ):
                    held.warn("action.lease_lost", "another process may run the same call")
                    return
            except STORE_FAILURES as error:
                held.warn("action.lease_not_renewed", str(error))

    async def _commit(self, held: "_Held", transaction: OpenTransaction, result: RememberedResult) -> None:
        """Make the effect and the result durable as one."""
        try:
            is_kept = await transaction.finish(result.encode(), now=self._clock.now(), keep=self._keep)
        except STORE_FAILURES as error:
            held.warn("action.not_committed", str(error))
            raise ActionFailedError(
                held.name,
                f"Action '{held.name}' did what it had to, but the database of its effect could not commit it; call"
                " again later.",
            ) from error
        if not is_kept:
            held.warn("action.taken_over", "the lease ran out while the action ran; what it did was undone")
            raise _TakenOverError

    async def _remember(self, held: "_Held", result: RememberedResult) -> None:
        """Keep the result. The effect has happened: a store that is away now does not make it a failure."""
        data = result.encode()
        try:
            await self._finish(held, data)
        except STORE_FAILURES as error:
            held.warn("action.not_remembered_yet", str(error))
            self._unsaved[held.identity] = result
            self._do_beside(self._remember_later(held, data))

    async def _remember_later(self, held: "_Held", data: bytes) -> None:
        try:
            await self._try_until_kept(held, data)
        finally:
            del self._unsaved[held.identity]

    async def _try_until_kept(self, held: "_Held", data: bytes) -> None:
        give_up = self._clock.monotonic() + self._keep
        pause = _LONGEST_PAUSE
        while self._clock.monotonic() < give_up:
            await self._pause(pause)
            pause = min(self._lease / 3, pause * 2)
            with contextlib.suppress(*STORE_FAILURES):
                await self._finish(held, data)
                return

    async def _finish(self, held: "_Held", data: bytes) -> None:
        if not await self._store.finish(
            held.identity, held.fence, data, now=self._clock.now(), keep=self._keep
        ):
            held.warn(
                "action.ran_twice",
                "the lease ran out while the action ran, and another process took the call",
            )

    async def _release(self, held: "_Held", shared: CallTransaction | None) -> None:
        if shared is not None:
            await shared.cancel()  # first: it may lock what we need
        try:
            await self._store.release(held.identity, held.fence)
        except STORE_FAILURES as error:
            held.warn("action.not_released", f"the call is free when its lease is over: {error}")

    async def _sweep(self) -> None:
        while True:
            with contextlib.suppress(*STORE_FAILURES):
                while await self._store.delete_expired(now=self._clock.now(), limit=_SWEEP_LIMIT):
                    pass
            # Workers that were started together need not sweep together.
            await self._pause(min(_SWEEP_SECONDS, self._keep) * random.uniform(0.5, 1.5))

    def _do_beside(self, work: Any) -> asyncio.Task[Any]:  # a coroutine of any result
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task


class _TakenOverError(Exception):
    """Another process has the call, and what was done here is undone: what counts is what comes of it there."""


class _Held(msgspec.Struct, frozen=True):
    """A call that this process has taken."""

    identity: str
    fence: int
    name: str

    def warn(self, event: str, reason: str) -> None:
        _log.warning(event, extra={"action": self.name, "call": self.identity[:12], "reason": reason})


def _decode(data: bytes, name: str) -> RememberedResult:
    try:
        return decode_result(data)
    except msgspec.MsgspecError as error:
        raise ActionFailedError(
            name,
            f"Action '{name}' ran before, and its remembered result cannot be read; a newer release may have"
            " written it.",
        ) from error


def _is_told_to_stop() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _report_lonely_end(task: asyncio.Task[RememberedResult], name: str) -> None:
    """How a call ended whose caller had left; nobody else hears of an error."""
    if task.cancelled():
        return
    error = task.exception()
    if error is None:
        _log.info("action.ended_without_caller", extra={"action": name})
    else:
        _log.warning("action.failed_without_caller", extra={"action": name, "error": type(error).__name__})
