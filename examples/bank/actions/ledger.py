"""Accounts, payees and payments. Amounts are whole cents; every payment happens completely or not at all."""

import re
import sqlite3
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .bank_database import Customer

DAILY_LIMIT_CENTS = 500_000


@dataclass(frozen=True, kw_only=True)
class Account:
    kind: str
    iban: str
    balance_cents: int


@dataclass(frozen=True, kw_only=True)
class Payee:
    name: str
    iban: str


@dataclass(frozen=True, kw_only=True)
class Booking:
    reference: str
    day: date
    counterparty: str
    amount_cents: int


@dataclass(frozen=True, kw_only=True)
class PaymentOrder:
    """Who gets how much. The key makes a repeated order harmless: it is carried out once."""

    recipient: str
    iban: str
    amount_cents: int
    idempotency_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """When a standing order pays."""

    frequency: str
    first_day: date


class Funds(StrEnum):
    """May the customer send this much today?"""

    ENOUGH = "enough"
    TOO_LITTLE = "too_little"
    OVER_DAILY_LIMIT = "over_daily_limit"


class PaymentRefusedError(Exception):
    """The payment was not made; `funds` says why."""

    def __init__(self, funds: Funds) -> None:
        super().__init__(f"The payment was refused: {funds}.")
        self.funds = funds


def list_accounts(customer: Customer) -> list[Account]:
    with customer.transaction() as rows:
        found = rows.execute(
            "SELECT kind, iban, balance_cents FROM accounts WHERE customer_id = ? ORDER BY id", (customer.id,)
        ).fetchall()
    return [Account(kind=row["kind"], iban=row["iban"], balance_cents=row["balance_cents"]) for row in found]


def list_bookings(customer: Customer, account_kind: str, *, limit: int) -> list[Booking]:
    """The latest bookings of an account, newest first."""
    with customer.transaction() as rows:
        found = rows.execute(
            "SELECT reference, day, counterparty, amount_cents FROM bookings WHERE account_id ="
            " (SELECT id FROM accounts WHERE customer_id = ? AND kind = ?)"
            " ORDER BY day DESC, reference DESC LIMIT ?",
            (customer.id, account_kind, limit),
        ).fetchall()
    return [
        Booking(
            reference=row["reference"],
            day=date.fromisoformat(row["day"]),
            counterparty=row["counterparty"],
            amount_cents=row["amount_cents"],
        )
        for row in found
    ]


def list_payees(customer: Customer) -> list[Payee]:
    with customer.transaction() as rows:
        found = rows.execute(
            "SELECT name, iban FROM payees WHERE customer_id = ? ORDER BY rowid", (customer.id,)
        ).fetchall()
    return [Payee(name=row["name"], iban=row["iban"]) for row in found]


def find_payees(customer: Customer, name: str) -> list[Payee]:
    """The payees meant by a name: those with exactly this name, else those with all of its words."""
    wanted = _words(name)
    payees = list_payees(customer)
    exact = [payee for payee in payees if _words(payee.name) == wanted]
    return exact or [payee for payee in payees if wanted and set(wanted) <= set(_words(payee.name))]


def _words(name: str) -> list[str]:
    """A name without its punctuation, which people leave out and buttons cannot carry."""
    return re.findall(r"\w+", name.casefold())


def add_payee(customer: Customer, payee: Payee) -> None:
    """Add a payee; one that is known by this IBAN gets the new name."""
    with customer.transaction() as rows:
        rows.execute(
            "INSERT INTO payees VALUES (?, ?, ?) ON CONFLICT (customer_id, iban) DO UPDATE SET name = excluded.name",
            (customer.id, payee.name, payee.iban),
        )


def check_funds(customer: Customer, amount_cents: int, today: date) -> Funds:
    with customer.transaction() as rows:
        return _check_funds(rows, customer.id, amount_cents, today)


def left_to_send_cents(customer: Customer, today: date) -> int:
    """How much of today's limit is left."""
    with customer.transaction() as rows:
        return DAILY_LIMIT_CENTS - _sent_cents(rows, customer.id, today)


