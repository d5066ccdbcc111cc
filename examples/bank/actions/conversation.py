"""What an action needs to know about the conversation it works for."""

from duologue.sdk import EventType, Tracker, current_call

from .bank_database import Customer, open_bank

Events = list[EventType]


def customer_of(tracker: Tracker) -> Customer:
    return open_bank().customer(tracker.sender_id)


def idempotency_key() -> str | None:
    """The key of the running call: the same again when the call is repeated after a failure."""
    return current_call().idempotency_key


def text_of(tracker: Tracker, slot: str) -> str:
    """The value of a text slot; an empty slot reads as an empty text."""
    return str(tracker.get_slot(slot) or "").strip()


def cents_of(tracker: Tracker, slot: str) -> int:
    """The amount in a float slot, in whole cents."""
    return round(float(tracker.get_slot(slot) or 0) * 100)


def button(title: str, **slots: str) -> dict[str, str]:
    """A button that fills slots without any guessing. A comma or a bracket would end the value early."""
    values = ", ".join(f"{name}={_plain(value)}" for name, value in slots.items())
    return {"title": title, "payload": f"/SetSlots({values})"}


def _plain(value: str) -> str:
    return value.translate(str.maketrans("", "", "(),="))
