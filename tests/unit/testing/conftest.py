"""A small assistant in a folder of the test's own, and its tests as text."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from duologue.project.definition import AssistantDefinition
from duologue.project.e2e_reader import read_e2e_tests
from duologue.project.project_reader import read_project
from duologue.testing.e2e.report import E2eReport
from duologue.testing.e2e.runner import RunOptions, run_e2e

PROJECT = """
flows:
  order_coffee:
    description: The guest orders coffee.
    steps:
      - collect: size
      - collect: cups
        rejections:
          - if: slots.cups > 10
            utter: utter_too_many
      - noop: true
        next:
          - if: slots.is_member
            then:
              - set_slots:
                  - price: 0
                next: place
          - else: place
      - id: place
        action: action_place_order
      - action: utter_ordered
  order_cake:
    description: The guest orders cake.
    steps:
      - action: utter_no_cake
slots:
  size: {type: categorical, values: [small, large]}
  cups: {type: float}
  is_member: {type: bool, mappings: [{type: controlled}]}
  price: {type: float, mappings: [{type: controlled}]}
  order_number: {type: text, mappings: [{type: controlled}]}
actions: [action_place_order]
responses:
  utter_ask_size:
    - text: Small or large?
      buttons:
        - {title: Small, payload: /SetSlots(size=small)}
        - {title: Large, payload: /SetSlots(size=large)}
  utter_ask_cups:
    - text: How many cups?
  utter_too_many:
    - text: Ten at most.
  utter_ordered:
    - text: "Order {order_number} is on its way."
  utter_no_cake:
    - text: There is no cake today.
"""
STUB = """
stub_custom_actions:
  action_place_order:
    events: [{event: slot, name: order_number, value: A1}]
    responses: [{text: One moment.}]
"""

RunTests = Callable[..., Awaitable[E2eReport]]


@pytest.fixture
def definition(tmp_path: Path) -> AssistantDefinition:
    """The assistant that the tests talk to."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "config.yml").write_text("language: en\n", encoding="utf-8")
    (project / "domain.yml").write_text(PROJECT, encoding="utf-8")
    return read_project(project, environment={}).require_definition()


@pytest.fixture
def run_tests(tmp_path: Path, definition: AssistantDefinition) -> RunTests:
    """Runs tests written as text against the assistant; takes what `RunOptions` and `run_e2e` take."""

    async def run(text: str, **given: Any) -> E2eReport:
        path = tmp_path / "e2e_tests.yml"
        path.write_text(text, encoding="utf-8")
        reading = read_e2e_tests(path, root=tmp_path)
        assert reading.problems.format() == ""
        options = {name: given.pop(name) for name in RunOptions.__struct_fields__ if name in given}
        return await run_e2e(definition, reading.test_cases, options=RunOptions(**options), **given)

    return run
