"""Payments that repeat."""

from datetime import date

from duologue.sdk import Action, CollectingDispatcher, DomainDict, Tracker
from duologue.sdk.events import SlotSet

from . import ledger
from .calendar_days import parse_day
from .conversation import Events, button, cents_of, customer_of, idempotency_key, text_of


class AskStandingOrderRecipient(Action):
    """Ask who gets the money, with a button for each known payee."""

    def name(self) -> str:
        return "action_ask_standing_order_recipient"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        buttons = [
            button(payee.name, standing_order_recipient=payee.name)
            for payee in ledger.list_payees(customer_of(tracker))
        ]
        dispatcher.utter_message(response="utter_choose_standing_order_recipient", buttons=buttons)
        return []


class ValidateStandingOrderRecipient(Action):
    """Accept only a known payee, and only when it is clear which one."""

    def name(self) -> str:
        return "validate_standing_order_recipient"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        payees = ledger.find_payees(customer_of(tracker), text_of(tracker, "standing_order_recipient"))
        if len(payees) == 1:
            return [SlotSet("standing_order_recipient", payees[0].name)]
        dispatcher.utter_message(
            response="utter_standing_order_recipient_several"
            if payees
            else "utter_standing_order_recipient_unknown"
        )
        return [SlotSet("standing_order_recipient", None)]


class ValidateStandingOrderFirstDate(Action):
    """Accept a day after today; keep it as `2031-12-24`."""

    def name(self) -> str:
        return "validate_standing_order_first_date"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        today = date.today()
        day = parse_day(text_of(tracker, "standing_order_first_date"), today, "future")
        if day is None:
            dispatcher.utter_message(response="utter_date_not_understood")
            return [SlotSet("standing_order_first_date", None)]
        if day <= today:
            dispatcher.utter_message(response="utter_first_date_not_in_future")
            return [SlotSet("standing_order_first_date", None)]
        return [SlotSet("standing_order_first_date", day.isoformat())]


class CreateStandingOrder(Action):
    """Set the standing order up. `standing_order_reference` is filled if and only if that worked."""

    def name(self) -> str:
        return "action_create_standing_order"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        customer, today = customer_of(tracker), date.today()
        payees = ledger.find_payees(customer, text_of(tracker, "standing_order_recipient"))
        first_day = parse_day(text_of(tracker, "standing_order_first_date"), today, "future")
        amount_cents = cents_of(tracker, "standing_order_amount")
        if len(payees) != 1 or first_day is None or first_day <= today or amount_cents <= 0:
            return [SlotSet("standing_order_reference", None)]
        reference = ledger.create_standing_order(
            customer,
            ledger.PaymentOrder(
                recipient=payees[0].name,
                iban=payees[0].iban,
                amount_cents=amount_cents,
                idempotency_key=idempotency_key(),
            ),
            ledger.Rhythm(frequency=text_of(tracker, "standing_order_frequency"), first_day=first_day),
        )
        return [SlotSet("standing_order_reference", reference)]
