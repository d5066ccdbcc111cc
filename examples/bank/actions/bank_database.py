"""The demo bank's books: one SQLite database, in which every conversation is a customer of its own."""

import functools
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .demo_customer import add_branches, add_demo_customer

# Money is kept in whole cents: adding floats would lose some.
SCHEMA = """
CREATE TABLE IF NOT EXISTS customers (
    id INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL UNIQUE,
    street TEXT NOT NULL,
    postcode TEXT NOT NULL,
    city TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers,
    kind TEXT NOT NULL CHECK (kind IN ('current', 'savings')),
    iban TEXT NOT NULL UNIQUE,
    balance_cents INTEGER NOT NULL CHECK (balance_cents >= 0),
    UNIQUE (customer_id, kind)
);
CREATE TABLE IF NOT EXISTS payees (
    customer_id INTEGER NOT NULL REFERENCES customers,
    name TEXT NOT NULL,
    iban TEXT NOT NULL,
    UNIQUE (customer_id, iban)
);
CREATE TABLE IF NOT EXISTS bookings (
    customer_id INTEGER NOT NULL REFERENCES customers,
    account_id INTEGER NOT NULL REFERENCES accounts,
    reference TEXT NOT NULL,
    day TEXT NOT NULL,
    counterparty TEXT NOT NULL,
    amount_cents INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS transfers (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers,
    idempotency_key TEXT UNIQUE,
    recipient TEXT NOT NULL,
    iban TEXT NOT NULL,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    day TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS standing_orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers,
    idempotency_key TEXT UNIQUE,
    recipient TEXT NOT NULL,
    iban TEXT NOT NULL,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    frequency TEXT NOT NULL,
    first_day TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS cards (
    customer_id INTEGER NOT NULL REFERENCES customers,
    last_four TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('debit', 'credit')),
    blocked_because TEXT,
    replacement_sent_to TEXT,
    UNIQUE (customer_id, last_four)
);
CREATE TABLE IF NOT EXISTS disputes (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers,
    booking_reference TEXT NOT NULL,
    reason TEXT NOT NULL,
    noticed_on TEXT NOT NULL,
    email TEXT NOT NULL,
    UNIQUE (customer_id, booking_reference)
);
CREATE TABLE IF NOT EXISTS callbacks (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers,
    phone TEXT NOT NULL,
    UNIQUE (customer_id, phone)
);
CREATE TABLE IF NOT EXISTS branches (
    city TEXT PRIMARY KEY,
    street TEXT NOT NULL,
    weekday_hours TEXT NOT NULL,
    saturday_hours TEXT
);
"""


class BankDatabase:
    """An open database file, or `:memory:`. Calls from several threads and processes take turns."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        # A database nobody holds any more closes its file.
        weakref.finalize(self, self._connection.close)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(SCHEMA)
        with self.transaction() as rows:
            add_branches(rows)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything done inside is kept, or, after an exception, nothing of it."""
        with self._lock:
            # IMMEDIATE takes the write lock first, so what is read inside cannot change before it is used.
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def customer(self, conversation_id: str) -> "Customer":
        """The customer of this conversation; a new conversation gets a fresh copy of the demo customer."""
        with self.transaction() as rows:
            found = rows.execute(
                "SELECT id FROM customers WHERE conversation_id = ?", (conversation_id,)
            ).fetchone()
            customer_id = found["id"] if found else add_demo_customer(rows, conversation_id, date.today())
        return Customer(database=self, id=customer_id)

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True, kw_only=True)
class Customer:
    """One customer; the ledger and the service desk work on behalf of it."""

    database: BankDatabase
    id: int

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        return self.database.transaction()


def open_bank() -> BankDatabase:
    """The database named by `BANK_DB`, else `.duologue/bank.db` in the project folder, else one in memory."""
    return _open_once(os.environ.get("BANK_DB") or _path_in_project())


def _path_in_project() -> str:
    folder = Path(__file__).resolve().parent.parent / ".duologue"
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return ":memory:"
    return str(folder / "bank.db") if os.access(folder, os.W_OK) else ":memory:"


@functools.cache
def _open_once(path: str) -> BankDatabase:
    return BankDatabase(path)
