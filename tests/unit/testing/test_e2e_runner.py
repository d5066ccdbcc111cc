"""End-to-end tests are run as conversations of their own."""

import asyncio
import json
from typing import cast

import msgspec
import pytest

from duologue.core.commands import StartFlow
from duologue.core.messages import UserMessage
from duologue.core.understanding import Evidence, ModelCall, Understanding
from duologue.flows.offers import Offers
from duologue.testing.e2e.output.report_text import (
    format_coverage,
    format_result,
    format_summary,
    format_tables,
)
from duologue.testing.e2e.report import CaseResult
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
        "FAILED  e2e_tests.yml::one turn  (slot)\n"
        "  e2e_tests.yml:6: expected the response utter_ask_cups\n"
        '    but the assistant said utter_ask_size "Small or large?"\n'
        "  the conversation:\n"
        "    user: /order_coffee\n"
        "      understood: start flow order_coffee  [payload, intent]\n"
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
    assert report.coverage is not None
    coffee = next(flow for flow in report.coverage.flows if flow.flow_id == "order_coffee")
    assert coffee.missed == ("3_set_slots",)
    assert "order_cake      0.0 %  of 1 step; missed: 0_utter_no_cake" in format_coverage(report)


async def test_coverage_follows_the_branch_that_was_taken(run_tests: RunTests) -> None:
    member = ORDER.replace("    steps:", "    fixtures: member\n    steps:")
    report = await run_tests(
        f"fixtures: [{{member: [{{is_member: true}}]}}]\n{STUB}{member}", has_coverage=True
    )
    assert report.coverage is not None
    coffee = next(flow for flow in report.coverage.flows if flow.flow_id == "order_coffee")
    assert coffee.percent == 100.0


async def test_what_failed_tests_came_through_is_told_apart(run_tests: RunTests) -> None:
    report = await run_tests(f"{STUB}{ORDER}      - utter: utter_no_cake\n", has_coverage=True)
    assert report.coverage is not None
    coffee = next(flow for flow in report.coverage.flows if flow.flow_id == "order_coffee")
    assert (coffee.percent > 80, coffee.percent_by_passed) == (True, 0.0)
    assert report.coverage.commands_in_failed == {"start flow": 1, "set slot": 2}


def ordered(assertions: str) -> str:
    return one_turn(
        f"        assertion_order_enabled: true\n        assertions: [{assertions}]", "/order_cake"
    )


@pytest.mark.parametrize(
    ("assertions", "expected"),
    [
        ("flow_started: order_cake}, {bot_uttered: {utter_name: utter_no_cake}", []),
        ("action_executed: utter_no_cake}, {bot_uttered: {utter_name: utter_no_cake}", []),
        (
            "flow_completed: order_cake}, {flow_started: pattern_completed}, {slot_was_not_set: [{name: size}]",
            [],
        ),
        (
            "flow_completed: order_cake}, {flow_started: order_cake",
            ["flow_started after what the assertions above it name"],
        ),
        ("flow_started: order_coffee}, {flow_started: order_cake", ["the flow order_coffee to start"]),
    ],
)
async def test_assertions_can_be_held_to_their_order(
    run_tests: RunTests, assertions: str, expected: list[str]
) -> None:
    report = await run_tests(ordered(f"{{{assertions}}}"))
    assert [failure.expected for failure in report.results[0].failures] == expected


async def test_an_error_in_one_case_does_not_stop_the_others(run_tests: RunTests) -> None:
    class Broken:
        async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
            if message.text == "break":
                # Not even an `Understanding`: the turn itself breaks.
                return cast("Understanding", None)
            return Understanding(commands=(StartFlow(flow="order_cake"),))

    cases = [
        f"{{test_case: {text}, steps: [{{user: {text}}}, {{utter: utter_no_cake}}]}}"
        for text in ("break", "cake")
    ]
    report = await run_tests(f"test_cases: [{', '.join(cases)}]", understander=Broken())
    assert [result.is_passed for result in report.results] == [False, True]
    assert "AttributeError" in report.results[0].failures[0].happened


