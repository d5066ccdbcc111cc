"""Showing, blocking and replacing cards."""

from duologue.sdk import Action, CollectingDispatcher, DomainDict, Tracker
from duologue.sdk.events import SlotSet

from . import service_desk
from .conversation import Events, button, customer_of, text_of

CARD_TITLES = {
    "en": {"debit": "Debit card", "credit": "Credit card"},
    "de": {"debit": "Girocard", "credit": "Kreditkarte"},
}


class LoadCards(Action):
    """Put the cards into the slot `cards`, and how many still work into `active_cards`."""

    def name(self) -> str:
        return "action_load_cards"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        cards = service_desk.list_cards(customer_of(tracker))
        return [
            SlotSet(
                "cards",
                [
                    {"kind": card.kind, "last_four": card.last_four, "is_blocked": card.is_blocked}
                    for card in cards
                ],
            ),
            SlotSet("active_cards", float(sum(not card.is_blocked for card in cards))),
        ]


class AskBlockedCard(Action):
    """Ask which card to block, with a button for each card that still works."""

    def name(self) -> str:
        return "action_ask_blocked_card"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        titles = CARD_TITLES.get(text_of(tracker, "language"), CARD_TITLES["en"])
        buttons = [
            button(f"{titles[card.kind]} {card.last_four}", blocked_card=card.last_four)
            for card in service_desk.list_cards(customer_of(tracker))
            if not card.is_blocked
        ]
        dispatcher.utter_message(response="utter_choose_card_to_block", buttons=buttons)
        return []


class ValidateBlockedCard(Action):
    """Accept a card of the customer that still works; keep its last four digits."""

    def name(self) -> str:
        return "validate_blocked_card"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        card = service_desk.find_card(customer_of(tracker), text_of(tracker, "blocked_card"))
        if card is None:
            dispatcher.utter_message(response="utter_card_unknown")
            return [SlotSet("blocked_card", None)]
        if card.is_blocked:
            dispatcher.utter_message(response="utter_card_already_blocked")
            return [SlotSet("blocked_card", None)]
        return [SlotSet("blocked_card", card.last_four)]


class BlockCard(Action):
    def name(self) -> str:
        return "action_block_card"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        customer = customer_of(tracker)
        card = service_desk.find_card(customer, text_of(tracker, "blocked_card"))
        if card is None:
            return [SlotSet("card_is_blocked", False)]
        service_desk.block_card(customer, card.last_four, text_of(tracker, "block_reason"))
        return [SlotSet("card_is_blocked", True)]


class OrderCard(Action):
    """Send a replacement to the address just given, or else to the one on file."""

    def name(self) -> str:
        return "action_order_card"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        customer = customer_of(tracker)
        card = service_desk.find_card(customer, text_of(tracker, "blocked_card"))
        if tracker.get_slot("address_on_file_is_right"):
            address = service_desk.get_address(customer)
        else:
            address = service_desk.Address(
                street=text_of(tracker, "new_street"),
                postcode=text_of(tracker, "new_postcode"),
                city=text_of(tracker, "new_city"),
            )
        if card is not None:
            service_desk.order_replacement_card(customer, card.last_four, address)
        return [SlotSet("card_sent_to", str(address))]
