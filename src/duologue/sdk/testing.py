"""Try one action without a server."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from duologue.sdk.actions import Action, FunctionAction, RunFunction
from duologue.sdk.executor import ActionExecutor
from duologue.sdk.payloads import DomainDict, EventType


class ActionOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an action gave back."""

    events: list[EventType]
    messages: list[dict[str, Any]]

    @property
    def slots(self) -> dict[str, Any]:
        """The slots it set."""
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def texts(self) -> list[str]:
        """The texts it said."""
        return [message["text"] for message in self.messages if message["text"]]

    @property
    def responses(self) -> list[str]:
        """The responses of the domain it asked for."""
        return [message["response"] for message in self.messages if message["response"]]


async def run_action(
    action: Action | type[Action] | FunctionAction | RunFunction,
    *,
    slots: Mapping[str, Any] | None = None,
    events: Sequence[EventType] = (),
    message: str | Mapping[str, Any] | None = None,
    domain: DomainDict | None = None,
    active_loop: str | None = None,
    sender_id: str = "test",
    idempotency_key: str | None = None,
) -> ActionOutcome:
    """Run an action as the executor does; `message` is a text, or a parsed message with intent and entities."""
    executor = ActionExecutor(threads=1)
    name = _register(executor, action)
    latest_message: dict[str, Any] = (
        {"text": message, "entities": []} if isinstance(message, str) else dict(message or {})
    )
    tracker: dict[str, Any] = {
        "sender_id": sender_id,
        "slots": dict(slots or {}),
        "events": list(events),
        "latest_message": latest_message,
        "active_loop": {"name": active_loop} if active_loop else {},
    }
    call: dict[str, Any] = {
        "next_action": name,
        "sender_id": sender_id,
        "tracker": tracker,
        "domain": domain or {},
        "idempotency_key": idempotency_key,
    }
    try:
        result = await executor.run(call)
    finally:
        executor.close()
    return ActionOutcome(events=result["events"], messages=result["responses"])


def run_action_sync(
    action: Action | type[Action] | FunctionAction | RunFunction, **given: Any
) -> ActionOutcome:
    """Run an action from a plain test; takes what `run_action` takes."""
    return asyncio.run(run_action(action, **given))


def _register(executor: ActionExecutor, action: Any) -> str:
    if isinstance(action, Action | type) or hasattr(action, "run"):
        executor.register_action(action)
    else:
        executor.register_function(action.__name__, action)
    return executor.names()[0]
