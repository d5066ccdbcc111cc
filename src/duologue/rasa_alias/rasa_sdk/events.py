"""The events an action may return, each made by a function that gives its JSON."""

# ruff: noqa: N802, PLR0917 - names and parameters are those of rasa_sdk.

import datetime
import logging
import warnings
from typing import Any

from duologue.sdk.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AgentUttered,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    EventType,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionEnded,
    SessionStarted,
    SlotSet,
    StoryExported,
    UserUtteranceReverted,
    UserUttered,
)

__all__ = [
    "ActionExecuted",
    "ActionExecutionRejected",
    "ActionReverted",
    "ActiveLoop",
    "AgentUttered",
    "AllSlotsReset",
    "BotUttered",
    "ConversationPaused",
    "ConversationResumed",
    "EventType",
    "FollowupAction",
    "Form",
    "FormValidation",
    "LoopInterrupted",
    "ReminderCancelled",
    "ReminderScheduled",
    "Restarted",
    "SessionEnded",
    "SessionStarted",
    "SlotSet",
    "StoryExported",
    "UserUtteranceReverted",
    "UserUttered",
]

logger = logging.getLogger(__name__)

Entities = list[dict[str, Any]] | dict[str, str] | None


def ReminderScheduled(
    intent_name: str,
    trigger_date_time: datetime.datetime,
    entities: Entities = None,
    name: str | None = None,
    kill_on_user_message: bool = True,
    timestamp: float | None = None,
) -> EventType:
    """Trigger an intent later; a time without a zone is written without one."""
    _warn_of_action_name(intent_name)
    return {
        "event": "reminder",
        "timestamp": timestamp,
        "intent": intent_name,
        "entities": entities,
        "date_time": trigger_date_time.isoformat(),
        "name": name,
        "kill_on_user_msg": kill_on_user_message,
    }


def ReminderCancelled(
    name: str | None = None,
    intent_name: str | None = None,
    entities: Entities = None,
    timestamp: float | None = None,
) -> EventType:
    """Cancel the reminders that fit what is given; all of them if nothing is."""
    _warn_of_action_name(intent_name)
    return {
        "event": "cancel_reminder",
        "timestamp": timestamp,
        "intent": intent_name,
        "entities": entities,
        "name": name,
    }


def Form(name: str | None, timestamp: float | None = None) -> EventType:
    """Old name of `ActiveLoop`."""
    warnings.warn(
        "The `Form` event is deprecated. Please use the `ActiveLoop` event instead.",
        DeprecationWarning,
        stacklevel=2,
    )
    return ActiveLoop(name, timestamp)


def FormValidation(validate: bool, timestamp: float | None = None) -> EventType:
    """Old name of `LoopInterrupted`, with the opposite meaning of its flag."""
    warnings.warn(
        "The FormValidation` event is deprecated. Please use the `LoopInterrupted` event instead.",
        DeprecationWarning,
        stacklevel=2,
    )
    return LoopInterrupted(not validate, timestamp)


def _is_probably_action_name(name: str | None) -> bool:
    return name is not None and name.startswith(("utter_", "action_"))


def _warn_of_action_name(intent_name: str | None) -> None:
    if _is_probably_action_name(intent_name):
        # The text names `ReminderScheduled` for both, as rasa_sdk's does.
        warnings.warn(
            "ReminderScheduled intent starts with 'utter_' or 'action_'. If "
            f"'{intent_name}' is indeed an intent, then you can ignore this warning.",
            FutureWarning,
            stacklevel=3,
        )
