"""A run of tests of understanding is told to people and to programs."""

import xml.etree.ElementTree as ET
from pathlib import Path

from inline_snapshot import snapshot

from duologue.core import commands as cmd
from duologue.core.understanding import ModelCall
from duologue.project.du_reader import read_du_tests
from duologue.project.du_tests import CommandLine, DuTestCase, DuTurn
from duologue.project.e2e_tests import BotSays, BotUtters, StubbedAction, TestCase, UserSays
from duologue.testing.du.comparison import Comparison
from duologue.testing.du.expected import ExpectedCase, ExpectedTurn
from duologue.testing.du.json_report import describe_report, write_json
from duologue.testing.du.junit import format_junit, write_junit
from duologue.testing.du.report import DuCaseResult, DuReport, Prompt, RungAnswer, TurnJudgement
from duologue.testing.du.report_text import format_result, format_summary
from duologue.testing.du.result_files import write_result_files
from duologue.testing.e2e.checks import Failure
from duologue.testing.e2e.stub_actions import ActionTrouble

PAY = cmd.StartFlow(flow="pay")
AMOUNT = cmd.SetSlot(name="amount", value=5.0)


def make_result(name: str, *comparisons: Comparison, failures: tuple[Failure, ...] = ()) -> DuCaseResult:
    """A case of one message for each comparison; the model answers all of them."""
    turns = tuple(
        DuTurn(
            said=UserSays(text=f"message {number}", line=number, metadata={"n": number}),
            commands=(CommandLine(text="start flow pay"),),
            expected=(BotUtters(response="utter_ask"), BotSays(text="Hi: there")),
        )
        for number, _ in enumerate(comparisons, start=7)
    )
    case = DuTestCase(
        case=TestCase(
            name=name,
            file="t.yml",
            line=6,
            slots={"vip": True},
            stubs={"action_pay": StubbedAction(responses=({"text": "ok"},))},
        ),
        turns=turns,
    )
    expected = tuple(ExpectedTurn(turn=turn, commands=()) for turn in turns)
    return DuCaseResult(
        expected=ExpectedCase(case=case, turns=expected),
        turns=tuple(
            TurnJudgement(
                turn=turn,
                comparison=comparison,
                refused=(AMOUNT,) if AMOUNT in comparison.missed else (),
                answered_by="model",
                reason="the model proposes start flow",
                milliseconds=12.0,
                calls=(ModelCall(model="m", input_tokens=400, cached_tokens=300, output_tokens=7),),
                rungs=(
                    RungAnswer(rung="exact", is_answered=False),
                    RungAnswer(
                        rung="model", is_answered=True, is_right=comparison.is_right, milliseconds=11.0
                    ),
                    RungAnswer(rung="local", is_answered=False, failure="broken"),
                ),
                prompts=(
                    Prompt(model="m", prefix="Understand.", prompt="user: hi", answer="start flow pay"),
                ),
            )
            for turn, comparison in zip(expected, comparisons, strict=True)
        ),
        failures=failures,
        milliseconds=20.0,
    )


RIGHT = make_result("pays", Comparison(right=(PAY,)))
WRONG = make_result(
    "pays \x07 wrongly",
    Comparison(right=(PAY,), missed=(AMOUNT,), unexpected=(cmd.ChitChat(),)),
    failures=(Failure(line=9, expected="the response utter_ask", happened="the assistant said nothing"),),
)
TROUBLE = ActionTrouble(action="action_x", reason="its code is not here", is_missing=True)
REPORT = DuReport(results=(RIGHT, WRONG), cases_left=1, action_troubles=(TROUBLE,), milliseconds=40.0)


