"""What a new demo customer owns, and where the bank has branches."""

import sqlite3
from datetime import date, timedelta

from .iban import german_iban

BANK_CODE = "10099900"
OTHER_BANK_CODE = "20088800"

PAYEES = (
    ("Anna Keller", 7_310_224),
    ("Ben Okafor", 4_415_901),
    ("Ben Lindqvist", 6_820_117),
    ("Riverside Gym", 1_200_558),
)
CARDS = (("4821", "debit"), ("7730", "credit"))
CURRENT_BOOKINGS = (
    # days ago, reference, counterparty, cents
    (1, "B-1008", "Corner Bakery", -640),
    (2, "B-1007", "Northlight Electronics", -12_900),
    (3, "B-1006", "City Transport", -4_900),
    (5, "B-1005", "Green Basket Market", -5_235),
    (9, "B-1004", "Riverside Gym", -3_500),
    (12, "B-1003", "Halden & Sons Payroll", 268_000),
    (14, "B-1002", "Weber Property Rent", -98_000),
    (16, "B-1001", "Streamhouse", -1_299),
)
SAVINGS_BOOKINGS = (
    (12, "S-2002", "From current account", 20_000),
    (30, "S-2001", "Interest", 1_366),
)
ACCOUNTS = (
    # kind, opening balance in cents, bookings
    ("current", 245_075, CURRENT_BOOKINGS),
    ("savings", 820_000, SAVINGS_BOOKINGS),
)
BRANCHES = (
    ("berlin", "Lindenstrasse 14", "09:00-18:00", "10:00-14:00"),
    ("hamburg", "Hafenplatz 3", "09:00-17:30", "10:00-13:00"),
    ("leipzig", "Am Markt 22", "09:30-17:00", None),
    ("bremen", "Wallweg 8", "09:00-16:30", None),
)


def add_branches(rows: sqlite3.Connection) -> None:
    rows.executemany("INSERT OR REPLACE INTO branches VALUES (?, ?, ?, ?)", BRANCHES)


def add_demo_customer(rows: sqlite3.Connection, conversation_id: str, today: date) -> int:
    """Add a customer with accounts, payees, cards and some recent bookings; returns its id."""
    customer_id = _insert(
        rows,
        "INSERT INTO customers (conversation_id, street, postcode, city) VALUES (?, ?, ?, ?)",
        (conversation_id, "Gartenweg 5", "10115", "Berlin"),
    )
    rows.executemany(
        "INSERT INTO payees VALUES (?, ?, ?)",
        [(customer_id, name, german_iban(OTHER_BANK_CODE, number)) for name, number in PAYEES],
    )
    rows.executemany(
        "INSERT INTO cards (customer_id, last_four, kind) VALUES (?, ?, ?)",
        [(customer_id, last_four, kind) for last_four, kind in CARDS],
    )
    for number, (kind, balance_cents, bookings) in enumerate(ACCOUNTS, start=1):
        iban = german_iban(BANK_CODE, customer_id * 10 + number)
        account_id = _insert(
            rows,
            "INSERT INTO accounts (customer_id, kind, iban, balance_cents) VALUES (?, ?, ?, ?)",
            (customer_id, kind, iban, balance_cents),
        )
        rows.executemany(
            "INSERT INTO bookings VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    customer_id,
                    account_id,
                    reference,
                    (today - timedelta(days=age)).isoformat(),
                    counterparty,
                    cents,
                )
                for age, reference, counterparty, cents in bookings
            ],
        )
    rows.execute(
        "INSERT INTO payees SELECT customer_id, 'My savings account', iban FROM accounts"
        " WHERE customer_id = ? AND kind = 'savings'",
        (customer_id,),
    )
    return customer_id


def _insert(rows: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> int:
    """Insert one row and return its id."""
    row_id = rows.execute(statement, values).lastrowid
    assert row_id is not None
    return row_id
