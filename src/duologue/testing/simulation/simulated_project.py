"""The project that simulated servers run: it notes numbers, and each note has an effect outside."""

import tempfile
from functools import cache
from pathlib import Path

from duologue.project.definition import AssistantDefinition
from duologue.project.project_reader import read_project

_FILES = {
    "config.yml": "recipe: default.v1\nlanguage: en\nassistant_id: simulated\npipeline: []\npolicies:\n- name: FlowPolicy\n",
    "domain.yml": """
version: "3.1"
session_config:
  session_expiration_time: 60
  carry_over_slots_to_new_session: true
slots:
  number: {type: float, mappings: [{type: from_llm}]}
  noted: {type: list, mappings: [{type: controlled}]}
  total: {type: any, mappings: [{type: controlled}]}
responses:
  utter_ask_number: [{text: "Which number?"}]
  utter_noted: [{text: "Noted {number}, in all {total}."}]
actions: [action_note, action_chime]
intents: [EXTERNAL_chime]
""",
    "flows.yml": """
flows:
  note:
    description: Note a number.
    steps:
      - collect: number
      - action: action_note
      - action: utter_noted
  chime:
    description: Say that a reminder came due.
    nlu_trigger:
      - intent: EXTERNAL_chime
    steps:
      - action: action_chime
  pattern_completed:
    description: Say nothing more.
    steps:
      - noop: true
        next: END
""",
}


@cache
def read_simulated_project() -> AssistantDefinition:
    """The project as any other is read; once for each process."""
    with tempfile.TemporaryDirectory(prefix="duologue-simulation-") as name:
        folder = Path(name)
        for file, text in _FILES.items():
            path = folder / ("data" if file == "flows.yml" else ".") / file
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.lstrip(), encoding="utf-8")
        return read_project(folder, environment={}).require_definition()


REMINDER_INTENT = "EXTERNAL_chime"
"""Triggered by the reminders that some notes set."""


def write_note(number: int) -> str:
    """What a client says to have a number noted."""
    return f'/note{{"number": {number}}}'
