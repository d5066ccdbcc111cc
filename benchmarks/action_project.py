"""An assistant whose every turn calls a custom action once, made for measuring."""

from pathlib import Path

from benchmarks.made_project import write_project

ACTION = "action_remember"
FLOW = """flows:
  remember_number:
    description: The customer gives a number to remember.
    steps:
      - collect: number
      - action: action_remember
      - action: utter_remembered
  pattern_completed:
    description: Say nothing more.
    steps:
      - noop: true
        next: END
"""
DOMAIN = """actions:
  - action_remember
slots:
  number:
    type: float
    mappings:
      - type: from_llm
  total:
    type: any
    mappings:
      - type: controlled
responses:
  utter_ask_number:
    - text: Which number?
  utter_remembered:
    - text: "In all {total}."
"""
# Runs with `rasa_sdk` and with ours alike.
ACTIONS = '''"""Adds a number to a slot."""

from rasa_sdk import Action
from rasa_sdk.events import SlotSet


class Remember(Action):
    def name(self):
        return "action_remember"

    async def run(self, dispatcher, tracker, domain):
        return [SlotSet("total", (tracker.get_slot("total") or 0) + tracker.get_slot("number"))]
'''


def write_action_project(folder: Path) -> Path:
    """The made assistant of 100 flows, and one more that calls the action."""
    write_project(folder)
    (folder / "data" / "remember.yml").write_text(FLOW, encoding="utf-8")
    (folder / "domain" / "remember.yml").write_text(DOMAIN, encoding="utf-8")
    (folder / "actions.py").write_text(ACTIONS, encoding="utf-8")
    return folder


def write_endpoints(folder: Path, name: str, url: str | None) -> Path:
    """Endpoints that name the action server, or none: then actions run in the process."""
    path = folder / f"endpoints-{name}.yml"
    entry = {"url": url} if url else {"actions_module": "actions"}
    lines = [f"  {key}: {value}\n" for key, value in entry.items()]
    path.write_text(
        "action_endpoint:\n" + "".join(lines) + "tracker_store:\n  type: memory\n", encoding="utf-8"
    )
    return path


def make_text(number: int) -> str:
    """What a user sends: one turn, one call."""
    return f'/remember_number{{"number": {number}}}'
