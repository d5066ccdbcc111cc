"""End-to-end tests are run as conversations of their own."""

import pytest

from duologue.testing.e2e.report import CaseResult
from duologue.testing.e2e.report_text import format_coverage, format_result, format_summary
from tests.unit.testing.conftest import STUB, RunTests

ORDER = """
test_cases:
  - test_case: a guest orders
    steps:
      - user: /order_coffee
      - utter: utter_ask_size
      - user: /SetSlots(size=large)
      - utter: utter_ask_cups
      - user: /SetSlots(cups=2)
"""


def one_turn(expected: str, message: str = "/order_coffee") -> str:
    return f"""
test_cases:
  - test_case: one turn
    steps:
      - user: {message}
{expected}
"""


async def test_a_conversation_that_goes_as_expected_passes(run_tests: RunTests) -> None:
    report = await run_tests(
        f"""{STUB}{ORDER}
      - bot: One moment.
      - bot: Order A1 is on its way.
      - slot_was_set:
          - cups: 2
          - order_number
"""
    )
    assert report.exit_code == 0
    assert [result.is_passed for result in report.results] == [True]


async def test_the_order_of_what_is_expected_within_a_turn_is_free(run_tests: RunTests) -> None:
    report = await run_tests(
        f"{STUB}{ORDER}      - utter: utter_ordered\n      - slot_was_set: [order_number]\n      - bot: One moment.\n"
    )
    assert report.exit_code == 0


async def test_one_reply_does_not_answer_two_expectations(run_tests: RunTests) -> None:
    report = await run_tests(one_turn("      - utter: utter_ask_size\n      - utter: utter_ask_size"))
    assert [failure.line for failure in report.failed[0].failures] == [7]


async def test_one_reply_is_both_a_text_and_a_response(run_tests: RunTests) -> None:
    report = await run_tests(one_turn("      - utter: utter_ask_size\n      - bot: Small or large?"))
    assert report.exit_code == 0


async def test_a_failure_says_what_was_expected_where_and_what_happened(run_tests: RunTests) -> None:
    report = await run_tests(one_turn("      - utter: utter_ask_cups\n      - user: never sent"))
    text = format_result(report.results[0])
    assert text == (
        "FAILED  e2e_tests.yml::one turn\n"
        "  e2e_tests.yml:6: expected the response utter_ask_cups\n"
        '    but the assistant said utter_ask_size "Small or large?"\n'
        "  the conversation:\n"
        "    user: /order_coffee\n"
        "      flow started: order_coffee\n"
        "      bot (utter_ask_size): Small or large?\n"
        "           [Small](/SetSlots(size=small))\n"
        "           [Large](/SetSlots(size=large))\n"
        "    … ended here; 1 message more not sent"
    )


async def test_a_missing_action_is_named(run_tests: RunTests) -> None:
    report = await run_tests(f"{ORDER}      - utter: utter_ordered\n")
    assert report.missing_actions == ("action_place_order",)
    assert "'action_place_order' is not here" in report.failed[0].failures[0].happened
    assert "The action 'action_place_order' is missing" in format_summary(report)


async def test_a_stub_of_one_test_case_wins_over_the_stub_for_all(run_tests: RunTests) -> None:
    own = (
        "  a guest orders::action_place_order:\n    events: [{event: slot, name: order_number, value: B2}]\n"
    )
    report = await run_tests(f"{STUB}{own}{ORDER}      - bot: Order B2 is on its way.\n")
    assert report.exit_code == 0


async def test_fixtures_are_set_after_the_session_has_started(run_tests: RunTests) -> None:
    report = await run_tests(
        f"""{STUB}
fixtures:
  - member: [{{is_member: "true"}}, {{size: small}}]
test_cases:
  - test_case: a member
    fixtures: [member]
    steps:
      - user: /order_coffee
      - utter: utter_ask_cups
      - user: /SetSlots(cups=1)
      - slot_was_set: [{{price: 0}}]
"""
    )
    assert report.exit_code == 0, format_result(report.results[0])


async def test_each_test_case_has_a_conversation_of_its_own(run_tests: RunTests) -> None:
    start = "    steps: [{user: /order_coffee}, {utter: utter_ask_size}, {user: /SetSlots(size=large)}]\n"
    report = await run_tests(f"test_cases:\n  - test_case: one\n{start}  - test_case: two\n{start}")
    assert len(report.passed) == 2


async def test_a_run_can_end_with_the_first_failure(run_tests: RunTests) -> None:
    wrong = "    steps: [{user: /order_cake}, {utter: utter_ask_size}]\n"
    text = "test_cases:\n" + "".join(f"  - test_case: {name}\n{wrong}" for name in ("one", "two", "three"))
    shown: list[CaseResult] = []
    report = await run_tests(text, is_fail_fast=True, show=shown.append)
    assert (len(report.results), report.cases_left, report.exit_code) == (1, 2, 1)
    assert shown == list(report.results)


@pytest.mark.parametrize(
    "assertion",
    [
        "flow_started: order_coffee",
        "flow_started: {operator: any, flow_ids: [order_cake, order_coffee]}",
        "flow_started: {operator: all, flow_ids: [order_coffee]}",
        "bot_uttered: {utter_name: utter_ask_size}",
        'bot_uttered: {text_matches: "[Ss]mall or (large|huge)"}',
        'bot_uttered: {text_matches: "Small or large?"}',
        "bot_uttered: {utter_name: utter_ask_size, buttons: [{title: Large, payload: /SetSlots(size=large)}]}",
        "bot_did_not_utter: {utter_name: utter_ask_cups}",
        "bot_did_not_utter: {utter_name: utter_ask_size, text_matches: Huge}",
        "slot_was_not_set: [{name: size}]",
        "action_executed: utter_ask_size",
    ],
)
async def test_an_assertion_that_holds_passes(run_tests: RunTests, assertion: str) -> None:
    report = await run_tests(one_turn(f"        assertions:\n          - {assertion}"))
    assert report.exit_code == 0, format_result(report.results[0])


