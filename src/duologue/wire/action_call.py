"""The body of a call to a custom action: `POST /webhook` of the action server protocol."""

from collections.abc import Sequence

from duologue.core.domain import Domain
from duologue.core.events import Event
from duologue.core.state import State
from duologue.core.values import OpenData
from duologue.wire.tracker import format_tracker

PROTOCOL_VERSION = "3.6.0"
"""The version that callers of the protocol announce; actions may look at it."""


def format_action_call(
    action_name: str,
    *,
    state: State,
    events: Sequence[Event],
    domain: Domain,
    formatted_domain: OpenData | None,
    idempotency_key: str,
) -> OpenData:
    """The call's JSON. `formatted_domain` is what `format_domain` made, or None to leave it out."""
    body: OpenData = {
        "next_action": action_name,
        "sender_id": state.conversation_id,
        "tracker": format_tracker(state, events, domain),
        "version": PROTOCOL_VERSION,
        "idempotency_key": idempotency_key,
    }
    if formatted_domain is not None:
        body["domain"] = formatted_domain
    return body
