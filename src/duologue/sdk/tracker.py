"""The conversation as an action sees it."""

# ruff: noqa: PLR0917 - the order of the parameters is the one authors know.

import copy
import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from duologue.sdk.payloads import EventType

logger = logging.getLogger(__name__)

ACTION_LISTEN_NAME = "action_listen"
NLU_FALLBACK_INTENT_NAME = "nlu_fallback"
_NO_LOOP = "should_not_be_set"


class Tracker:  # noqa: PLW1641 - a tracker changes, so it has no hash
    """One conversation: its slots, its latest message and its events. Changing it changes nothing elsewhere."""

    def __init__(
        self,
        sender_id: str,
        slots: dict[str, Any],
        latest_message: dict[str, Any] | None,
        events: list[EventType],
        paused: bool,
        followup_action: str | None,
        active_loop: dict[str, Any],
        latest_action_name: str | None,
        stack: list[dict[str, Any]] | None = None,
        user_id: str | None = None,
    ) -> None:
        self.sender_id = sender_id
        self.slots = slots
        self.latest_message: dict[str, Any] = latest_message or {}
        self.events = events
        self.followup_action = followup_action
        self.active_loop = active_loop
        self.latest_action_name = latest_action_name
        self.stack: list[dict[str, Any]] = stack or []
        self.user_id = user_id
        self._paused = paused

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> "Tracker":
        """Make a tracker from its JSON; slots and events are its own, so the caller's stay as they are."""
        loop = state.get("active_loop", state.get("active_form"))
        return cls(
            state["sender_id"],
            dict(state.get("slots") or {}),
            state.get("latest_message"),
            list(state.get("events") or []),
            state.get("paused", False),
            state.get("followup_action"),
            loop or {},
            state.get("latest_action_name"),
            state.get("stack"),
            state.get("user_id"),
        )

    def copy(self) -> "Tracker":
        """Make a tracker that shares nothing with this one."""
        return type(self)(
            self.sender_id,
            copy.deepcopy(self.slots),
            copy.deepcopy(self.latest_message),
            copy.deepcopy(self.events),
            self._paused,
            self.followup_action,
            copy.deepcopy(self.active_loop),
            self.latest_action_name,
            copy.deepcopy(self.stack),
            self.user_id,
        )

    def current_state(self) -> dict[str, Any]:
        """Give the conversation as JSON."""
        return {
            "sender_id": self.sender_id,
            "slots": self.slots,
            "latest_message": self.latest_message,
            "latest_event_time": self.events[-1].get("timestamp") if self.events else None,
            "paused": self.is_paused(),
            "events": self.events,
            "latest_input_channel": self.get_latest_input_channel(),
            "active_loop": self.active_loop,
            "latest_action_name": self.latest_action_name,
            "stack": self.stack,
            "user_id": self.user_id,
        }

    # Slots

    def get_slot(self, key: str) -> Any:
        """Give a slot's value; None if it is empty or unknown."""
        if key not in self.slots:
            logger.info("Tried to access non existent slot '%s'.", key)
        return self.slots.get(key)

    def current_slot_values(self) -> dict[str, Any]:
        """Give all slots."""
        return self.slots

    def slots_to_validate(self) -> dict[str, Any]:
        """Give the slots set since the last event of another kind: the candidates a form wants checked."""
        recent: list[EventType] = []
        for event in reversed(self.events):
            if event.get("event") != "slot":
                break
            recent.append(event)
        return {event["name"]: event["value"] for event in reversed(recent)}

    def add_slots(self, slots: Iterable[EventType]) -> None:
        """Set slots on this tracker; events of other kinds are passed over."""
        for event in slots:
            if event.get("event") == "slot":
                self.slots[event["name"]] = event["value"]
                self.events.append(event)

    # The latest message

    def get_latest_entity_values(
        self, entity_type: str, entity_role: str | None = None, entity_group: str | None = None
    ) -> Iterator[Any]:
        """Give the values of one entity in the latest message; role and group must match, None too."""
        wanted = (entity_type, entity_role, entity_group)
        entities: list[dict[str, Any]] = self.latest_message.get("entities") or []
        for entity in entities:
            if (entity.get("entity"), entity.get("role"), entity.get("group")) == wanted:
                yield entity.get("value")

    def get_intent_of_latest_message(self, skip_fallback_intent: bool = True) -> str | None:
        """Give the best intent of the ranking, by default the next one if the best is the fallback."""
        ranking: list[dict[str, Any]] = self.latest_message.get("intent_ranking") or []
        names: list[str] = [intent["name"] for intent in ranking[:2]]
        if skip_fallback_intent and names[:1] == [NLU_FALLBACK_INTENT_NAME]:
            names = names[1:]
        return names[0] if names else None

    def get_latest_input_channel(self) -> str | None:
        """Give the channel of the latest user message."""
        for event in reversed(self.events):
            if event.get("event") == "user":
                return event.get("input_channel")
        return None

    # State

    def is_paused(self) -> bool:
        """Say whether the conversation is paused."""
        return self._paused

    @property
    def paused(self) -> bool:
        """Whether the conversation is paused."""
        return self._paused

    @property
    def active_form(self) -> dict[str, Any]:
        """Old name of `active_loop`."""
        warnings.warn(
            "Use of `active_form` is deprecated. Please use `active_loop` instead.",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.active_loop

    @property
    def active_loop_name(self) -> str | None:
        """The active form's name, if there is one."""
        name: str | None = self.active_loop.get("name") if self.active_loop else None
        return None if name == _NO_LOOP else name

    # Events

    def idx_after_latest_restart(self) -> int:
        """Give the index of the first event after the latest restart; 0 without one."""
        for index in range(len(self.events) - 1, -1, -1):
            if self.events[index].get("event") == "restart":
                return index + 1
        return 0

    def events_after_latest_restart(self) -> list[EventType]:
        """Give the events after the latest restart."""
        return self.events[self.idx_after_latest_restart() :]

    def applied_events(self) -> list[EventType]:
        """Give the events that still count: without what was restarted, rewound or undone."""
        applied: list[EventType] = []
        for event in self.events:
            match event.get("event"):
                case "restart":
                    applied.clear()
                case "undo":
                    _drop_through("action", applied)
                case "rewind":
                    # The message goes, and the action that waited for it.
                    _drop_through("user", applied)
                    _drop_through("action", applied)
                case _:
                    applied.append(event)
        return applied

    def get_last_event_for(
        self, event_type: str, exclude: Sequence[str] = (), skip: int = 0
    ) -> EventType | None:
        """Give the latest event of a kind that still counts; `exclude` names actions to pass over."""
        for event in reversed(self.applied_events()):
            if event.get("event") != event_type or (event_type == "action" and event.get("name") in exclude):
                continue
            if skip == 0:
                return event
            skip -= 1
        return None

    def last_executed_action_has(self, name: str, skip: int = 0) -> bool:
        """Say whether the latest action, waiting apart, has this name."""
        last = self.get_last_event_for("action", exclude=[ACTION_LISTEN_NAME], skip=skip)
        return last is not None and last.get("name") == name

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tracker):
            return NotImplemented
        return self.sender_id == other.sender_id and self.events == other.events


def _drop_through(event_type: str, events: list[EventType]) -> None:
    while events:
        if events.pop().get("event") == event_type:
            return
