"""A stock Rasa 3.6 server holds the same conversations with our action server as with its own."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.rasa36.rasa_server import DuologueActions, RasaSdkActions, RasaServer
from tests.rasa36.recorder import Exchange, Recorder, call

pytestmark = pytest.mark.slow

CONVERSATIONS: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("conversations.yml").read_text(encoding="utf-8")
)
PATIENCE = 20.0
NEVER_THE_SAME = {"timestamp", "message_id", "model_id", "date_time", "sender_id"}

Events = list[dict[str, Any]]


class Stock(NamedTuple):
    """How everything goes with the action server that Rasa came with."""

    events: Mapping[str, Events]
    """The record of each conversation, by its name."""
    exchanges: Sequence[Exchange]
    """Every call of an action, in order."""


@pytest.fixture(scope="module")
def stock(rasa: RasaServer, rasa_python: Path) -> Stock:
    with (
        RasaSdkActions(rasa_python) as server,
        Recorder(rasa.action_port, behind=server.port) as recorder,
    ):
        events = {conversation["name"]: hold(rasa, conversation, "stock") for conversation in CONVERSATIONS}
        return Stock(events, recorder.exchanges)


@pytest.fixture(scope="module")
def our_actions(stock: Stock, rasa: RasaServer) -> Iterator[DuologueActions]:
    """Ours, when the other one is gone."""
    with DuologueActions(rasa.action_port) as server:
        yield server


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation["name"])
@pytest.mark.usefixtures("our_actions")
def test_a_conversation_goes_as_with_the_stock_action_server(
    rasa: RasaServer, stock: Stock, conversation: Mapping[str, Any]
) -> None:
    assert hold(rasa, conversation, "ours") == stock.events[conversation["name"]]


def test_every_call_is_answered_as_by_the_stock_action_server(
    our_actions: DuologueActions, stock: Stock
) -> None:
    ours = [call(our_actions.port, exchange.request) for exchange in stock.exchanges]
    assert [read(exchange) for exchange in ours] == [read(exchange) for exchange in stock.exchanges]
    assert {exchange.status for exchange in ours} == {200, 400, 404, 500}


def test_calls_may_be_compressed(compressing_rasa: RasaServer) -> None:
    with DuologueActions(compressing_rasa.action_port):
        events = hold(compressing_rasa, CONVERSATIONS[0], "compressed")
    assert any(event["event"] == "slot" and event["name"] == "booking" for event in events)


def read(exchange: Exchange) -> tuple[str, int, Any]:
    """The action, the status, and of the answer what programs read: the words about a failure are for people."""
    is_crash = exchange.status == 500
    answer = None if is_crash else without(json.loads(exchange.answer), {*NEVER_THE_SAME, "error"})
    return json.loads(exchange.request)["next_action"], exchange.status, answer


def hold(rasa: RasaServer, conversation: Mapping[str, Any], behind: str) -> Events:
    """Hold a conversation, check what it says, and return its record."""
    conversation_id = f"{behind}-{conversation['name'].replace(' ', '-')}"
    for turn in conversation["turns"]:
        expected = [{"text": reply} if isinstance(reply, str) else reply for reply in turn["bot"]]
        assert rasa.send(conversation_id, turn["user"]) == expected, (behind, turn["user"])
    if "awaits" in conversation:
        wait_for_text(rasa, conversation_id, conversation["awaits"])
    tracker = rasa.find_tracker(conversation_id)
    slots = conversation.get("slots", {})
    assert {name: tracker["slots"][name] for name in slots} == slots
    return [without(event, NEVER_THE_SAME) for event in tracker["events"]]


def wait_for_text(rasa: RasaServer, conversation_id: str, text: str) -> None:
    """Return when the assistant has said it of its own accord."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        events = rasa.find_tracker(conversation_id)["events"]
        if any(event["event"] == "bot" and event["text"] == text for event in events):
            return
        time.sleep(0.1)
    raise AssertionError(f"'{text}' was not said within {PATIENCE:.0f} s.")


def without(value: Any, names: set[str]) -> Any:
    """The same value without what differs from one run to the next."""
    match value:
        case Mapping():
            return {key: without(inner, names) for key, inner in value.items() if key not in names}
        case str():
            return value
        case Sequence():
            return [without(inner, names) for inner in value]
        case _:
            return value
