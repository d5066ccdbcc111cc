"""The conversation, actions, and what actions raise."""

import logging
from typing import TYPE_CHECKING, Any

from duologue.sdk import actions, errors
from duologue.sdk.tracker import ACTION_LISTEN_NAME, NLU_FALLBACK_INTENT_NAME, Tracker

from .events import EventType

if TYPE_CHECKING:
    from .executor import CollectingDispatcher
    from .types import DomainDict

__all__ = [
    "ACTION_LISTEN_NAME",
    "ACTION_MISSING_DOMAIN_DEFAULT_MESSAGE",
    "NLU_FALLBACK_INTENT_NAME",
    "Action",
    "ActionExecutionRejection",
    "ActionMissingDomainException",
    "ActionNotFoundException",
    "EventType",
    "Tracker",
]

logger = logging.getLogger(__name__)

ACTION_MISSING_DOMAIN_DEFAULT_MESSAGE = (
    "Missing domain context, assistant will retry the request and include the domain in the request payload. "
    "For more information please see https://rasa.com/docs/action-server/"
)


class Action(actions.Action):
    """One step of the project's own code."""

    def name(self) -> str:
        """Tell the name under which the assistant calls this action."""
        raise NotImplementedError("An action must implement a name")

    async def run(
        self, dispatcher: "CollectingDispatcher", tracker: Tracker, domain: "DomainDict"
    ) -> list[dict[str, Any]]:
        """Do the work, speak through `dispatcher`, and return the events to record."""
        raise NotImplementedError("An action must implement its run method")


class ActionExecutionRejection(errors.ActionExecutionRejection):
    """Raise it inside `run` to decline; the assistant then chooses something else."""

    # Without the parent's `__init__` here and below: `args` stay as they were given.
    def __init__(self, action_name: str, message: str | None = None) -> None:
        self.action_name = action_name
        self.message = message or f"Custom action '{action_name}' rejected execution."

    def __str__(self) -> str:
        return self.message


class ActionNotFoundException(errors.ActionNotFound):
    """No action of that name is registered."""

    def __init__(self, action_name: str, message: str | None = None) -> None:
        self.action_name = action_name
        self.message = message or f"No registered action found for name '{action_name}'."

    def __str__(self) -> str:
        return self.message


class ActionMissingDomainException(errors.ActionMissingDomain):
    """The call has no domain, and the one it means is not known here."""

    def __init__(self, action_name: str, message: str | None = None) -> None:
        self.action_name = action_name
        self.message = message or ACTION_MISSING_DOMAIN_DEFAULT_MESSAGE

    def __str__(self) -> str:
        return self.message
