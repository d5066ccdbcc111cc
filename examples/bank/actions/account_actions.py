"""Balances and recent bookings."""

from duologue.sdk import Action, CollectingDispatcher, DomainDict, Tracker
from duologue.sdk.events import SlotSet

from . import ledger
from .conversation import Events, customer_of, text_of

BOOKINGS_SHOWN = 5


class LoadBalances(Action):
    """Put the accounts the customer asked about, or all of them, into the slot `balances`."""

    def name(self) -> str:
        return "action_load_balances"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        wanted = text_of(tracker, "balance_account")
        balances = [
            {"kind": account.kind, "balance": account.balance_cents / 100}
            for account in ledger.list_accounts(customer_of(tracker))
            if wanted in ("all", "", account.kind)
        ]
        return [SlotSet("balances", balances)]


class LoadTransactions(Action):
    """Put the latest bookings of one account into the slot `recent_transactions`."""

    def name(self) -> str:
        return "action_load_transactions"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        account = text_of(tracker, "transactions_account")
        bookings = ledger.list_bookings(customer_of(tracker), account, limit=BOOKINGS_SHOWN)
        return [
            SlotSet(
                "recent_transactions",
                [
                    {
                        "day": booking.day.isoformat(),
                        "counterparty": booking.counterparty,
                        "amount": booking.amount_cents / 100,
                    }
                    for booking in bookings
                ],
            )
        ]
