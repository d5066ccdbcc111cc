"""The action of a run, which notes a number and writes it into the ledger; copied into the project that is served."""

import asyncio
import os
import random
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from duologue.sdk.actions import Action
from duologue.sdk.call_context import current_call
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.effects import effect_transaction
from duologue.sdk.events import SlotSet
from duologue.sdk.payloads import DomainDict, EventType
from duologue.sdk.tracker import Tracker
from torture.ledger import Effect
from torture.served_project import Noted

INSERT = "INSERT INTO effects (key, conversation_id, number) VALUES (?, ?, ?)"
LONGEST_WORK = 0.05
"""Seconds before the effect, and again after it: time for a kill to come between."""


class ActionNote(Action):
    """Adds a number to those of the conversation."""

    def name(self) -> str:
        return "action_note"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        before = Noted(**{name: _read_number(tracker, name) for name in Noted.__struct_fields__})
        number = _read_number(tracker, "number")
        key = current_call().idempotency_key or ""
        effect = Effect(key=key, conversation_id=tracker.sender_id, number=number)
        _count_run()
        await asyncio.sleep(random.uniform(0, LONGEST_WORK))
        await _EFFECTS[os.environ["TORTURE_EFFECTS"]](effect)
        await asyncio.sleep(random.uniform(0, LONGEST_WORK))
        after = before.add(number)
        dispatcher.utter_message(text=after.format_reply(number))
        return [SlotSet(name, value) for name, value in msgspec.to_builtins(after).items()]


def _read_number(tracker: Tracker, name: str) -> int:
    return int(tracker.get_slot(name) or 0)


def _count_run() -> None:
    """One byte for each time that the action began, whatever becomes of it."""
    file = os.open(os.environ["TORTURE_RUNS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(file, b".")
    os.close(file)


async def _have_shared(effect: Effect) -> None:
    async with effect_transaction() as connection:
        values = (effect.key, effect.conversation_id, effect.number)
        if isinstance(connection, sqlite3.Connection):
            connection.execute(INSERT, values)
        else:
            await connection.execute(INSERT.replace("?, ?, ?", "$1, $2, $3"), *values)


async def _have_keyed(effect: Effect) -> None:
    await asyncio.to_thread(_write, INSERT.replace("INSERT", "INSERT OR IGNORE"), effect)


async def _have_naive(effect: Effect) -> None:
    await asyncio.to_thread(_write, INSERT, effect)


def _write(statement: str, effect: Effect) -> None:
    connection = sqlite3.connect(Path(os.environ["TORTURE_LEDGER"]), timeout=30)
    try:
        with connection:
            connection.execute(statement, (effect.key, effect.conversation_id, effect.number))
    finally:
        connection.close()


_EFFECTS: dict[str, Callable[[Effect], Awaitable[Any]]] = {
    "shared": _have_shared,
    "keyed": _have_keyed,
    "naive": _have_naive,
}
