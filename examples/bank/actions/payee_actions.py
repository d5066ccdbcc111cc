"""Adding somebody to the list of payees."""

from duologue.sdk import Action, CollectingDispatcher, DomainDict, Tracker
from duologue.sdk.events import SlotSet

from . import ledger
from .conversation import Events, customer_of, text_of
from .iban import parse_iban
from .transfer_actions import validate_iban_slot


class ValidatePayeeIban(Action):
    """Accept an IBAN only if its check digits are right."""

    def name(self) -> str:
        return "validate_payee_iban"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        return validate_iban_slot("payee_iban", dispatcher, tracker)


class AddPayee(Action):
    """Save the payee. `payee_saved` says whether it worked."""

    def name(self) -> str:
        return "action_add_payee"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        name, iban = text_of(tracker, "payee_name"), parse_iban(text_of(tracker, "payee_iban"))
        if not name or iban is None:
            return [SlotSet("payee_saved", False)]
        ledger.add_payee(customer_of(tracker), ledger.Payee(name=name, iban=iban))
        return [SlotSet("payee_saved", True)]


class PrepareTransferToPayee(Action):
    """Hand the new payee over to the transfer that follows by a link.

    What `collect` filled is forgotten when a flow ends; what an action sets stays.
    """

    def name(self) -> str:
        return "action_prepare_transfer_to_payee"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        return [SlotSet("transfer_recipient", text_of(tracker, "payee_name"))]
