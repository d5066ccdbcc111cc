"""Repairs: booked, looked up, handed to a colleague. Here you would call your own systems."""
# pyright: basic, reportMissingImports=false

import zlib

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

STATES = {"1": "ready", "2": "waiting"}
"""What the first digit of a repair's number tells."""


class BookRepair(Action):
    """Book the repair and give its number."""

    def name(self) -> str:
        return "action_book_repair"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        # The same conversation always gets the same number, so a repeated call books nothing new.
        number = zlib.crc32(tracker.sender_id.encode()) % 1000
        return [SlotSet("ticket", f"R-2{number:03d}")]


class LookUpRepair(Action):
    """Put into `repair_state` how far a repair is."""

    def name(self) -> str:
        return "action_look_up_repair"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        ticket = str(tracker.get_slot("ticket") or "").upper()
        digits = ticket.removeprefix("R-")
        return [SlotSet("repair_state", STATES.get(digits[:1], "unknown"))]


class AskColleague(Action):
    """Leave a note for a colleague."""

    def name(self) -> str:
        return "action_ask_colleague"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        return []
