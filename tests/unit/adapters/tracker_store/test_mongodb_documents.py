"""Conversations as MongoDB's documents: what may leave one, and what is said about an address."""

from typing import Any

import pytest

from duologue.adapters.tracker_store.mongodb_documents import (
    PAGE_TO,
    make_change,
    make_conversation,
    make_page,
)
from duologue.adapters.tracker_store.mongodb_options import MongodbOptions
from duologue.adapters.tracker_store.pending_append import prepare_append
from duologue.core.events import Event, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId


def make_document(*events: Event, snapshot_length: int = 0) -> dict[str, Any]:
    pending = prepare_append(ConversationId("anna"), events, expected=0, snapshot=None)
    return {**make_conversation(pending), "snapshot_length": snapshot_length}


SLOTS = [SlotWasSet(name="n", value=number, timestamp=1.0) for number in range(6)]


def test_what_comes_after_the_snapshot_stays_in_the_document() -> None:
    page = make_page(make_document(*SLOTS, snapshot_length=4))
    assert page is not None
    assert (page["first"], page["stop"]) == (0, 4)


def test_without_a_snapshot_everything_may_leave() -> None:
    page = make_page(make_document(*SLOTS))
    assert page is not None
    assert (page["first"], page["stop"], len(page["events"])) == (0, 6, 6)


def test_a_page_says_which_messages_are_in_it() -> None:
    page = make_page(make_document(SLOTS[0], UserSpoke(text="hi", message_id="m", timestamp=1.0)))
    assert page is not None
    assert page["messages"] == [{"id": "m", "at": 1}]


@pytest.mark.parametrize(("size", "stop"), [(PAGE_TO // 2, 1), (PAGE_TO * 2, 1), (PAGE_TO // 5, 4)])
def test_a_page_takes_so_much_and_at_least_one_event(size: int, stop: int) -> None:
    page = make_page(make_document(*(SlotWasSet(name="n", value="x" * size) for _ in range(6))))
    assert page is not None
    assert page["stop"] == stop


def test_what_a_page_takes_is_what_the_document_counted() -> None:
    document = make_document(*SLOTS, SlotWasSet(name="n", value="žluťoučký 🦊"))
    page = make_page(document)
    assert page is not None
    assert page["size"] == document["recent_size"]


def test_words_of_a_person_are_never_read_as_expressions() -> None:
    events = [UserSpoke(text="$$ROOT", message_id="$length", user_id="$incarnation", timestamp=1.0)]
    fields = make_change(prepare_append(ConversationId("a"), events, expected=1, snapshot=None))[0]["$set"]
    assert fields["user_id"] == {"$literal": "$incarnation"}
    assert list(fields["recent"]["$concatArrays"][1]) == ["$literal"]


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://bot:s%40cret@one:27017,two:27018/db?tls=true",
        "mongodb+srv://bot:s%40cret@one:27017,two:27018",
        "one:27017,two:27018",
    ],
)
def test_an_address_is_told_without_its_password(url: str) -> None:
    assert MongodbOptions(url=url).where == "MongoDB database rasa at one:27017,two:27018"


def test_another_collection_has_neighbours_of_its_own() -> None:
    assert MongodbOptions().prefix == "duologue"
    assert MongodbOptions(collection="bank").prefix == "duologue_bank"
