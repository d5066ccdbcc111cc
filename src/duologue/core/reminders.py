"""An intent that is triggered later, without anybody's word."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeGuard

import msgspec

from duologue.core.understanding import Entity

EXTERNAL_PREFIX = "EXTERNAL: "
"""Begins the recorded text of what nobody said; the intent follows."""


class Reminder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An intent that is triggered at its time, unless something cancels it before."""

    name: str
    intent: str
    due_at: float
    """Seconds since the epoch."""
    entities: object = None
    kill_on_user_message: bool = True
    number: int = 0
    """Sequence number of the event that set it: unlike the name, never used twice."""

    @property
    def key(self) -> str:
        """Tells it from all others, also of a conversation that had the same id and was deleted."""
        return f"{self.number}-{self.due_at * 1000:.0f}"


def parse_due_time(text: str) -> float | None:
    """Seconds since the epoch of an ISO 8601 time; one without a zone is in UTC. None if it is no such time."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def list_entities(entities: object) -> tuple[Entity, ...]:
    """Entities as authors write them: a mapping of names to values, or a list with `entity` and `value`."""
    if _is_mapping(entities):
        return tuple(Entity(entity=str(name), value=value) for name, value in entities.items())
    return tuple(_list_members(entities)) if _is_list(entities) else ()


def _list_members(entities: list[Any]) -> Iterator[Entity]:  # `Any`: an action gives whatever JSON there is
    for item in entities:
        if _is_mapping(item) and item.get("entity"):
            role, group = item.get("role"), item.get("group")
            yield Entity(
                entity=str(item["entity"]),
                value=item.get("value"),
                role=str(role) if role is not None else None,
                group=str(group) if group is not None else None,
            )


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_mapping(value: object) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)
