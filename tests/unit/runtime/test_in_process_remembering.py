"""Effects of actions that run in this process: a turn that is run again does not do them again."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from duologue.adapters.result_store.memory import InMemoryResultStore
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.errors import ConflictError
from duologue.runtime.in_process_actions import InProcessActionRunner
from duologue.runtime.opening import open_assistant
from duologue.runtime.settings import Settings
from duologue.testing.wrapped_store import WrappedTrackerStore
from tests.flow_writing import act, flow
from tests.unit.runtime.small_assistant import GREET, make_assistant, message, names_of

Result = TypeVar("Result")

ACTIONS = """
from duologue.sdk import action

paid = []


@action("action_pay")
def pay(dispatcher, tracker, domain):
    paid.append(1)
    dispatcher.utter_message(text=f"paid {len(paid)}")


@action("action_look", remember=False)
def look(dispatcher, tracker, domain):
    paid.append(1)
    dispatcher.utter_message(text=f"looked {len(paid)}")
"""


class OvertakenStore(WrappedTrackerStore):
    """The first append finds that somebody was quicker."""

    appends = 0

    async def around(self, method: str, call: Callable[[], Awaitable[Result]]) -> Result:
        if method == "append":
            self.appends += 1
            if self.appends == 1:
                raise ConflictError("somebody was quicker")
        return await call()


@pytest.mark.parametrize(
    ("is_remembered", "word", "reply"),
    [(True, "pay", "paid 1"), (False, "pay", "paid 2"), (True, "look", "looked 2")],
)
async def test_a_turn_that_was_overtaken_pays_once_if_results_are_remembered(
    tmp_path: Path, is_remembered: bool, word: str, reply: str
) -> None:
    (tmp_path / "actions.py").write_text(ACTIONS)
    runner = InProcessActionRunner.open("actions", tmp_path, timeout=30)
    if is_remembered:
        await runner.remember_in(InMemoryResultStore(), keep_seconds=60)
    flows = [flow("pay", act("action_pay")), flow("look", act("action_look"))]
    store = OvertakenStore(InMemoryTrackerStore())
    names = ["action_pay", "action_look"]
    assistant = make_assistant(store, flows=[GREET, *flows], actions=runner, action_names=names)
    report = await assistant.handle(message(word))
    assert names_of(report)[0] == reply
    assert store.appends == 2
    await assistant.close()


PROJECT = {
    "config.yml": "language: en\npolicies:\n  - name: FlowPolicy\n",
    "data/flows.yml": """
flows:
  pay:
    description: Pay a bill.
    nlu_trigger:
      - intent: pay
    steps:
      - action: action_pay
""",
    "domain.yml": "intents: [pay]\nactions: [action_pay]\n",
    "actions.py": ACTIONS,
}


@pytest.mark.parametrize(
    ("remember", "kept_in"), [("sqlite:///results.db", "results.db"), ("memory", None), ("off", None)]
)
async def test_the_endpoint_says_where_results_are_kept(
    tmp_path: Path, remember: str, kept_in: str | None
) -> None:
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    endpoints = f"action_endpoint: {{actions_module: actions, remember: '{remember}'}}\n"
    (tmp_path / "endpoints.yml").write_text(endpoints + "tracker_store: {type: memory}\n")
    assistant = await open_assistant(tmp_path, Settings())
    report = await assistant.handle(message("/pay"))
    assert "paid 1" in names_of(report)
    await assistant.close()
    assert find_databases(tmp_path) == ([kept_in] if kept_in else [])


def find_databases(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.db")]