def test_a_failed_case_shows_what_was_meant_and_what_was_understood() -> None:
    assert format_result(RIGHT) == "passed  t.yml::pays"
    assert format_result(WRONG, has_prompts=True) == snapshot(
        """\
FAILED  t.yml::pays \x07 wrongly
  t.yml:7: user: message 7
      start flow pay
    - set slot amount 5
    + offtopic reply
    the flows do not offer `set slot amount 5` here; the test expects what cannot be done
    (model answered: the model proposes start flow)
    m was asked:
      | Understand.
      | user: hi
    and said:
      | start flow pay
  t.yml:9: expected the response utter_ask
    but the assistant said nothing\
"""
    )


def test_the_summary_has_a_table_for_commands_and_one_for_rungs() -> None:
    assert format_summary(REPORT) == snapshot(
        """\
The action `action_x`: its code is not here.

command     meant  understood  right  precision  recall    f1
start flow      2           2      2       1.00    1.00  1.00
set slot        1           0      0          -    0.00  0.00
chitchat        0           1      0       0.00       -  0.00

rung, asked alone  asked  answered  right  of asked  of answered   median  failed
exact                  2         0      0      0.00            -   0.0 ms       0
model                  2         2      1      0.50         0.50  11.0 ms       0
local                  2         0      0      0.00            -   0.0 ms       2
the whole ladder       2         2      1      0.50         0.50  12.0 ms

Latency of a message: p50 12.0 ms, p90 12.0 ms, p99 12.0 ms
Messages without a model call: 0 of 2 (0 %)
Prompt tokens of the others: p50 400, p90 400, p99 400
  of them from a cache: p50 300, p90 300, p99 300
Answer tokens: p50 7, p90 7, p99 7

1 of 2 messages understood (50 %); 1 failed, 1 passed, 1 not run in 0.04 s\
"""
    )


def test_a_run_without_a_message_to_judge_has_no_tables() -> None:
    assert format_summary(DuReport(results=())) == "0 of 0 messages understood; 0 failed, 0 passed in 0.00 s"


def test_what_went_wrong_with_the_run_itself_fails_it() -> None:
    report = DuReport(results=(RIGHT,), problems=("answers.json holds no answer",))
    assert report.exit_code == 1
    assert "answers.json holds no answer" in format_summary(report)
    suite = ET.fromstring(format_junit(report))
    assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("2", "1", "0")


def test_junit_holds_every_case_and_no_character_that_xml_cannot_hold(tmp_path: Path) -> None:
    write_junit(REPORT, tmp_path / "made" / "junit.xml")
    suite = ET.parse(tmp_path / "made" / "junit.xml").getroot()
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == ["pays", "pays \ufffd wrongly"]
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.get("message") == "1 of 1 messages not understood; expected the response utter_ask"
    assert "- set slot amount 5" in (failure.text or "")


def test_json_holds_what_the_text_shows(tmp_path: Path) -> None:
    write_json(REPORT, tmp_path / "report.json")
    described = describe_report(REPORT)
    assert (described["passed"], described["failed"], described["not_run"]) == (1, 1, 1)
    assert described["commands"][0] == {
        "kind": "start flow",
        "expected": 2,
        "understood": 2,
        "right": 2,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
    }
    assert [rung["failed"] for rung in described["rungs"]] == [0, 0, 2]
    message = described["test_cases"][1]["messages"][0]
    assert (message["missed"], message["not_on_offer"]) == (["set slot amount 5"], ["set slot amount 5"])
    assert message["prompts"][0]["answer"] == "start flow pay"


def test_result_files_are_test_files_that_mean_the_same(tmp_path: Path) -> None:
    passed, failed = write_result_files(REPORT, tmp_path / "results")
    (again,) = read_du_tests(passed, root=tmp_path).test_cases
    case = RIGHT.expected.case
    assert (again.name, again.case.slots, again.case.stubs) == ("pays", case.case.slots, case.case.stubs)
    (turn,) = again.turns
    assert (turn.said.text, turn.said.metadata) == ("message 7", {"n": 7})
    assert [line.text for line in turn.commands or ()] == ["start flow pay"]
    assert [type(step) for step in turn.expected] == [BotUtters, BotSays]
    assert "# - set slot amount 5" in failed.read_text(encoding="utf-8")
