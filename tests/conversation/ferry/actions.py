"""What the ferry company does. The harbour `nowhere` is out of order, `closed` makes the validation decline."""
# pyright: basic, reportMissingImports=false

import datetime
import os
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActionExecutionRejected, ConversationPaused, ReminderScheduled, SlotSet
from rasa_sdk.executor import CollectingDispatcher

OUT_OF_ORDER = "FERRY_IS_OUT_OF_ORDER"


class ValidateTicketForm(FormValidationAction):
    def name(self) -> str:
        return "validate_ticket_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> list[str]:
        return [*domain_slots, "plate"] if tracker.get_slot("with_car") else domain_slots

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        if os.environ.get(OUT_OF_ORDER):
            raise RuntimeError("the booking system is out of order")
        if tracker.get_slot("harbour") == "closed":
            return [SlotSet("harbour", None), ActionExecutionRejected("ticket_form")]
        return await super().run(dispatcher, tracker, domain)

    def extract_plate(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> dict[str, Any]:
        is_asked = tracker.get_slot("requested_slot") == "plate"
        return {"plate": tracker.latest_message["text"]} if is_asked else {}

    def validate_harbour(
        self, value: str, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> dict[str, Any]:
        if value in ("Grey Harbour", "Elm Island"):
            return {"harbour": value}
        dispatcher.utter_message(response="utter_no_such_harbour", harbour=value)
        return {"harbour": None}


class AskSeats(Action):
    def name(self) -> str:
        return "action_ask_seats"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        dispatcher.utter_message(text=f"How many seats to {tracker.get_slot('harbour')}?")
        return []


class IssueTicket(Action):
    def name(self) -> str:
        return "action_issue_ticket"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        return [SlotSet("plate", tracker.get_slot("plate") or "without a car")]


class LookOutside(Action):
    def name(self) -> str:
        return "action_look_outside"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        return [SlotSet("is_storm", "storm" in (tracker.latest_message.get("text") or ""))]


class CallLater(Action):
    def name(self) -> str:
        return "action_call_later"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        due = datetime.datetime.now() + datetime.timedelta(seconds=30)
        return [ReminderScheduled("nudge", trigger_date_time=due, name="call", kill_on_user_message=False)]


class HandOver(Action):
    def name(self) -> str:
        return "action_hand_over"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        return [ConversationPaused()]
