"""The journal of clients finds what a store did wrong."""

import pytest

from duologue.core.events import BotSpoke, Event, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage
from duologue.testing.journal import Journal

ANNA = ConversationId("anna")


@pytest.fixture
def journal() -> Journal:
    """Three messages, of which the last was never answered."""
    journal = Journal()
    for message_id in ("m1", "m2", "m3"):
        journal.note_sent(ANNA, message_id, f"text of {message_id}")
    journal.note_acknowledged(ANNA, "m1", ["one"])
    journal.note_acknowledged(ANNA, "m2", ["two"])
    return journal


def stored(*message_ids: str) -> list[Event]:
    events: list[Event] = []
    for message_id in message_ids:
        events += [
            UserSpoke(text=f"text of {message_id}", message_id=message_id),
            BotSpoke(message=BotMessage(text="Yes?")),
        ]
    return events


@pytest.mark.parametrize("message_ids", [("m1", "m2"), ("m1", "m2", "m3")])
def test_a_message_that_was_not_answered_may_be_stored_or_not(
    journal: Journal, message_ids: tuple[str, ...]
) -> None:
    assert journal.find_faults(ANNA, stored(*message_ids)) == []


@pytest.mark.parametrize(
    ("message_ids", "faults"),
    [
        (("m1",), ["anna: lost: m2"]),
        (("m1", "m2", "m2"), ["anna: stored 2 times: m2"]),
        (("m2", "m1"), ["anna: out of order: m2 before m1"]),
        (("m1", "m2", "m9"), ["anna: never sent: m9"]),
    ],
)
def test_what_is_wrong_is_named(journal: Journal, message_ids: tuple[str, ...], faults: list[str]) -> None:
    assert journal.find_faults(ANNA, stored(*message_ids)) == faults


def test_a_message_with_another_text_is_named(journal: Journal) -> None:
    events = [UserSpoke(text="else", message_id="m1"), *stored("m2")]
    assert journal.find_faults(ANNA, events) == ["anna: another text: m1"]


def test_two_different_answers_to_one_message_are_a_fault(journal: Journal) -> None:
    journal.note_acknowledged(ANNA, "m1", ["one"])
    assert journal.find_faults(ANNA, stored("m1", "m2")) == []
    journal.note_acknowledged(ANNA, "m1", ["another"])
    assert journal.find_faults(ANNA, stored("m1", "m2")) == ["anna: answered in two ways: m1"]


def test_messages_that_were_under_way_together_may_be_stored_in_any_order() -> None:
    journal = Journal()
    for message_id, with_previous in (("m1", False), ("m2", True), ("m3", False)):
        journal.note_sent(ANNA, message_id, f"text of {message_id}", with_previous=with_previous)
    assert journal.find_faults(ANNA, stored("m2", "m1", "m3")) == []
    assert journal.find_faults(ANNA, stored("m2", "m3", "m1")) == ["anna: out of order: m3 before m1"]
