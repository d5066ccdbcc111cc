"""Actions of this process that stream what they say."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from duologue.core.errors import ActionError
from duologue.core.events import SlotWasSet
from duologue.ports.action_runner import ActionCall
from duologue.runtime.in_process_actions import InProcessActionRunner
from tests.unit.adapters.action_runner.test_grpc_stream import Listener
from tests.unit.runtime.test_in_process_actions import call_of

ACTIONS = """
import asyncio

from duologue.sdk import Action, action
from duologue.sdk.events import SlotSet

shared = {"title": "Yes", "payload": "/affirm"}


@action("action_tell")
async def tell(dispatcher, tracker, domain):
    await dispatcher.stream_start()
    await dispatcher.stream_chunk(text="one ")
    await dispatcher.stream_chunk(text="two", buttons=[shared])
    shared["title"] = "No"
    await dispatcher.stream_end()
    dispatcher.utter_message(text="Done.")
    return [SlotSet("counted", 1)]


@action("action_shop")
async def talk(dispatcher, tracker, domain):
    while not dispatcher.is_streaming_cancelled:
        await dispatcher.stream_chunk(text="tick")
        await asyncio.sleep(0.01)
    await dispatcher.stream_start()
    await dispatcher.stream_chunk(text="an afterthought")
    return [SlotSet("counted", int(dispatcher.is_streaming_cancelled))]


@action("action_give")
async def give(dispatcher, tracker, domain):
    await dispatcher.stream_chunk(text="one", buttons=["no button"])


@action("action_look")
async def hang(dispatcher, tracker, domain):
    await dispatcher.stream_chunk(text="one")
    await asyncio.Event().wait()
"""


@pytest.fixture
async def runner(tmp_path: Path) -> AsyncIterator[InProcessActionRunner]:
    (tmp_path / "actions.py").write_text(ACTIONS, encoding="utf-8")
    runner = InProcessActionRunner.open("actions", tmp_path, timeout=30, timeouts={"action_look": 0.1})
    yield runner
    await runner.close()


def call(name: str, listener: Listener) -> ActionCall:
    return replace(call_of(name), replies=listener)


async def test_pieces_reach_the_listener_as_they_were_when_they_were_said(
    runner: InProcessActionRunner,
) -> None:
    listener = Listener()
    result = await runner.run(call("action_tell", listener))
    button = {"title": "Yes", "payload": "/affirm"}
    assert listener.heard == ["begin", {"text": "one "}, {"text": "two", "buttons": [button]}, "end"]
    assert [response["text"] for response in result.responses] == ["Done."]
    assert result.events == (SlotWasSet(name="counted", value=1),)


async def test_without_a_listener_the_pieces_are_messages_of_the_result(
    runner: InProcessActionRunner,
) -> None:
    result = await runner.run(call_of("action_tell"))
    assert [response["text"] for response in result.responses] == ["one ", "two", "Done."]


async def test_an_action_is_told_when_its_listener_leaves_and_is_heard_no_more(
    runner: InProcessActionRunner,
) -> None:
    listener = Listener(leaves_after=2)
    result = await asyncio.wait_for(runner.run(call("action_shop", listener)), 5)
    assert listener.heard.count("begin") == 1
    assert {"text": "an afterthought"} not in listener.heard
    assert result.events == (SlotWasSet(name="counted", value=1),)


async def test_a_piece_that_is_of_no_use_fails_the_action(runner: InProcessActionRunner) -> None:
    with pytest.raises(ActionError, match="action_give"):
        await runner.run(call("action_give", Listener()))


async def test_an_action_has_its_own_time_and_what_it_said_until_then_was_heard(
    runner: InProcessActionRunner,
) -> None:
    listener = Listener()
    with pytest.raises(ActionError, match=r"'action_look' took longer than 0\.1 s"):
        await runner.run(call("action_look", listener))
    assert listener.heard == ["begin", {"text": "one"}]
