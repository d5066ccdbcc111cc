"""The actions of a flower shop, as somebody writes them who knows `rasa_sdk` only."""
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
# `rasa_sdk` is in the environment of the server that loads this file.

import asyncio
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker, ValidationAction
from rasa_sdk.events import AllSlotsReset, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

PRICES = {"rose": 3.5, "tulip": 1.25, "lily": 4.0}


class ValidateFlower(Action):
    def name(self) -> str:
        return "validate_flower"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        flower = str(tracker.get_slot("flower")).lower().removesuffix("s")
        if flower in PRICES:
            return [SlotSet("flower", flower)]
        dispatcher.utter_message(response="utter_no_such_flower", name=flower)
        return [SlotSet("flower", None)]


class ValidateCount(Action):
    def name(self) -> str:
        return "validate_count"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        count = tracker.get_slot("count")
        if count is not None and 0 < count <= 50:
            return []
        dispatcher.utter_message(text=f"{count:g} flowers? We sell up to 50.")
        return [SlotSet("count", None)]


class AskWrapping(Action):
    def name(self) -> str:
        return "action_ask_wrapping"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        wrappings = domain["slots"]["wrapping"]["values"]
        buttons = [
            {"title": name.capitalize(), "payload": f"/SetSlots(wrapping={name})"} for name in wrappings
        ]
        dispatcher.utter_message(text="How shall we wrap them?", buttons=buttons)
        return []


class TakeOrder(Action):
    def name(self) -> str:
        return "action_take_order"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        price = PRICES[tracker.get_slot("flower")] * tracker.get_slot("count")
        dispatcher.utter_message(response="utter_ordered", total=price)
        said = [event["text"] for event in tracker.events if event["event"] == "user"]
        receipt = {
            "customer": tracker.sender_id,
            "lines": [{"flower": tracker.get_slot("flower"), "price": price}],
            "messages": len(said),
            "latest": tracker.latest_message["text"],
            "channel": tracker.get_latest_input_channel(),
        }
        return [SlotSet("price", price), SlotSet("receipt", receipt)]


class GreetVisitor(Action):
    def name(self) -> str:
        return "action_greet_visitor"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        visits = tracker.get_slot("visits") + 1
        dispatcher.utter_message(response="utter_at_the_door", visitor=f"visitor {visits:g}")
        return [AllSlotsReset(), SlotSet("visits", visits)]


class PraiseFlower(Action):
    def name(self) -> str:
        return "action_praise_flower"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        dispatcher.utter_message(
            text="A fine choice.",
            image="https://flowers.example/rose.png",
            attachment="https://flowers.example/care.pdf",
            json_message={"card": {"kind": "flower", "stars": 5}},
        )
        dispatcher.utter_message(elements=[{"title": "Rose", "subtitle": "Red"}])
        return []


class LookClosed(Action):
    def name(self) -> str:
        return "action_look_closed"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        raise ActionExecutionRejection(self.name(), "The shop is closed.")


class SpillWater(Action):
    def name(self) -> str:
        return "action_spill_water"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        raise RuntimeError("Water everywhere.")


class TellOfRoses(Action):
    def name(self) -> str:
        return "action_tell_of_roses"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        await dispatcher.stream_start()
        for word in ("A rose ", "is a rose ", "is a rose."):
            await dispatcher.stream_chunk(text=word)
        await dispatcher.stream_end()
        dispatcher.utter_message(text="So they say.")
        return [SlotSet("flower", "rose")]


class Whistle(Action):
    def name(self) -> str:
        return "action_whistle"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        tones = 0
        await dispatcher.stream_start()
        while tones < 400 and not dispatcher.is_streaming_cancelled:
            await dispatcher.stream_chunk(text="la ")
            tones += 1
            await asyncio.sleep(0.02)
        await dispatcher.stream_end()
        return [SlotSet("price", tones)]


class ValidateOrderForm(FormValidationAction):
    """Called as an assistant with forms calls it."""

    def name(self) -> str:
        return "validate_order_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        return [*domain_slots, "wrapping"] if tracker.get_slot("count") else domain_slots

    def validate_flower(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        if value in PRICES:
            return {"flower": value}
        dispatcher.utter_message(response="utter_no_such_flower", name=value)
        return {"flower": None}

    def validate_count(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        return {"count": min(value, 50)}


class ValidateSlots(ValidationAction):
    """Called after each message, where slots are filled by rules of the domain."""

    def extract_flower(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        words = tracker.latest_message.get("text", "").split()
        return {"flower": next((word for word in words if word in PRICES), None)}


class LeaveTheShop(Action):
    def name(self) -> str:
        return "action_leave_the_shop"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        return [FollowupAction("action_listen")]
