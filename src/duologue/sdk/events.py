"""The events an action may return, each made by a function that gives its JSON."""

# ruff: noqa: N802, PLR0917 - the names are those of the events, and the order of the parameters is the one authors know.

import datetime
import warnings
from typing import Any

from duologue.sdk.payloads import EventType

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

Entities = list[dict[str, Any]] | dict[str, str] | None


def _event(kind: str, timestamp: float | None, **fields: Any) -> EventType:
    return {"event": kind, "timestamp": timestamp, **fields}


def SlotSet(key: str, value: Any = None, timestamp: float | None = None) -> EventType:
    """Set a slot; without a value, empty it."""
    return _event("slot", timestamp, name=key, value=value)


def AllSlotsReset(timestamp: float | None = None) -> EventType:
    """Give every slot its initial value."""
    return _event("reset_slots", timestamp)


def FollowupAction(name: str, timestamp: float | None = None) -> EventType:
    """Run this action next."""
    return _event("followup", timestamp, name=name)


def ActiveLoop(name: str | None, timestamp: float | None = None) -> EventType:
    """Start a form, or leave the active one with `None`."""
    return _event("active_loop", timestamp, name=name)


def LoopInterrupted(is_interrupted: bool, timestamp: float | None = None) -> EventType:
    """Say whether the active form was interrupted, so that it does not validate its slots."""
    return _event("loop_interrupted", timestamp, is_interrupted=is_interrupted)


def ReminderScheduled(
    intent_name: str,
    trigger_date_time: datetime.datetime,
    entities: Entities = None,
    name: str | None = None,
    kill_on_user_message: bool = True,
    timestamp: float | None = None,
) -> EventType:
    """Trigger an intent later; a time without a zone is one of this machine's clock."""
    _warn_of_action_name(intent_name)
    return _event(
        "reminder",
        timestamp,
        intent=intent_name,
        entities=entities,
        # The server may run elsewhere, where the clock on the wall says something else.
        date_time=(
            trigger_date_time if trigger_date_time.tzinfo else trigger_date_time.astimezone()
        ).isoformat(),
        name=name,
        kill_on_user_msg=kill_on_user_message,
    )


def ReminderCancelled(
    name: str | None = None,
    intent_name: str | None = None,
    entities: Entities = None,
    timestamp: float | None = None,
) -> EventType:
    """Cancel the reminders that fit what is given; all of them if nothing is."""
    _warn_of_action_name(intent_name)
    return _event("cancel_reminder", timestamp, intent=intent_name, entities=entities, name=name)


def _warn_of_action_name(intent_name: str | None) -> None:
    if intent_name and intent_name.startswith(("utter_", "action_")):
        warnings.warn(
            f"A reminder triggers an intent, and '{intent_name}' looks like the name of an action.",
            FutureWarning,
            stacklevel=3,
        )


def UserUttered(
    text: str | None,
    parse_data: dict[str, Any] | None = None,
    timestamp: float | None = None,
    input_channel: str | None = None,
) -> EventType:
    """Record a message of the user."""
    return _event("user", timestamp, text=text, parse_data=parse_data, input_channel=input_channel)


def BotUttered(
    text: str | None = None,
    data: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    timestamp: float | None = None,
) -> EventType:
    """Record a message of the assistant; to send one, use the dispatcher."""
    return _event("bot", timestamp, text=text, data=data, metadata=metadata)


def AgentUttered(text: str | None = None, data: Any = None, timestamp: float | None = None) -> EventType:
    """Record a message of a human agent."""
    return _event("agent", timestamp, text=text, data=data)


def ActionExecuted(
    action_name: str,
    policy: str | None = None,
    confidence: float | None = None,
    timestamp: float | None = None,
) -> EventType:
    """Record that an action ran."""
    return _event("action", timestamp, name=action_name, policy=policy, confidence=confidence)


def ActionExecutionRejected(
    action_name: str,
    policy: str | None = None,
    confidence: float | None = None,
    timestamp: float | None = None,
) -> EventType:
    """Record that an action declined to run."""
    return _event(
        "action_execution_rejected", timestamp, name=action_name, policy=policy, confidence=confidence
    )


def SessionStarted(timestamp: float | None = None) -> EventType:
    """Start a new session."""
    return _event("session_started", timestamp)


def SessionEnded(timestamp: float | None = None, metadata: dict[str, Any] | None = None) -> EventType:
    """End the conversation for good: nothing can be said in it afterwards."""
    return _event("session_ended", timestamp, metadata=metadata)


def Restarted(timestamp: float | None = None) -> EventType:
    """Forget the conversation so far."""
    return _event("restart", timestamp)


def UserUtteranceReverted(timestamp: float | None = None) -> EventType:
    """Undo everything since the user's last message, that message included."""
    return _event("rewind", timestamp)


def ActionReverted(timestamp: float | None = None) -> EventType:
    """Undo the last action."""
    return _event("undo", timestamp)


def ConversationPaused(timestamp: float | None = None) -> EventType:
    """Stop answering until the conversation is resumed."""
    return _event("pause", timestamp)


def ConversationResumed(timestamp: float | None = None) -> EventType:
    """Answer again."""
    return _event("resume", timestamp)


def StoryExported(timestamp: float | None = None) -> EventType:
    """Write the conversation to a story file."""
    return _event("export", timestamp)


def Form(name: str | None, timestamp: float | None = None) -> EventType:
    """Old name of `ActiveLoop`."""
    warnings.warn("Form is an old name; use ActiveLoop.", DeprecationWarning, stacklevel=2)
    return ActiveLoop(name, timestamp)


def FormValidation(validate: bool, timestamp: float | None = None) -> EventType:
    """Old name of `LoopInterrupted`, with the opposite meaning of its flag."""
    warnings.warn("FormValidation is an old name; use LoopInterrupted.", DeprecationWarning, stacklevel=2)
    return LoopInterrupted(not validate, timestamp)
