"""Booking a repair: a form that checks what it is told, and asks for more where a bike needs it."""
# pyright: basic, reportMissingImports=false, reportMissingTypeStubs=false
# `rasa_sdk` is whichever package of that name is there when an action server loads this file.

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

WORKING_DAYS = ("Monday", "Wednesday", "Friday")


class AskForDay(Action):
    """Asks with a button for each day that the workshop is open."""

    def name(self) -> str:
        return "action_ask_booking_form_day"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        buttons = [{"title": day, "payload": day} for day in WORKING_DAYS]
        dispatcher.utter_message(text=f"Which day suits your {tracker.get_slot('bike')}?", buttons=buttons)
        return []


class ValidateBookingForm(FormValidationAction):
    """Judges each answer; an electric bike needs one question more."""

    def name(self) -> str:
        return "validate_booking_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        if not tracker.get_slot("electric"):
            return domain_slots
        return [*domain_slots[:-1], "battery", domain_slots[-1]]

    async def extract_battery(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        if tracker.get_slot("requested_slot") != "battery":
            return {}
        return {"battery": tracker.latest_message.get("text")}

    def validate_battery(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        try:
            return {"battery": float(value)}
        except ValueError:
            dispatcher.utter_message(text="A number, please.")
            return {"battery": None}

    def validate_bike(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        if value == "unicycle":
            dispatcher.utter_message(text="We do not mend unicycles.")
            return {"bike": None}
        return {"bike": value.lower()}

    async def validate_day(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        for day in WORKING_DAYS:
            if value.lower() == day.lower():
                return {"day": day}
        dispatcher.utter_message(text=f"We are closed on {value}.")
        return {"day": None}

    def validate_phone(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        digits = "".join(character for character in value if character.isdigit())
        return {"phone": digits or None}


class BookRepair(Action):
    """Books, says so by a response of the domain, and empties the form."""

    def name(self) -> str:
        return "action_book_repair"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        taken = [name for name in ("bike", "day", "electric", "battery", "phone") if name in tracker.slots]
        booking = {name: tracker.get_slot(name) for name in taken}
        dispatcher.utter_message(response="utter_booked", number=len(str(booking["phone"])))
        return [SlotSet("booking", booking), *(SlotSet(name, None) for name in taken)]


class StopBooking(Action):
    """Leaves the form."""

    def name(self) -> str:
        return "action_stop_booking"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_stopped")
        return [ActiveLoop(None), SlotSet("requested_slot", None)]
