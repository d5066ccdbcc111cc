"""The kind of a test case is told by what its expectations name."""

from pathlib import Path

import pytest

from duologue.project.e2e_reader import read_e2e_tests
from duologue.project.project_reader import read_project
from duologue.testing.e2e.kinds import CaseSorter
from tests.unit.project.written_project import write_project

DOMAIN = """
flows:
  send_money:
    description: Sends money.
    steps: [{collect: amount}, {call: find_payee}, {action: utter_sent}]
  find_payee:
    description: Finds a payee.
    steps: [{collect: payee}]
  check_balance:
    description: Tells the balance.
    steps: [{action: utter_balance}]
  goodbye:
    description: Says goodbye.
    steps: [{action: utter_goodbye}]
  pattern_session_start:
    description: Greets.
    steps: [{action: utter_opening}]
slots: {amount: {type: float}, payee: {type: text}}
responses:
  utter_ask_amount: [{text: How much?}]
  utter_ask_payee: [{text: To whom?}]
  utter_sent: [{text: "{amount} is on its way to {payee}."}]
  utter_balance: [{text: "{{ amount }} are left.", metadata: {template: jinja}}]
  utter_goodbye: [{text: Bye.}]
  utter_opening: [{text: Good day.}]
  utter_any: [{text: "{amount}"}]
"""
ANSWER = " ".join(["word"] * 20)


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ("{user: a, assertions: [{flow_started: send_money}]}", "start"),
        ("{user: a}, {utter: utter_balance}", "start"),
        ("{user: a}, {bot: '12.5 are left.'}", "start"),
        ("{user: a}, {utter: utter_ask_amount}, {user: b}, {utter: utter_sent}", "slot"),
        ("{user: a}, {bot: 5 is on its way to Anna.}, {user: b}", "slot"),
        ("{user: a}, {slot_was_set: [{amount: 5}]}", "slot"),
        ("{user: a, assertions: [{slot_was_set: [{name: amount, value: 5}]}]}", "slot"),
        ("{user: a}, {utter: utter_corrected_previous_input}", "correction"),
        ("{user: a, assertions: [{flow_started: pattern_correction}]}", "correction"),
        ("{user: a}, {slot_was_set: [{amount: 5}]}, {user: b}, {slot_was_set: [{amount: 6}]}", "correction"),
        ("{user: a, assertions: [{flow_cancelled: {flow_id: send_money}}]}", "cancellation"),
        (
            "{user: a}, {utter: utter_flow_cancelled_rasa}, {utter: utter_corrected_previous_input}",
            "cancellation",
        ),
        ("{user: a}, {utter: utter_flow_continue_interrupted}, {utter: utter_ask_amount}", "digression"),
        (
            "{user: a}, {utter: utter_ask_amount}, {utter: utter_balance}, {utter: utter_ask_amount}",
            "digression",
        ),
        ("{user: a}, {utter: utter_ask_amount}, {utter: utter_ask_payee}, {utter: utter_sent}", "start"),
        ("{user: a, assertions: [{pattern_clarification_contains: [goodbye]}]}", "clarification"),
        ("{user: a}, {utter: utter_clarification_options_rasa}", "clarification"),
        ("{user: a}, {utter: utter_goodbye}", "small talk"),
        ("{user: a, assertions: [{flow_completed: pattern_chitchat}]}", "small talk"),
        ("{user: a}, {utter: utter_hello}, {user: b}, {utter: utter_ask_amount}", "slot"),
        ("{user: a, assertions: [{flow_started: pattern_search}]}", "knowledge"),
        ("{user: a, assertions: [{generative_response_is_grounded: {threshold: 0.5}}]}", "knowledge"),
        (f"{{user: a}}, {{bot: {ANSWER}}}", "knowledge"),
        (
            "{user: a, assertions: [{generative_response_is_relevant: {utter_source: IntentlessPolicy}}]}",
            "small talk",
        ),
        ("{user: a}, {utter: utter_ask_rephrase}", "other"),
        ("{user: /session_start}, {utter: utter_opening}", "other"),
        ("{user: a}, {bot: The words of an action.}", "start"),
        ("{user: a}, {bot: The words of an action.}, {user: b}", "slot"),
        ("{user: a}", "other"),
        ("{user: a, assertions: [{flow_started: pattern_completed}]}", "other"),
    ],
)
def test_what_is_expected_tells_the_kind(tmp_path: Path, steps: str, kind: str) -> None:
    files = {
        "config.yml": "policies: [{name: FlowPolicy}, {name: EnterpriseSearchPolicy}]",
        "domain.yml": DOMAIN,
        "e2e/test.yml": f"test_cases: [{{test_case: one, steps: [{steps}]}}]",
    }
    write_project(tmp_path, files)
    definition = read_project(tmp_path, environment={}).require_definition()
    (case,) = read_e2e_tests(tmp_path / "e2e", root=tmp_path).test_cases
    assert CaseSorter(definition).sort(case) == kind


def test_the_author_s_word_wins(tmp_path: Path) -> None:
    case = "test_cases: [{test_case: one, kind: digression, steps: [{user: a}, {utter: utter_balance}]}]"
    write_project(tmp_path, {"config.yml": "language: en", "domain.yml": DOMAIN, "e2e/test.yml": case})
    definition = read_project(tmp_path, environment={}).require_definition()
    (read,) = read_e2e_tests(tmp_path / "e2e", root=tmp_path).test_cases
    assert CaseSorter(definition).sort(read) == "digression"
