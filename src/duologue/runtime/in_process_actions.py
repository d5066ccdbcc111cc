"""The project's own actions, run in this process through the SDK."""

import asyncio
from pathlib import Path
from typing import cast

import msgspec

from duologue.adapters.action_runner.answer import parse_answer, require_plain
from duologue.core.domain import Domain
from duologue.core.errors import ActionError, ActionRejectedError, DefinitionError, DuologueError
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.sdk.errors import (
    ActionExecutionRejection,
    ActionFailedError,
    ActionNotFound,
    ActionResultError,
)
from duologue.sdk.executor import ActionExecutor
from duologue.wire.action_call import format_action_call
from duologue.wire.domain import format_domain
from duologue.wire.members import is_list, is_object


class InProcessActionRunner:
    """Runs the actions of a Python package of the project; the default `ActionRunner`."""

    def __init__(self, executor: ActionExecutor, *, timeout: float) -> None:
        self._executor = executor
        self._timeout = timeout
        self._domain: Domain | None = None
        self._formatted_domain: OpenData = {}

    @classmethod
    def open(cls, module: str, folder: Path, *, timeout: float) -> "InProcessActionRunner":
        """Import the module, found from the project's folder; `timeout` in seconds for each action.

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
        return cls(executor, timeout=timeout)

    async def run(self, call: ActionCall) -> ActionResult:
        body = await self._describe(call)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._executor.run(body)
        except ActionExecutionRejection as error:
            raise ActionRejectedError(
                f"The action {call.action_name!r} declined to run.", action_name=call.action_name
            ) from error
        except TimeoutError as error:
            raise ActionError(
                f"The action {call.action_name!r} took longer than {self._timeout:g} s.",
                action_name=call.action_name,
            ) from error
        except Exception as error:
            raise ActionError(_explain(call.action_name, error), action_name=call.action_name) from error
        return parse_answer(call.action_name, require_plain(call.action_name, answer))

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
        return {**body, "domain": _copy_sections(self._formatted_domain)}

    async def list_actions(self) -> frozenset[str] | None:
        return frozenset(self._executor.names())

    async def close(self) -> None:
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


def _copy_sections(domain: OpenData) -> OpenData:
    """A copy two levels deep: a domain is large, and an action that writes deeper into it has no reason to."""
    return {name: _copy_section(section) for name, section in domain.items()}


def _copy_section(section: object) -> object:
    if is_object(section):
        return dict(section)
    return list(section) if is_list(section) else section
