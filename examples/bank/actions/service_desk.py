"""Everything that is not about moving money: cards, disputes, addresses, callbacks and branches."""

import re
from dataclasses import dataclass
from datetime import date

from .bank_database import BankDatabase, Customer

# What customers call their cards, in the languages of this assistant.
CARD_WORDS = {
    "debit": ("debit", "girocard", "girokarte", "bankkarte", "ec-karte", "ec karte", "cash card"),
    "credit": ("credit", "kreditkarte", "kredit"),
}


@dataclass(frozen=True, kw_only=True)
class Card:
    last_four: str
    kind: str
    is_blocked: bool


@dataclass(frozen=True, kw_only=True)
class Address:
    street: str
    postcode: str
    city: str

    def __str__(self) -> str:
        return f"{self.street}, {self.postcode} {self.city}"


@dataclass(frozen=True, kw_only=True)
class Dispute:
    booking_reference: str
    reason: str
    noticed_on: date
    email: str


@dataclass(frozen=True, kw_only=True)
class Branch:
    city: str
    street: str
    weekday_hours: str
    saturday_hours: str | None
    """None where the branch is closed on Saturdays."""


def list_cards(customer: Customer) -> list[Card]:
    with customer.transaction() as rows:
        found = rows.execute(
            "SELECT last_four, kind, blocked_because FROM cards WHERE customer_id = ? ORDER BY rowid",
            (customer.id,),
        ).fetchall()
    return [
        Card(last_four=row["last_four"], kind=row["kind"], is_blocked=row["blocked_because"] is not None)
        for row in found
    ]


def find_card(customer: Customer, text: str) -> Card | None:
    """The card meant by its last four digits, or by "credit card", "Girocard" and the like."""
    digits = re.sub(r"\D", "", text)[-4:]
    words = text.casefold()
    for card in list_cards(customer):
        if card.last_four == digits or (not digits and any(word in words for word in CARD_WORDS[card.kind])):
            return card
    return None


def block_card(customer: Customer, last_four: str, reason: str) -> None:
    """Block a card. The first reason stays when a blocked card is blocked again."""
    with customer.transaction() as rows:
        rows.execute(
            "UPDATE cards SET blocked_because = COALESCE(blocked_because, ?)"
            " WHERE customer_id = ? AND last_four = ?",
            (reason, customer.id, last_four),
        )


def order_replacement_card(customer: Customer, last_four: str, address: Address) -> None:
    """Send a new card in place of a blocked one; a second order only changes where it goes."""
    with customer.transaction() as rows:
        rows.execute(
            "UPDATE cards SET replacement_sent_to = ? WHERE customer_id = ? AND last_four = ?",
            (str(address), customer.id, last_four),
        )


def get_address(customer: Customer) -> Address:
    with customer.transaction() as rows:
        row = rows.execute(
            "SELECT street, postcode, city FROM customers WHERE id = ?", (customer.id,)
        ).fetchone()
    return Address(street=row["street"], postcode=row["postcode"], city=row["city"])


def save_address(customer: Customer, address: Address) -> None:
    with customer.transaction() as rows:
        rows.execute(
            "UPDATE customers SET street = ?, postcode = ?, city = ? WHERE id = ?",
            (address.street, address.postcode, address.city, customer.id),
        )


def open_dispute(customer: Customer, dispute: Dispute) -> str:
    """Open a case for a booking and return its number; a booking has one case, however often it is reported."""
    with customer.transaction() as rows:
        rows.execute(
            "INSERT INTO disputes (customer_id, booking_reference, reason, noticed_on, email)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (customer_id, booking_reference) DO UPDATE"
            " SET reason = excluded.reason, noticed_on = excluded.noticed_on, email = excluded.email",
            (
                customer.id,
                dispute.booking_reference,
                dispute.reason,
                dispute.noticed_on.isoformat(),
                dispute.email,
            ),
        )
        case = rows.execute(
            "SELECT id FROM disputes WHERE customer_id = ? AND booking_reference = ?",
            (customer.id, dispute.booking_reference),
        ).fetchone()
    return f"DP-{case['id']:06d}"


def request_callback(customer: Customer, phone: str) -> None:
    """Ask for a call; the same number is noted once."""
    with customer.transaction() as rows:
        rows.execute(
            "INSERT OR IGNORE INTO callbacks (customer_id, phone) VALUES (?, ?)", (customer.id, phone)
        )


def find_branch(database: BankDatabase, city: str) -> Branch | None:
    with database.transaction() as rows:
        row = rows.execute("SELECT * FROM branches WHERE city = ?", (city.casefold(),)).fetchone()
    if row is None:
        return None
    return Branch(
        city=row["city"].title(),
        street=row["street"],
        weekday_hours=row["weekday_hours"],
        saturday_hours=row["saturday_hours"],
    )
