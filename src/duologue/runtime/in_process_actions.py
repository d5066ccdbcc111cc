"""The project's own actions, run in this process through the SDK."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec

from duologue.adapters.action_runner.answer import parse_answer, require_plain
from duologue.core.domain import Domain
from duologue.core.errors import ActionError, ActionRejectedError, DefinitionError, DuologueError
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.ports.result_store import ResultStore
from duologue.runtime.in_process_stream import StreamedAction
from duologue.runtime.remembering import RememberingRunner
from duologue.sdk.errors import (
    ActionExecutionRejection,
    ActionFailedError,
    ActionNotFound,
    ActionResultError,
)
from duologue.sdk.executor import ActionExecutor
from duologue.sdk.payloads import ActionResult as Answer
from duologue.wire.action_call import format_action_call
from duologue.wire.domain import copy_domain, format_domain

_FAREWELL_SECONDS = 1.0
"""How long an action may go on that nobody waits for any more, when the server ends."""


class InProcessActionRunner:
    """Runs the actions of a Python package of the project; the default `ActionRunner`."""

    def __init__(
        self, executor: ActionExecutor, *, timeout: float, timeouts: Mapping[str, float] | None = None
    ) -> None:
        self._executor = executor
        self._remembering: RememberingRunner | None = None
        self._timeout = timeout
        self._timeouts = timeouts or {}
        self._domain: Domain | None = None
        self._formatted_domain: OpenData = {}

    @classmethod
    def open(
        cls, module: str, folder: Path, *, timeout: float, timeouts: Mapping[str, float] | None = None
    ) -> "InProcessActionRunner":
        """Import the module, found from the project's folder.

        `timeout` in seconds for each action; `timeouts` has those of single actions.

        Raises:
            DefinitionError: the author's code cannot be imported; the text names the file and line.
        """
        executor = ActionExecutor()
        try:
            executor.register_package(module, root=folder)
        except Exception as error:
            executor.close()
            if isinstance(error, DuologueError):
                raise
            raise DefinitionError(str(error)) from error
        return cls(executor, timeout=timeout, timeouts=timeouts)

    async def remember_in(self, store: ResultStore, *, keep_seconds: float) -> None:
        """Keep results from now on: a turn that is run again gets them, instead of doing its effects twice."""
        self._remembering = RememberingRunner(self._executor, store, keep_seconds=keep_seconds)
        await self._remembering.start()

    async def run(self, call: ActionCall) -> ActionResult:
        body = await self._describe(call)
        seconds = self._timeouts.get(call.action_name, self._timeout)
        try:
            async with asyncio.timeout(seconds):
                answer = await self._perform(call, body)
        except ActionExecutionRejection as error:
            raise ActionRejectedError(
                f"The action {call.action_name!r} declined to run.", action_name=call.action_name
            ) from error
        except TimeoutError as error:
            raise ActionError(
                f"The action {call.action_name!r} took longer than {seconds:g} s.",
                action_name=call.action_name,
            ) from error
        except Exception as error:
            raise ActionError(_explain(call.action_name, error), action_name=call.action_name) from error
        return parse_answer(call.action_name, require_plain(call.action_name, answer))

    async def _perform(self, call: ActionCall, body: OpenData) -> Answer:
        runner = self._remembering or self._executor
        if call.replies is None:
            return await runner.run(body)
        async with StreamedAction(call.action_name, call.replies).listened_to() as dispatcher:
            return await runner.run(body, dispatcher)

    async def _describe(self, call: ActionCall) -> OpenData:
        if self._domain is not call.domain:
            self._domain, self._formatted_domain = call.domain, format_domain(call.domain)
        body = format_action_call(
            call.action_name,
            state=call.state,
            events=await call.load_events(),
            domain=call.domain,
            formatted_domain=None,
            idempotency_key=call.idempotency_key,
        )
        # Authors change what they are given; the conversation's own values must not change with it.
        body = cast("OpenData", msgspec.to_builtins(body, str_keys=True))
        return {**body, "domain": copy_domain(self._formatted_domain)}

    async def list_actions(self) -> frozenset[str] | None:
        return frozenset(self._executor.names())

    async def close(self) -> None:
        if self._remembering is not None:
            await self._remembering.close(_FAREWELL_SECONDS)
        self._executor.close()


def _explain(action_name: str, error: Exception) -> str:
    """One line for the conversation's record, without the text of the author's exception: it may be personal."""
    match error:
        case ActionNotFound() | ActionResultError():
            return str(error)
        case ActionFailedError(__cause__=BaseException() as cause):
            return f"The action {action_name!r} failed with {type(cause).__name__}."
        case _:
            return f"The action {action_name!r} failed with {type(error).__name__}."
