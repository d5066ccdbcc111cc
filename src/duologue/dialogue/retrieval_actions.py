"""Retrieval actions: `utter_faq` says the one of `utter_faq/…` that a response selector chose."""

from typing import Any

from duologue.core.domain import Domain
from duologue.core.state import State

_PREFIXES = ("utter_", "respond_")
"""`respond_` is the older spelling."""


def is_retrieval_action(name: str, domain: Domain) -> bool:
    """Whether the action stands for the responses of a retrieval intent."""
    intent = _find_intent(name)
    if intent is None or name in domain.responses or name in domain.custom_actions:
        return False
    return any(response.startswith(f"utter_{intent}/") for response in domain.responses)


def find_retrieval_response(name: str, domain: Domain, state: State) -> str | None:
    """The full name of the response that answers the latest message; None if no selector chose one."""
    message = state.last_message
    intent = _find_intent(name)
    if message is None or intent is None:
        return None
    understanding = message.understanding
    said = understanding.intent.name if understanding.intent else ""
    if said.startswith(f"{intent}/") and f"utter_{said}" in domain.responses:
        return f"utter_{said}"  # a button's payload names the response itself
    chosen = understanding.response_selector
    return _read_choice(chosen.get(intent)) or _read_choice(chosen.get("default"))


def _find_intent(name: str) -> str | None:
    return next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), None)


def _read_choice(chosen: Any) -> str | None:  # `Any`: the open data that `parse_data` shows to everybody
    try:
        name = chosen["response"]["utter_action"]
    except (KeyError, TypeError):
        return None
    return str(name) if name else None
