"""Typed action code passes a strict type checker, and wrong code does not."""

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).resolve().parents[3] / "src"

OURS = """
    from typing import Any

    from duologue.sdk import (
        Action,
        CollectingDispatcher,
        DomainDict,
        EventType,
        FormValidationAction,
        Tracker,
        action,
        current_call,
        get_http_client,
        get_secret,
    )
    from duologue.sdk.events import SlotSet
    from duologue.sdk.testing import run_action_sync


    class ActionOrder(Action):
        remember = False

        def name(self) -> str:
            return "action_order"

        async def run(
            self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
        ) -> list[EventType]:
            answer = await get_http_client().post(
                "https://shop.example/orders", headers={"Authorization": get_secret("SHOP_TOKEN")}
            )
            await dispatcher.stream_chunk(text=answer.text)
            slots = domain.get("slots", {})
            return [SlotSet("order", current_call().idempotency_key), SlotSet("known", list(slots))]


    class ValidateOrderForm(FormValidationAction):
        def name(self) -> str:
            return "validate_order_form"

        def validate_dish(
            self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
        ) -> dict[str, Any]:
            return {"dish": value}


    @action("action_greet", remember=False)
    def greet(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        dispatcher.utter_message(response="utter_greet", name=tracker.get_slot("name"))
        return []


    outcome = run_action_sync(greet, slots={"name": "Ada"})
    responses: list[str] = outcome.responses
"""

RASAS = """
    from typing import Any, Dict, List, Text

    from rasa_sdk import Action, FormValidationAction, Tracker
    from rasa_sdk.events import EventType, SlotSet
    from rasa_sdk.executor import CollectingDispatcher
    from rasa_sdk.types import DomainDict


    class ActionOrder(Action):
        def name(self) -> Text:
            return "action_order"

        async def run(
            self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
        ) -> List[Dict[Text, Any]]:
            dispatcher.utter_message(text="Ordered.")
            return [SlotSet("order", next(tracker.get_latest_entity_values("dish"), None))]


    class ValidateOrderForm(FormValidationAction):
        def name(self) -> Text:
            return "validate_order_form"

        async def required_slots(
            self,
            domain_slots: List[Text],
            dispatcher: CollectingDispatcher,
            tracker: Tracker,
            domain: DomainDict,
        ) -> List[Text]:
            return [*domain_slots, "dish"]

        async def run(
            self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
        ) -> List[EventType]:
            return await super().run(dispatcher, tracker, domain)
"""

WRONG = """
    from duologue.sdk import Action, CollectingDispatcher, DomainDict, EventType, Tracker
    from duologue.sdk.events import SlotSet


    class ActionWrong(Action):
        def name(self) -> int:
            return 1

        async def run(
            self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
        ) -> list[EventType]:
            dispatcher.utter_message(text=1)
            return [SlotSet(1)]
"""


def check(folder: Path, source: str) -> list[str]:
    """Give the rules that a strict checker finds broken."""
    (folder / "actions.py").write_text(dedent(source), encoding="utf-8")
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "extraPaths": [str(SOURCE), str(SOURCE / "duologue" / "rasa_alias")],
        # Authors keep these spellings for older versions of Python.
        "reportDeprecated": False,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    checker = Path(sys.executable).with_name("basedpyright")
    result = subprocess.run(
        [checker, "--outputjson", "-p", folder, "--pythonpath", sys.executable],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = json.loads(result.stdout)
    assert found["summary"]["filesAnalyzed"] == 1
    return [f"{problem['rule']}: {problem['message']}" for problem in found["generalDiagnostics"]]


@pytest.mark.parametrize("source", [OURS, RASAS], ids=["duologue.sdk", "rasa_sdk"])
def test_typed_actions_pass(tmp_path: Path, source: str) -> None:
    assert check(tmp_path, source) == []


def test_wrong_types_are_found(tmp_path: Path) -> None:
    rules = {problem.partition(":")[0] for problem in check(tmp_path, WRONG)}

    assert rules == {"reportIncompatibleMethodOverride", "reportArgumentType"}
