"""The project's own actions, run in this process through the SDK."""

import asyncio
from pathlib import Path

from duologue.core.domain import Domain
from duologue.core.errors import ActionError, ActionRejectedError, DefinitionError, DuologueError
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.sdk.errors import ActionExecutionRejection, ActionNotFound
from duologue.sdk.executor import ActionExecutor
from duologue.wire.action_call import format_action_call
from duologue.wire.domain import format_domain
from duologue.wire.events import parse_event


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
                result = await self._executor.run(body)
        except ActionExecutionRejection as error:
            raise ActionRejectedError(
                f"The action {call.action_name!r} declined to run.", action_name=call.action_name
            ) from error
        except ActionNotFound as error:
            raise ActionError(str(error), action_name=call.action_name) from error
        except TimeoutError as error:
            raise ActionError(
                f"The action {call.action_name!r} took longer than {self._timeout:g} s.",
                action_name=call.action_name,
            ) from error
        except Exception as error:
            raise ActionError(
                f"The action {call.action_name!r} failed.", action_name=call.action_name
            ) from error
        events = tuple(parse_event(event) for event in result["events"])
        return ActionResult(events=events, responses=tuple(dict(item) for item in result["responses"]))

    async def _describe(self, call: ActionCall) -> OpenData:
        if self._domain is not call.domain:
            self._domain, self._formatted_domain = call.domain, format_domain(call.domain)
        return format_action_call(
            call.action_name,
            state=call.state,
            events=await call.load_events(),
            domain=call.domain,
            formatted_domain=self._formatted_domain,
            idempotency_key=call.idempotency_key,
        )

    async def list_actions(self) -> frozenset[str] | None:
        return frozenset(self._executor.names())

    async def close(self) -> None:
        self._executor.close()
