"""What the desk does besides bookings: sessions, orders, prices, reminders and a person to talk to."""
# pyright: basic, reportMissingImports=false, reportMissingTypeStubs=false
# `rasa_sdk` is whichever package of that name is there when an action server loads this file.

import datetime
from typing import Any

from rasa_sdk import Action, Tracker, ValidationAction
from rasa_sdk.events import (
    ActionExecuted,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    FollowupAction,
    ReminderCancelled,
    ReminderScheduled,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
)
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from rasa_sdk.types import DomainDict

SHELVES = {"R123": "A3", "R321": "B1"}
REMINDER = "pick up"


class StartSession(Action):
    """Begins every session with the customer's name, and keeps what was known."""

    def name(self) -> str:
        return "action_session_start"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        known = tracker.get_slot("customer")
        return [
            SessionStarted(),
            SlotSet("customer", known or "dear guest"),
            ActionExecuted("action_listen"),
        ]


class ValidateSlots(ValidationAction):
    """Judges slots that are filled outside of forms."""

    def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        if len(value) == len("R123"):
            return {"order_number": value}
        dispatcher.utter_message(text=f"An order number has three digits, {value} does not.")
        return {"order_number": None}


class CheckOrder(Action):
    """Finds an order's shelf, and does not want to run without a number."""

    def name(self) -> str:
        return "action_check_order"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        number = tracker.get_slot("order_number")
        if number is None:
            raise ActionExecutionRejection(self.name(), "There is no order number.")
        shelf = SHELVES.get(number, "none")
        dispatcher.utter_message(response="utter_shelf", shelf=shelf)
        return [SlotSet("order_shelf", {"number": number, "shelf": shelf}), SlotSet("order_number", None)]


class SayPrices(Action):
    """Says one message of every kind."""

    def name(self) -> str:
        return "action_prices"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="A check costs 20 €.", image="https://spoke.example/check.png")
        dispatcher.utter_message(json_message={"prices": {"check": 20, "wheel": 35.5, "free": None}})
        dispatcher.utter_message(text="All of them:", attachment="https://spoke.example/prices.pdf")
        return []


class TalkToHuman(Action):
    """Says who comes next, in an action of its own."""

    def name(self) -> str:
        return "action_talk_to_human"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="I fetch somebody.")
        return [FollowupAction("action_queue_position")]


class SayQueuePosition(Action):
    """Counts the questions so far."""

    def name(self) -> str:
        return "action_queue_position"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        asked = sum(event["event"] == "user" for event in tracker.events)
        dispatcher.utter_message(
            text=f"You asked {asked} times and are the next, {tracker.get_slot('customer')}."
        )
        return []


class TakeOver(Action):
    """Puts a person's words on record, and keeps quiet from then on."""

    def name(self) -> str:
        return "action_take_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="You are in good hands.")
        return [BotUttered("Ada speaking.", {"custom": {"of": "Ada"}}, {"desk": 1}), ConversationPaused()]


class RemindMe(Action):
    """Plans a reminder for the next second."""

    def name(self) -> str:
        return "action_remind_me"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="I will.")
        soon = datetime.datetime.now() + datetime.timedelta(seconds=1)
        return [
            ReminderScheduled(
                "pick_up_time",
                trigger_date_time=soon,
                entities=[{"entity": "bike", "value": "tandem"}],
                name=REMINDER,
                kill_on_user_message=False,
            )
        ]


class Remind(Action):
    """Reminds."""

    def name(self) -> str:
        return "action_remind"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(text=f"Time to pick up your {tracker.get_slot('bike')}.")
        return []


class ForgetReminder(Action):
    """Takes a reminder back."""

    def name(self) -> str:
        return "action_forget_reminder"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="Forgotten.")
        return [ReminderCancelled(name=REMINDER)]


class StartOver(Action):
    """Empties every slot."""

    def name(self) -> str:
        return "action_start_over"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="From the beginning, then.")
        return [AllSlotsReset()]


class TakeBack(Action):
    """Makes the last message unsaid."""

    def name(self) -> str:
        return "action_misheard"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        return [UserUtteranceReverted()]


class Break(Action):
    """Fails."""

    def name(self) -> str:
        return "action_broken"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="This is never heard.")
        raise RuntimeError("The truing stand fell over.")
