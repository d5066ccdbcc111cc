"""Results are written as test files that can be run again."""

from pathlib import Path

from msgspec.structs import replace

from duologue.project.e2e_reader import read_e2e_tests
from duologue.project.e2e_tests import TestCase
from duologue.testing.e2e.result_files import FAILED_FILE, PASSED_FILE, write_result_files
from tests.unit.testing.conftest import STUB, RunTests

TESTS = f"""{STUB}
fixtures:
  - member: [{{is_member: true}}]
metadata:
  - phone: {{device: {{os: "linux: 6"}}}}
test_cases:
  - test_case: "it's a # good: one"
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
          - generative_response_is_relevant: {{threshold: 0.8}}
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