async def test_conversations_are_held_beside_each_other_and_reported_in_their_order(
    run_tests: RunTests,
) -> None:
    class Slow:
        """Answers the first messages last."""

        def __init__(self) -> None:
            self.under_way = 0
            self.most = 0

        async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            for _ in range(60 - 10 * int(message.text)):
                await asyncio.sleep(0)
            self.under_way -= 1
            return Understanding(commands=(StartFlow(flow="order_cake"),))

    slow = Slow()
    shown: list[str] = []
    cases = [f"{{test_case: '{n}', steps: [{{user: '{n}'}}, {{utter: utter_no_cake}}]}}" for n in range(6)]
    report = await run_tests(
        f"test_cases: [{', '.join(cases)}]",
        understander=slow,
        jobs=3,
        show=lambda result: shown.append(result.case.name),
    )
    assert (slow.most, len(report.passed)) == (3, 6)
    assert shown == [result.case.name for result in report.results] == [str(n) for n in range(6)]


async def test_an_interrupted_run_tells_of_what_was_run(run_tests: RunTests) -> None:
    stop = asyncio.Event()

    class Stuck:
        async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
            if message.text == "wait":
                stop.set()
                await asyncio.Event().wait()
            return Understanding(commands=(StartFlow(flow="order_cake"),))

    cases = [f"{{test_case: {text}, steps: [{{user: {text}}}]}}" for text in ("cake", "wait", "more")]
    report = await run_tests(f"test_cases: [{', '.join(cases)}]", understander=Stuck(), stop=stop)
    assert [result.case.name for result in report.results] == ["cake"]
    assert (report.is_interrupted, report.cases_left, report.exit_code) == (True, 2, 130)
    assert format_summary(report).endswith("s; interrupted")


async def test_many_cases_with_names_of_any_kind_are_run(run_tests: RunTests) -> None:
    names = [
        f"{sign} {number}" for number in range(50) for sign in ("ä::b", "#", "- x", "\"'", "日本\n語", "null")
    ]
    entries = [
        {"test_case": name, "steps": [{"user": "/order_cake"}, {"utter": "utter_no_cake"}]} for name in names
    ]
    report = await run_tests(json.dumps({"test_cases": entries}), jobs=8)
    assert [result.case.name for result in report.passed] == names


async def test_the_figures_tell_which_rung_understood_what(run_tests: RunTests) -> None:
    class Modelled:
        async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
            call = ModelCall(model="m", input_tokens=100, cached_tokens=80, output_tokens=5)
            evidence = (
                Evidence(rung="model", calls=(call,)) if message.text == "cake" else Evidence(rung="local"),
            )
            return Understanding(commands=(StartFlow(flow="order_cake"),), evidence=evidence)

    cases = [
        f"{{test_case: {text}, steps: [{{user: {text}}}, {{utter: {utter}}}]}}"
        for text, utter in (("cake", "utter_no_cake"), ("tart", "utter_no_cake"), ("bread", "utter_ask_size"))
    ]
    report = await run_tests(f"test_cases: [{', '.join(cases)}]", understander=Modelled())
    figures = report.figures
    assert [msgspec.structs.astuple(rung) for rung in figures.rungs] == [
        ("local", 2, 1, 1, 1),
        ("model", 1, 1, 0, 0),
    ]
    assert (figures.turns_without_model, figures.calls) == (2, 1)
    assert (figures.input_tokens, figures.cached_tokens, figures.output_tokens) == (100, 80, 5)
    text = format_tables(report)
    assert "start      3       2   67 %" in text
    assert "2 of 3 messages (67 %) understood without a call of a language model" in text
    assert "1 call: 100 tokens in (80 from the cache), 5 out" in text
