"""Conversations as a Rasa project stores them: what is said in them, and the tables of its SQL store."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

RasaEvent = dict[str, Any]

FRAME = {
    "frame_id": "ABCDEFGH",
    "flow_id": "transfer_money",
    "step_id": "START",
    "frame_type": "regular",
    "type": "flow",
}
PATTERN = {
    "frame_id": "JKLMNPQR",
    "flow_id": "pattern_collect_information",
    "step_id": "START",
    "collect": "amount",
    "utter": "utter_ask_amount",
    "type": "pattern_collect_information",
}
# The columns and indexes that SQLAlchemy makes for Rasa's store.
CREATE_EVENTS = """
    CREATE TABLE events (
        id INTEGER NOT NULL PRIMARY KEY, sender_id VARCHAR(255) NOT NULL, type_name VARCHAR(255) NOT NULL,
        timestamp FLOAT, intent_name VARCHAR(255), action_name VARCHAR(255), data TEXT
    )
"""
CREATE_INDEX = "CREATE INDEX ix_events_sender_id ON events (sender_id)"
CREATE_USERS = """
    CREATE TABLE users (
        sender_id VARCHAR(255) NOT NULL PRIMARY KEY, user_id VARCHAR(255), conversation_started_timestamp FLOAT
    )
"""


def tell_conversation(
    sender_id: str, *, turns: int = 1, started_at: float = 1_700_000_000.25
) -> list[RasaEvent]:
    """A session in which money is transferred, once in each turn; 3 events and 8 for each turn."""
    events = [
        _action("action_session_start", started_at, policy=None, confidence=1.0),
        {"event": "session_started", "timestamp": started_at, "metadata": {"model_id": "model-1"}},
        _action("action_listen", started_at),
    ]
    for turn in range(turns):
        events += _tell_turn(sender_id, turn, started_at + 10 * (turn + 1))
    return events


def _tell_turn(sender_id: str, turn: int, at: float) -> list[RasaEvent]:
    message_id = f"{sender_id}-{turn}"
    text = f"send {turn} euros"
    return [
        {
            "event": "user",
            "timestamp": at,
            "metadata": {"model_id": "model-1", "assistant_id": "bank"},
            "text": text,
            "parse_data": {
                "intent": {"name": "transfer", "confidence": 0.97},
                "entities": [
                    {"entity": "amount", "value": turn, "start": 5, "end": 6, "extractor": "Duckling"}
                ],
                "text": text,
                "message_id": message_id,
                "metadata": {},
                "intent_ranking": [{"name": "transfer", "confidence": 0.97}],
                "commands": [{"command": "start flow", "flow": "transfer_money"}],
                "flows_in_prompt": ["transfer_money"],
            },
            "input_channel": "rest",
            "message_id": message_id,
        },
        _stack({"op": "add", "path": "/0", "value": FRAME}, at=at + 0.001),
        {"event": "flow_started", "timestamp": at + 0.002, "metadata": {}, "flow_id": "transfer_money"},
        {"event": "slot", "timestamp": at + 0.003, "metadata": {}, "name": "amount", "value": turn},
        _stack(
            {"op": "replace", "path": "/0/step_id", "value": "ask_amount"},
            {"op": "add", "path": "/1", "value": PATTERN},
            at=at + 0.004,
        ),
        {
            "event": "bot",
            "timestamp": at + 0.005,
            "metadata": {"utter_action": "utter_sent", "model_id": "model-1"},
            "text": f"{turn} euros are on their way.",
            "data": {
                "elements": None,
                "quick_replies": None,
                "buttons": None,
                "attachment": None,
                "custom": None,
            },
        },
        _stack({"op": "remove", "path": "/1"}, {"op": "remove", "path": "/0"}, at=at + 0.006),
        _action("action_listen", at + 0.007, policy="FlowPolicy", confidence=1.0),
    ]


def _action(name: str, at: float, *, policy: str | None = None, confidence: float | None = None) -> RasaEvent:
    return {
        "event": "action",
        "timestamp": at,
        "metadata": {},
        "name": name,
        "policy": policy,
        "confidence": confidence,
        "action_text": None,
        "hide_rule_turn": False,
    }


def _stack(*operations: Mapping[str, Any], at: float) -> RasaEvent:
    return {"event": "stack", "timestamp": at, "metadata": {}, "update": json.dumps(operations)}


def list_rows(conversations: Mapping[str, Sequence[RasaEvent]]) -> list[tuple[Any, ...]]:
    """Rows of the table `events`, without ids; conversations take turns, as they do in a server."""
    pending = [(sender_id, list(events)) for sender_id, events in conversations.items()]
    rows: list[tuple[Any, ...]] = []
    while pending:
        for sender_id, events in pending:
            event = events.pop(0)
            intent = event.get("parse_data", {}).get("intent", {}).get("name")
            rows.append(
                (
                    sender_id,
                    event["event"],
                    event.get("timestamp"),
                    intent,
                    event.get("name"),
                    json.dumps(event),
                )
            )
        pending = [(sender_id, events) for sender_id, events in pending if events]
    return rows


def write_sqlite(
    path: Path, conversations: Mapping[str, Sequence[RasaEvent]], users: Mapping[str, str] | None = None
) -> Path:
    """The file of a Rasa project; with users, of one that keeps them in a table (3.16)."""
    with closing(sqlite3.connect(path)) as connection, connection:
        is_new = not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone()
        if is_new:
            connection.execute(CREATE_EVENTS)
            connection.execute(CREATE_INDEX)
        connection.executemany(
            "INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            list_rows(conversations),
        )
        if users is not None:
            connection.execute(CREATE_USERS)
            connection.executemany("INSERT INTO users VALUES (?, ?, 1700000000.25)", users.items())
    return path


def write_json_lines(
    path: Path, conversations: Mapping[str, Sequence[RasaEvent]], users: Mapping[str, str] | None = None
) -> Path:
    """The file that `rasa export` or an event broker of the type `file` writes."""
    with path.open("a", encoding="utf-8") as file:
        for sender_id, *_, data in list_rows(conversations):
            user = {"user_id": users[sender_id]} if users and sender_id in users else {}
            file.write(json.dumps({**json.loads(data), "sender_id": sender_id, **user}) + "\n")
    return path
