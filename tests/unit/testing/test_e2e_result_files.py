"""Results are written as test files that can be run again."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from duologue.core.errors import DefinitionError
from duologue.project.definition import AssistantDefinition
from duologue.project.e2e_reader import FAILED_FILE, PASSED_FILE, read_e2e_tests
from duologue.project.e2e_tests import TestCase
from duologue.testing.e2e.output.failed_before import find_failed_file, select_failed
from duologue.testing.e2e.output.result_files import write_result_files
from duologue.testing.e2e.runner import run_e2e
from tests.unit.testing.conftest import STUB, RunTests

TESTS = f"""{STUB}
fixtures:
  - member: [{{is_member: true}}]
metadata:
  - phone: {{device: {{os: "linux: 6"}}}}
test_cases:
  - test_case: "it's a # good: one"
    kind: start
    fixtures: [member]
    metadata: phone
    steps:
      - user: /order_cake
        metadata: phone
        assertions:
          - flow_started: {{operator: any, flow_ids: [order_cake]}}
          - flow_completed: {{flow_id: order_cake, flow_step_id: 0_utter_no_cake}}
          - slot_was_not_set: [{{name: size}}, {{name: cups, value: 3}}]
          - bot_uttered: {{utter_name: utter_no_cake, text_matches: "no \\\\w+ today"}}
          - bot_did_not_utter: {{buttons: [{{title: Large}}]}}
          - bot_did_not_utter: {{text_matches: "^yes"}}
  - test_case: a bad one
    steps:
      - user: /order_coffee
      - slot_was_set: [size, {{cups: 3}}, {{price: null}}]
      - slot_was_not_set: [order_number]
      - utter: utter_no_cake
      - bot: |
          Two lines:
          - one
"""


def read_cases(path: Path, root: Path) -> tuple[TestCase, ...]:
    return read_e2e_tests(path, root=root).test_cases


def without_place(case: TestCase) -> TestCase:
    # Fixtures are named anew and stubs become the case's own; the rest comes back as it was.
    steps = tuple(replace(step, line=0) for step in case.steps)
    bare = [replace(step, assertions=None) if hasattr(step, "assertions") else step for step in steps]
    return replace(case, file="", line=0, fixtures=(), steps=tuple(bare))


async def test_what_passed_and_what_failed_are_files_that_read_as_the_same_tests(
    run_tests: RunTests, tmp_path: Path
) -> None:
    report = await run_tests(TESTS)
    assert [len(report.passed), len(report.failed)] == [1, 1]
    results = tmp_path / "results"
    passed, failed = write_result_files(report, results)
    assert [passed, failed] == [results / PASSED_FILE, results / FAILED_FILE]
    for path, expected in ((passed, report.passed), (failed, report.failed)):
        reading = read_e2e_tests(path, root=tmp_path)
        assert reading.problems.format() == ""
        assert [without_place(case) for case in reading.test_cases] == [
            without_place(result.case) for result in expected
        ]


async def test_assertions_come_back_too(run_tests: RunTests, tmp_path: Path) -> None:
    report = await run_tests(TESTS)
    passed, _ = write_result_files(report, tmp_path)
    step = read_e2e_tests(passed, root=tmp_path).test_cases[0].steps[0]
    original = report.passed[0].case.steps[0]
    assert [replace(one, line=0) for one in getattr(step, "assertions", ())] == [
        replace(one, line=0) for one in getattr(original, "assertions", ())
    ]


async def test_a_failure_stands_as_a_comment_above_its_test(run_tests: RunTests, tmp_path: Path) -> None:
    _, failed = write_result_files(await run_tests(TESTS), tmp_path)
    text = failed.read_text(encoding="utf-8")
    assert "expected the slot cups = 3 to be set, but cups was not set" in text


async def test_no_test_that_failed_is_an_empty_list(run_tests: RunTests, tmp_path: Path) -> None:
    report = await run_tests("test_cases: [{test_case: fine, steps: [{user: /order_cake}]}]")
    _, failed = write_result_files(report, tmp_path)
    assert failed.read_text(encoding="utf-8") == "test_cases: []\n"


async def test_cases_of_one_name_keep_their_own_fixtures_and_stubs(
    run_tests: RunTests, definition: AssistantDefinition, tmp_path: Path
) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.yml").write_text(
            f"""\
fixtures: [{{f: [{{cups: {number}}}, {{size: small}}]}}]
stub_custom_actions:
  action_place_order: {{events: [{{event: slot, name: order_number, value: N{number}}}]}}
test_cases:
  - test_case: twin
    fixtures: f
    steps: [{{user: /order_coffee}}, {{bot: "Order N{number} is on its way."}}]
""",
            encoding="utf-8",
        )
    cases = [case for number in (1, 2) for case in read_cases(tmp_path / f"{number}.yml", tmp_path)]
    passed, _ = write_result_files(await run_e2e(definition, cases), tmp_path / "run.yml")
    assert passed.name == "run_passed.yml"
    again = read_cases(passed, tmp_path)
    assert [case.slots["cups"] for case in again] == [1, 2]
    assert len((await run_e2e(definition, again)).passed) == 2


async def test_those_that_failed_are_found_again_by_file_and_name(
    run_tests: RunTests, tmp_path: Path
) -> None:
    wrong = "{test_case: 'twin: # ', steps: [{user: /order_cake}, {bot: no}]}"
    report = await run_tests(f"test_cases: [{wrong}]")
    _, failed = write_result_files(report, tmp_path / "results")
    (case,) = (result.case for result in report.results)
    other = replace(case, file="other.yml")
    assert select_failed([other, case, replace(case, name="new")], failed) == ((case,), ())
    assert select_failed([other], failed) == ((), ("twin: # ",))
    # Rasa's results name no files: the name alone counts.
    failed.write_text("test_cases: [{test_case: 'twin: # ', steps: [{user: x}]}]", encoding="utf-8")
    assert select_failed([other, case], failed) == ((other, case), ())


def test_without_results_there_is_nothing_to_run_again(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="a run with `-o` writes it"):
        find_failed_file(tmp_path, tmp_path / "gone.yml")
