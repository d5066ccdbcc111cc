"""A classic assistant in front of a stock `rasa_sdk` server: a form that it validates, asks for and ends."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from duologue.core.events import ActionRejected, TurnFailed
from tests.conversation.ferry_talk import FERRY, FerryTalk, open_ferry
from tests.peers.rasa_sdk import StockActionServer
from tests.unit.adapters.action_runner.played_server import PlayedServer, format_answer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["http", "grpc"])
def server(request: pytest.FixtureRequest) -> Iterator[StockActionServer]:
    with StockActionServer(FERRY, grpc=request.param == "grpc") as server:
        yield server


@pytest.fixture
async def talk(server: StockActionServer, tmp_path: Path) -> AsyncIterator[FerryTalk]:
    async with open_ferry(tmp_path, action_server=f"url: {server.url}") as talk:
        yield talk


async def test_a_form_is_validated_asked_for_and_ended(talk: FerryTalk) -> None:
    assert await talk.says("/book") == ["To which harbour?"]
    assert await talk.says('/tell{"harbour": "Moon"}') == ["No ferry goes to Moon.", "To which harbour?"]
    assert await talk.says('/tell{"harbour": "Elm Island"}') == ["How many seats to Elm Island?"]
    assert await talk.says('/tell{"seats": 3}') == ["Do you bring a car?"]
    assert await talk.says("/affirm") == ["What is on its plate?"]
    (issued,) = await talk.says("AB 12 cd")
    # A number is a float to a stock action over gRPC.
    assert (issued or "").replace(".0", "") == "3 to Elm Island, AB 12 cd."


async def test_a_validation_that_declines_leaves_the_message_to_the_rules(talk: FerryTalk) -> None:
    await talk.says("/book")
    assert await talk.says('/tell{"harbour": "closed"}') == ["That was no answer.", "To which harbour?"]
    assert await talk.has_event(ActionRejected)


async def test_a_slot_is_filled_by_an_action_at_every_message(talk: FerryTalk) -> None:
    assert await talk.says("weather in the storm?") == ["The sea is rough."]


@pytest.mark.parametrize(
    "answer",
    [format_answer(status=500), format_answer(b"no json"), format_answer({"events": "?"}), b""],
    ids=["an error", "no JSON", "not the protocol", "nothing"],
)
async def test_a_server_that_answers_wrongly_in_a_form_costs_one_message(
    tmp_path: Path, answer: bytes
) -> None:
    endpoint = "retries: 0\n  circuit_breaker:\n    failures: 1000\n  timeout: 0.5"
    nothing = format_answer({"events": [], "responses": []})
    async with (
        PlayedServer(nothing).run() as played,
        open_ferry(tmp_path, action_server=f"url: {played.url}\n  {endpoint}") as talk,
    ):
        assert await talk.says("/book") == ["To which harbour?"]
        before = await talk.load_state()
        played.answers = [nothing, answer]  # the slots of the message are read; then the form is validated
        assert len(await talk.says('/tell{"harbour": "Elm Island"}')) == 1
        assert await talk.has_event(TurnFailed)
        after = await talk.load_state()
        assert (after.history, after.active_loop) == (before.history, "ticket_form")
        played.answers = [nothing]
        await talk.says('/tell{"harbour": "Elm Island"}')
        assert (await talk.load_state()).slots["harbour"] == "Elm Island"