@pytest.mark.parametrize(
    ("assertion", "happened"),
    [
        ("flow_started: order_cake", "order_coffee started"),
        ("flow_started: {operator: all, flow_ids: [order_coffee, order_cake]}", "order_coffee started"),
        ("flow_completed: {flow_id: order_coffee}", "no flow was completed"),
        ("flow_cancelled: {flow_id: order_coffee}", "no flow was cancelled"),
        ("bot_uttered: {text_matches: Medium}", 'the assistant said utter_ask_size "Small or large?"'),
        (
            "bot_uttered: {buttons: [{title: Huge}]}",
            'the assistant said utter_ask_size "Small or large?"; its buttons were'
            " Small (/SetSlots(size=small)), Large (/SetSlots(size=large))",
        ),
        ("bot_did_not_utter: {text_matches: large}", 'the assistant said utter_ask_size "Small or large?"'),
        ("slot_was_set: [{name: size, value: large}]", "size was not set; no slot was set"),
        ("action_executed: action_place_order", "executed were action_session_start, utter_ask_size"),
        ("pattern_clarification_contains: [order_cake]", "none were offered"),
    ],
)
async def test_an_assertion_that_does_not_hold_fails(
    run_tests: RunTests, assertion: str, happened: str
) -> None:
    report = await run_tests(one_turn(f"        assertions:\n          - {assertion}"))
    assert [(failure.line, failure.happened) for failure in report.failed[0].failures] == [(7, happened)]


@pytest.mark.parametrize(
    "assertion",
    [
        "flow_completed: {flow_id: order_cake}",
        "flow_completed: {flow_id: order_cake, flow_step_id: 0_utter_no_cake}",
        "flow_started: pattern_completed",
    ],
)
async def test_the_end_of_a_flow_is_seen_and_the_pattern_that_follows(
    run_tests: RunTests, assertion: str
) -> None:
    report = await run_tests(one_turn(f"        assertions:\n          - {assertion}", "/order_cake"))
    assert report.exit_code == 0, format_result(report.results[0])


async def test_a_flow_that_ended_at_another_step_fails(run_tests: RunTests) -> None:
    assertion = "flow_completed: {flow_id: order_cake, flow_step_id: 9_nowhere}"
    report = await run_tests(one_turn(f"        assertions:\n          - {assertion}", "/order_cake"))
    assert report.failed[0].failures[0].happened == "order_cake was completed at 0_utter_no_cake"


async def test_steps_beside_assertions_are_not_checked(run_tests: RunTests) -> None:
    assertions = "        assertions:\n          - flow_started: order_coffee\n      - utter: utter_ask_cups"
    report = await run_tests(one_turn(assertions))
    assert report.exit_code == 0


async def test_an_assertion_for_a_judge_is_counted_and_not_run(run_tests: RunTests) -> None:
    assertion = "generative_response_is_grounded: {threshold: 0.9, ground_truth: Coffee is sold.}"
    report = await run_tests(one_turn(f"        assertions:\n          - {assertion}"))
    assert (report.exit_code, report.judgements_left) == (0, 1)
    assert "1 assertion not run" in format_summary(report)


async def test_a_refused_value_shows_as_set_and_emptied(run_tests: RunTests) -> None:
    report = await run_tests(
        """
test_cases:
  - test_case: too many
    steps:
      - user: /order_coffee
      - user: /SetSlots(size=small)
      - user: /SetSlots(cups=11)
      - utter: utter_too_many
      - slot_was_set: [{cups: null}]
      - slot_was_not_set: [{cups: 12}]
"""
    )
    assert report.exit_code == 0, format_result(report.results[0])


async def test_true_is_not_the_number_one(run_tests: RunTests) -> None:
    report = await run_tests(
        """
fixtures: [{many: [{cups: 1}]}]
test_cases:
  - test_case: one cup
    fixtures: many
    steps:
      - user: /order_coffee
      - slot_was_set: [{cups: 1}]
      - slot_was_not_set: [{is_member: true}]
"""
    )
    assert report.exit_code == 0, format_result(report.results[0])


async def test_coverage_counts_the_silent_steps_on_the_way(run_tests: RunTests) -> None:
    report = await run_tests(f"{STUB}{ORDER}", has_coverage=True)
    coffee = next(flow for flow in report.coverage if flow.flow_id == "order_coffee")
    assert coffee.missed == ("3_set_slots",)
    assert "order_cake      0.0 %  of 1 step; missed: 0_utter_no_cake" in format_coverage(report)


async def test_coverage_follows_the_branch_that_was_taken(run_tests: RunTests) -> None:
    member = ORDER.replace("    steps:", "    fixtures: member\n    steps:")
    report = await run_tests(
        f"fixtures: [{{member: [{{is_member: true}}]}}]\n{STUB}{member}", has_coverage=True
    )
    coffee = next(flow for flow in report.coverage if flow.flow_id == "order_coffee")
    assert coffee.percent == 100.0
