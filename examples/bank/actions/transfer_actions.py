"""Sending money once: who, whether it is possible, and the transfer itself."""

from datetime import date

from duologue.sdk import Action, CollectingDispatcher, DomainDict, Tracker
from duologue.sdk.events import SlotSet

from . import ledger
from .conversation import Events, button, cents_of, customer_of, idempotency_key, text_of
from .iban import format_iban, parse_iban


class AskTransferRecipient(Action):
    """Ask who gets the money, with a button for each known payee."""

    def name(self) -> str:
        return "action_ask_transfer_recipient"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        buttons = [
            button(payee.name, transfer_recipient=payee.name)
            for payee in ledger.list_payees(customer_of(tracker))
        ]
        dispatcher.utter_message(response="utter_choose_transfer_recipient", buttons=buttons)
        return []


class FindRecipient(Action):
    """Look the recipient up among the payees: `recipient_status` says known, several or unknown."""

    def name(self) -> str:
        return "action_find_recipient"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        payees = ledger.find_payees(customer_of(tracker), text_of(tracker, "transfer_recipient"))
        match payees:
            case [payee]:
                return [
                    SlotSet("recipient_status", "known"),
                    SlotSet("transfer_recipient", payee.name),
                    SlotSet("transfer_iban", format_iban(payee.iban)),
                ]
            case []:
                # An IBAN given for somebody else must never be used for this recipient: ask for it again.
                return [SlotSet("recipient_status", "unknown"), SlotSet("transfer_iban", None)]
            case _:
                names = " / ".join(payee.name for payee in payees)
                return [SlotSet("recipient_status", "several"), SlotSet("recipient_candidates", names)]


class ValidateTransferIban(Action):
    """Accept an IBAN only if its check digits are right."""

    def name(self) -> str:
        return "validate_transfer_iban"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        return validate_iban_slot("transfer_iban", dispatcher, tracker)


class CheckFunds(Action):
    """Say in `funds_status` whether the amount can be sent today."""

    def name(self) -> str:
        return "action_check_funds"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        customer, today = customer_of(tracker), date.today()
        funds = ledger.check_funds(customer, cents_of(tracker, "transfer_amount"), today)
        left = ledger.left_to_send_cents(customer, today) / 100
        return [SlotSet("funds_status", funds.value), SlotSet("left_to_send_today", left)]


class ExecuteTransfer(Action):
    """Send the money. `transfer_reference` is filled if and only if it was sent."""

    def name(self) -> str:
        return "action_execute_transfer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        iban = parse_iban(text_of(tracker, "transfer_iban"))
        amount_cents = cents_of(tracker, "transfer_amount")
        if iban is None or amount_cents <= 0:
            return [SlotSet("transfer_reference", None)]
        order = ledger.PaymentOrder(
            recipient=text_of(tracker, "transfer_recipient"),
            iban=iban,
            amount_cents=amount_cents,
            idempotency_key=idempotency_key(),
        )
        try:
            reference = ledger.transfer(customer_of(tracker), order, date.today())
        except ledger.PaymentRefusedError:
            return [SlotSet("transfer_reference", None)]
        return [SlotSet("transfer_reference", reference)]


def validate_iban_slot(slot: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Keep a right IBAN in its printed form; empty the slot and say so for a wrong one."""
    iban = parse_iban(text_of(tracker, slot))
    if iban is None:
        dispatcher.utter_message(response="utter_iban_invalid")
        return [SlotSet(slot, None)]
    return [SlotSet(slot, format_iban(iban))]
