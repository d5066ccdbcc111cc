"""The customer's postal address."""

import re

from duologue.sdk import Action, CollectingDispatcher, DomainDict, Tracker
from duologue.sdk.events import SlotSet

from . import service_desk
from .conversation import Events, customer_of, text_of


class LoadAddress(Action):
    """Put the address the bank knows into `address_on_file`."""

    def name(self) -> str:
        return "action_load_address"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        return [SlotSet("address_on_file", str(service_desk.get_address(customer_of(tracker))))]


class ValidateNewPostcode(Action):
    """Accept a German postcode: five digits, from 01000 on."""

    def name(self) -> str:
        return "validate_new_postcode"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        postcode = re.sub(r"^(D|DE)-|\s", "", text_of(tracker, "new_postcode").upper())
        if not re.fullmatch(r"(?!00)\d{5}", postcode, re.ASCII):
            dispatcher.utter_message(response="utter_postcode_invalid")
            return [SlotSet("new_postcode", None)]
        return [SlotSet("new_postcode", postcode)]


class SaveAddress(Action):
    def name(self) -> str:
        return "action_save_address"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        address = service_desk.Address(
            street=text_of(tracker, "new_street"),
            postcode=text_of(tracker, "new_postcode"),
            city=text_of(tracker, "new_city"),
        )
        service_desk.save_address(customer_of(tracker), address)
        return [SlotSet("address_on_file", str(address))]