def transfer(customer: Customer, order: PaymentOrder, today: date) -> str:
    """Send money from the current account and return the reference number of the transfer.

    An order whose key was carried out before returns the reference of that time and moves nothing.
    Raises `PaymentRefusedError` if the balance or the daily limit does not allow it.
    """
    with customer.transaction() as rows:
        if done := _find_by_key(rows, "transfers", order.idempotency_key):
            return f"TR-{done:06d}"
        funds = _check_funds(rows, customer.id, order.amount_cents, today)
        if funds is not Funds.ENOUGH:
            raise PaymentRefusedError(funds)
        added = rows.execute(
            "INSERT INTO transfers (customer_id, idempotency_key, recipient, iban, amount_cents, day)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                customer.id,
                order.idempotency_key,
                order.recipient,
                order.iban,
                order.amount_cents,
                today.isoformat(),
            ),
        )
        reference = f"TR-{added.lastrowid:06d}"
        _settle(rows, customer.id, order, reference, today)
    return reference


def create_standing_order(customer: Customer, order: PaymentOrder, rhythm: Rhythm) -> str:
    """Set up a repeated payment and return its reference number. A repeated key sets up nothing new."""
    with customer.transaction() as rows:
        if done := _find_by_key(rows, "standing_orders", order.idempotency_key):
            return f"SO-{done:06d}"
        added = rows.execute(
            "INSERT INTO standing_orders"
            " (customer_id, idempotency_key, recipient, iban, amount_cents, frequency, first_day)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                customer.id,
                order.idempotency_key,
                order.recipient,
                order.iban,
                order.amount_cents,
                rhythm.frequency,
                rhythm.first_day.isoformat(),
            ),
        )
    return f"SO-{added.lastrowid:06d}"


def _check_funds(rows: sqlite3.Connection, customer_id: int, amount_cents: int, today: date) -> Funds:
    balance = rows.execute(
        "SELECT balance_cents FROM accounts WHERE customer_id = ? AND kind = 'current'", (customer_id,)
    ).fetchone()["balance_cents"]
    if _sent_cents(rows, customer_id, today) + amount_cents > DAILY_LIMIT_CENTS:
        return Funds.OVER_DAILY_LIMIT
    return Funds.ENOUGH if amount_cents <= balance else Funds.TOO_LITTLE


def _sent_cents(rows: sqlite3.Connection, customer_id: int, today: date) -> int:
    return rows.execute(
        "SELECT COALESCE(SUM(amount_cents), 0) AS sent FROM transfers WHERE customer_id = ? AND day = ?",
        (customer_id, today.isoformat()),
    ).fetchone()["sent"]


def _find_by_key(rows: sqlite3.Connection, table: str, idempotency_key: str | None) -> int | None:
    found = rows.execute(
        f"SELECT id FROM {table} WHERE idempotency_key = ?",
        (idempotency_key,),
    ).fetchone()
    return found["id"] if found else None


def _settle(
    rows: sqlite3.Connection, customer_id: int, order: PaymentOrder, reference: str, day: date
) -> None:
    """Take the money from the current account; an account of the same customer receives it at once."""
    _book(
        rows,
        customer_id,
        "current",
        Booking(reference=reference, day=day, counterparty=order.recipient, amount_cents=-order.amount_cents),
    )
    own = rows.execute(
        "SELECT kind FROM accounts WHERE customer_id = ? AND iban = ?", (customer_id, order.iban)
    ).fetchone()
    if own is not None:
        _book(
            rows,
            customer_id,
            own["kind"],
            Booking(
                reference=reference,
                day=day,
                counterparty="From current account",
                amount_cents=order.amount_cents,
            ),
        )


def _book(rows: sqlite3.Connection, customer_id: int, account_kind: str, booking: Booking) -> None:
    account_id = rows.execute(
        "UPDATE accounts SET balance_cents = balance_cents + ? WHERE customer_id = ? AND kind = ? RETURNING id",
        (booking.amount_cents, customer_id, account_kind),
    ).fetchone()["id"]
    rows.execute(
        "INSERT INTO bookings VALUES (?, ?, ?, ?, ?, ?)",
        (
            customer_id,
            account_id,
            booking.reference,
            booking.day.isoformat(),
            booking.counterparty,
            booking.amount_cents,
        ),
    )
