"""The conversation tester, on flows in Python and on a project folder."""

from pathlib import Path

import pytest

from duologue.core.commands import SetSlot, StartFlow
from duologue.core.errors import DefinitionError
from duologue.core.events import ConversationInactive, SlotWasSet
from duologue.ports.clock import SystemClock
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import ScriptedActions
from tests.flow_writing import act, ask, flow

FLOWS = """
flows:
  transfer:
    description: Send money to somebody.
    steps:
      - collect: recipient
      - collect: amount
        rejections:
          - if: slots.amount > 100
            utter: utter_too_much
      - action: action_send
        next:
          - if: slots.is_sent
            then:
              - action: utter_sent
                next: END
          - else: END
  pattern_completed:
    description: Nothing more.
    steps:
      - noop: true
        next: END
"""
DOMAIN = """
slots:
  recipient: {type: text}
  amount: {type: float}
  is_sent: {type: bool, mappings: [{type: controlled}]}
actions: [action_send]
responses:
  utter_ask_recipient: [{text: To whom?}]
  utter_ask_amount: [{text: How much?}]
  utter_too_much: [{text: "{amount} is too much."}]
  utter_sent: [{text: "{recipient} has it."}]
"""


def write_project(folder: Path, flows: str = FLOWS) -> Path:
    (folder / "config.yml").write_text("recipe: default.v1\nlanguage: en\n", encoding="utf-8")
    (folder / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "flows.yml").write_text(flows, encoding="utf-8")
    return folder


async def test_a_project_folder_can_be_talked_to(tmp_path: Path) -> None:
    actions = ScriptedActions({"action_send": [SlotWasSet(name="is_sent", value="true")]})
    async with Conversation.with_project(write_project(tmp_path), actions=actions) as talk:
        await talk.says("500", StartFlow(flow="transfer"), SetSlot(name="amount", value="500"))
        assert talk.texts == ["To whom?"]
        await talk.says("Jo", SetSlot(name="recipient", value="Jo"))
        assert talk.texts == ["500.0 is too much.", "How much?"]
        await talk.says("5", SetSlot(name="amount", value=5))
        assert talk.texts == ["Jo has it."]
        assert talk.stack == []


def test_a_project_that_cannot_work_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError):
        Conversation.with_project(write_project(tmp_path, flows="flows: [1, 2]"))


async def test_what_flows_name_and_nobody_defines_is_made_up() -> None:
    async with Conversation.with_flows(flow("f", ask("name"), act("utter_done"))) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["utter_ask_name"]
        assert talk.texts == ["utter_ask_name"]


async def test_leaving_a_conversation_checks_its_script() -> None:
    talk = Conversation.with_flows(flow("f", ask("name")))
    with pytest.raises(AssertionError, match="never asked for"):
        async with talk:
            talk.script.expect(StartFlow(flow="f"))


async def test_a_failing_test_is_not_hidden_by_its_script() -> None:
    async def fail() -> None:
        async with Conversation.with_flows(flow("f", ask("name"))) as talk:
            talk.script.expect(StartFlow(flow="f"))
            raise KeyError("the test's own failure")

    with pytest.raises(KeyError):
        await fail()


async def test_time_passes_only_for_a_clock_that_can_be_moved() -> None:
    async with Conversation.with_flows(clock=SystemClock()) as talk:
        with pytest.raises(TypeError, match="FrozenClock"):
            await talk.waits(minutes=1)


async def test_a_wait_moves_the_clock_and_tells_what_happened() -> None:
    async with Conversation.with_flows() as talk:
        await talk.says("hi")
        before = talk.clock.now()
        assert await talk.waits(hours=1, minutes=30, seconds=5) == []
        assert talk.clock.now() == before + 5405
        assert [event.timestamp for event in talk.find_events(ConversationInactive)] == [before + 3600]
