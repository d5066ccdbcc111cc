"""Which call of an action is running right now."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec

from duologue.sdk.errors import NoCurrentCallError


class CallContext(msgspec.Struct, frozen=True, kw_only=True):
    """One call of one action."""

    action_name: str
    sender_id: str
    idempotency_key: str | None = None
    """Stays the same when a failed turn is run again: hand it to payment and booking systems."""
    version: str | None = None
    """The version of the assistant server that calls."""
    extras: Mapping[str, Any] = {}
    """Fields of the call that have no place of their own."""


_PLACED = frozenset(
    {"next_action", "tracker", "domain", "domain_digest", "sender_id", "version", "idempotency_key"}
)
_current: ContextVar[CallContext] = ContextVar("duologue_sdk_current_call")


def current_call() -> CallContext:
    """Tell which call is running, from anywhere inside `run` and what it calls, tasks and `asyncio.to_thread` included."""
    context = _current.get(None)
    if context is None:
        raise NoCurrentCallError(
            "No action is running here; call current_call() inside run() or what it calls."
        )
    return context


def describe_call(call: Mapping[str, Any]) -> CallContext:
    """Read the context out of a call's JSON."""
    tracker: Mapping[str, Any] = call.get("tracker") or {}
    return CallContext(
        action_name=call.get("next_action") or "",
        sender_id=call.get("sender_id") or tracker.get("sender_id") or "default",
        idempotency_key=call.get("idempotency_key"),
        version=call.get("version"),
        extras={key: value for key, value in call.items() if key not in _PLACED},
    )


@contextmanager
def entered_call(context: CallContext) -> Generator[None, None, None]:
    """Make `context` the current call of this task."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
