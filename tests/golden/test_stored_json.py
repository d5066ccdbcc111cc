"""JSON that was stored once is read for ever, and what we write today looks the same.

A change of a file here is a change for everyone who reads our events: it needs a reason, and old files stay.
"""

import json
from pathlib import Path
from typing import get_args

from duologue.core.events import Event
from duologue.core.state import SNAPSHOT_VERSION
from duologue.wire.events import decode_event, encode_event
from duologue.wire.snapshot import decode_snapshot
from tests.golden.known_values import EVENTS, STATE

HERE = Path(__file__).parent
EVENTS_FILE = HERE / "events.jsonl"


def test_every_kind_of_event_has_a_line_in_the_file() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))


def test_stored_events_are_read_as_they_were_meant() -> None:
    lines = EVENTS_FILE.read_text(encoding="utf-8").splitlines()
    assert [decode_event(line) for line in lines] == list(EVENTS)


def test_events_are_written_as_they_always_were() -> None:
    lines = EVENTS_FILE.read_text(encoding="utf-8").splitlines()
    assert [json.loads(encode_event(event)) for event in EVENTS] == [json.loads(line) for line in lines]


def test_a_stored_snapshot_of_this_version_is_read_as_it_was_meant() -> None:
    stored = HERE.joinpath(f"snapshot-{SNAPSHOT_VERSION}.json").read_bytes()
    assert decode_snapshot(stored) == STATE
