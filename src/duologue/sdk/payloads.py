"""The JSON shapes that reach an action and come back from it."""

# Events, slots and domains are open JSON that authors shape, hence `Any` on this border.
from typing import Any, TypedDict

EventType = dict[str, Any]
"""One event, as the functions in `duologue.sdk.events` make it."""


class TrackerState(TypedDict, total=False):
    """A conversation as it travels to an action."""

    sender_id: str
    slots: dict[str, Any]
    latest_message: dict[str, Any] | None
    events: list[EventType]
    paused: bool
    followup_action: str | None
    active_loop: dict[str, Any]
    active_form: dict[str, Any]
    latest_action_name: str | None
    stack: list[dict[str, Any]]
    user_id: str | None


class DomainDict(TypedDict, total=False):
    """The assistant's domain as it travels to an action."""

    config: dict[str, Any]
    session_config: dict[str, Any]
    intents: list[Any]
    entities: list[Any]
    slots: dict[str, dict[str, Any]]
    responses: dict[str, list[dict[str, Any]]]
    actions: list[Any]
    forms: dict[str, Any]
    e2e_actions: list[Any]


class ActionCall(TypedDict, total=False):
    """The body of a request to run one action."""

    next_action: str | None
    sender_id: str
    tracker: TrackerState
    domain: DomainDict | None
    domain_digest: str | None
    version: str
    idempotency_key: str | None


class ActionResult(TypedDict):
    """What an action gave back."""

    events: list[EventType]
    responses: list[dict[str, Any]]
