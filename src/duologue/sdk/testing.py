"""Try one action without a server."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from duologue.sdk.actions import Action, FunctionAction, RunFunction
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.executor import ActionExecutor
from duologue.sdk.http import HttpClients
from duologue.sdk.payloads import DomainDict, EventType
from duologue.sdk.secrets import EnvironmentSecrets

if TYPE_CHECKING:
    from duologue.sdk.http import AnswerRequest


class ActionOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an action gave back."""

    events: list[EventType]
    messages: list[dict[str, Any]]
    pieces: list[dict[str, Any]] = []
    """What it streamed, one entry for each piece; those messages are not among `messages`."""

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

    @property
    def streamed_text(self) -> str:
        """The text it streamed, put together."""
        return "".join(piece.get("text") or "" for piece in self.pieces)


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
    secrets: Mapping[str, str] | None = None,
    answer_http: "AnswerRequest | None" = None,
    streams: bool = False,
    leave_after: int | None = None,
) -> ActionOutcome:
    """Run an action as the executor does.

    Args:
        action: a class, an instance, or a function.
        slots: the tracker's slots.
        events: the conversation so far.
        message: the user's latest message: a text, or a parsed message with intent and entities.
        domain: the assistant's domain.
        active_loop: the active form.
        sender_id: who speaks.
        idempotency_key: the call's key.
        secrets: what `get_secret` knows; without it, the environment is asked.
        answer_http: answers the requests of `get_http_client` instead of the network.
        streams: whether the transport can stream; otherwise pieces become ordinary messages.
        leave_after: the user interrupts after so many pieces; this transport streams.
    """
    http = None if answer_http is None else HttpClients.answered_by(answer_http)
    provider = None if secrets is None else EnvironmentSecrets(secrets)
    executor = ActionExecutor(threads=1, secrets=provider, http=http)
    dispatcher = CollectingDispatcher()
    pieces: list[dict[str, Any]] = []

    async def take(piece: dict[str, Any]) -> None:
        if piece.pop("event") == "stream_chunk":
            pieces.append(piece)
            if len(pieces) == leave_after:
                dispatcher.cancel_stream()

    if streams or leave_after is not None:
        dispatcher.sink = take
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
        result = await executor.run(call, dispatcher)
    finally:
        await executor.close_connections()
        executor.close()
    return ActionOutcome(events=result["events"], messages=result["responses"], pieces=pieces)


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
