"""Booking a table."""

import zlib

from duologue.sdk import Action, CollectingDispatcher, DomainDict, EventType, Tracker
from duologue.sdk.events import SlotSet


class BookTable(Action):
    """Book the table and give its number. Here you would call your own booking system."""

    def name(self) -> str:
        return "action_book_table"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        guests = int(tracker.get_slot("guests"))
        # The same conversation always gets the same number, so a repeated call books nothing new.
        number = zlib.crc32(tracker.sender_id.encode()) % 10_000
        return [SlotSet("booking_number", f"T{guests}-{number:04d}")]
