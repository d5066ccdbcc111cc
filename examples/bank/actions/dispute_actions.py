"""Questioning a payment."""

from datetime import date

from duologue.sdk import Action, CollectingDispatcher, DomainDict, Tracker
from duologue.sdk.events import SlotSet

from . import ledger, service_desk
from .bank_database import Customer
from .calendar_days import parse_day
from .conversation import Events, button, customer_of, text_of

PAYMENTS_OFFERED = 5
PAYMENTS_SEARCHED = 50


class AskDisputedPayment(Action):
    """Ask which payment is meant, with a button for each recent one."""

    def name(self) -> str:
        return "action_ask_disputed_payment"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        buttons = [
            button(
                f"{payment.counterparty}, {-payment.amount_cents / 100:.2f} EUR",
                disputed_payment=payment.reference,
            )
            for payment in recent_payments(customer_of(tracker))[:PAYMENTS_OFFERED]
        ]
        dispatcher.utter_message(response="utter_choose_disputed_payment", buttons=buttons)
        return []


class ValidateDisputedPayment(Action):
    """Accept a reference number or the name of the shop; keep the reference number."""

    def name(self) -> str:
        return "validate_disputed_payment"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        payment = find_payment(customer_of(tracker), text_of(tracker, "disputed_payment"))
        if payment is None:
            dispatcher.utter_message(response="utter_payment_unknown")
            return [SlotSet("disputed_payment", None)]
        return [
            SlotSet("disputed_payment", payment.reference),
            SlotSet("disputed_counterparty", payment.counterparty),
        ]


class ValidateDisputeNoticedOn(Action):
    """Accept a day that is not in the future; keep it as `2031-12-24`."""

    def name(self) -> str:
        return "validate_dispute_noticed_on"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        today = date.today()
        day = parse_day(text_of(tracker, "dispute_noticed_on"), today, "past")
        if day is None:
            dispatcher.utter_message(response="utter_date_not_understood")
            return [SlotSet("dispute_noticed_on", None)]
        if day > today:
            dispatcher.utter_message(response="utter_noticed_date_in_future")
            return [SlotSet("dispute_noticed_on", None)]
        return [SlotSet("dispute_noticed_on", day.isoformat())]


class OpenDispute(Action):
    """Open the case. `dispute_case` is filled if and only if that worked."""

    def name(self) -> str:
        return "action_open_dispute"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        customer = customer_of(tracker)
        payment = find_payment(customer, text_of(tracker, "disputed_payment"))
        noticed_on = parse_day(text_of(tracker, "dispute_noticed_on"), date.today(), "past")
        if payment is None or noticed_on is None:
            return [SlotSet("dispute_case", None)]
        case = service_desk.open_dispute(
            customer,
            service_desk.Dispute(
                booking_reference=payment.reference,
                reason=text_of(tracker, "dispute_reason"),
                noticed_on=noticed_on,
                email=text_of(tracker, "contact_email"),
            ),
        )
        return [SlotSet("dispute_case", case)]


def recent_payments(customer: Customer) -> list[ledger.Booking]:
    """What left the current account, newest first."""
    bookings = ledger.list_bookings(customer, "current", limit=PAYMENTS_SEARCHED)
    return [booking for booking in bookings if booking.amount_cents < 0]


def find_payment(customer: Customer, text: str) -> ledger.Booking | None:
    """The newest payment with this reference number, or to a shop whose name shares a word with the text."""
    words = {word for word in text.casefold().split() if len(word) > 2}
    payments = recent_payments(customer)
    for payment in payments:
        if payment.reference.casefold() == text.casefold():
            return payment
    for payment in payments:
        if words & set(payment.counterparty.casefold().split()):
            return payment
    return None
