"""Every kind of assertion with every option, on conversations in which it holds and in which it does not."""

import pytest

from duologue.core.commands import CancelFlow, Clarify, Command, SetSlot, StartFlow
from duologue.core.messages import UserMessage
from duologue.core.understanding import Understanding
from duologue.flows.offers import Offers
from duologue.testing.e2e.output.report_text import format_result
from tests.unit.testing.conftest import STUB, RunTests

MEANINGS: dict[str, tuple[Command, ...]] = {
    "coffee": (StartFlow(flow="order_coffee"),),
    "both": (StartFlow(flow="order_cake"), StartFlow(flow="order_coffee")),
    "large": (SetSlot(name="size", value="large"),),
    "two": (SetSlot(name="cups", value=2),),
    "stop": (CancelFlow(),),
    "which": (Clarify(options=("order_coffee", "order_cake")),),
}


class Meaning:
    """Understands the words of the table, and nothing else."""

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
        return Understanding(commands=MEANINGS[message.text])


def conversation(said: str, assertion: str) -> str:
    *before, last = said.split()
    steps = [*(f"{{user: {word}}}" for word in before), f"{{user: {last}, assertions: [{{{assertion}}}]}}"]
    return f"{STUB}\ntest_cases: [{{test_case: one, steps: [{', '.join(steps)}]}}]"


@pytest.mark.parametrize(
    ("said", "assertion"),
    [
        ("both", "flow_started: {operator: all, flow_ids: [order_cake, order_coffee]}"),
        ("both", "flow_started: {operator: any, flow_ids: [nothing, order_coffee]}"),
        ("both", "flow_started: [order_cake]"),
        ("both", "flow_completed: {flow_id: order_cake}"),
        ("both", "flow_completed: order_cake"),
        ("coffee stop", "flow_cancelled: {flow_id: order_coffee}"),
        ("coffee stop", "flow_cancelled: order_coffee"),
        ("coffee stop", "flow_cancelled: {flow_id: order_coffee, flow_step_id: 0_collect_size}"),
        ("coffee stop", "flow_started: pattern_cancel_flow"),
        ("which", "pattern_clarification_contains: [order_coffee, order_cake]"),
        ("which", "pattern_clarification_contains: order_cake"),
        ("which", "pattern_clarification_contains: {operator: all, flow_ids: [order_coffee, order_cake]}"),
        ("which", "pattern_clarification_contains: {operator: any, flow_ids: [order_cake, nothing]}"),
        ("coffee large", "slot_was_set: [{name: size, value: large}]"),
        ("coffee large", "slot_was_set: [{name: size}]"),
        ("coffee large", "slot_was_set: size"),
        ("coffee large two", "slot_was_set: [{name: cups, value: 2}]"),
        ("coffee large two", "slot_was_set: [{name: cups, value: '2'}]"),
        ("coffee large two", "slot_was_set: [{name: cups, value: 2.0}]"),
        ("coffee large", "slot_was_not_set: [{name: size, value: small}, {name: cups}]"),
        ("coffee", "action_executed: utter_ask_size"),
        ("coffee", 'bot_uttered: {text_matches: "^Small .. large\\\\?$"}'),
        ("coffee", 'bot_uttered: {text_matches: "(?i)SMALL"}'),
        ("coffee", "bot_uttered: {text_matches: 'Small or large?'}"),
        (
            "coffee",
            "bot_uttered: {buttons: [{title: Small}, {title: Large, payload: /SetSlots(size=large)}]}",
        ),
        ("coffee", "bot_did_not_utter: {buttons: [{title: Small, payload: /other}]}"),
        ("coffee", "bot_did_not_utter: {text_matches: '('}"),
    ],
)
async def test_it_holds(run_tests: RunTests, said: str, assertion: str) -> None:
    report = await run_tests(conversation(said, assertion), understander=Meaning())
    assert report.exit_code == 0, format_result(report.results[0])


@pytest.mark.parametrize(
    ("said", "assertion", "happened"),
    [
        ("both", "flow_started: {operator: all, flow_ids: [order_cake, nothing]}", "order_coffee"),
        (
            "coffee stop",
            "flow_cancelled: {flow_id: order_cake}",
            "order_coffee was cancelled at 0_collect_size",
        ),
        ("coffee stop", "flow_cancelled: {flow_id: order_coffee, flow_step_id: START}", "at 0_collect_size"),
        ("coffee stop", "flow_completed: order_coffee", "pattern_cancel_flow was completed"),
        (
            "which",
            "pattern_clarification_contains: {operator: all, flow_ids: [order_cake, nothing]}",
            "order_coffee, order_cake were offered",
        ),
        ("coffee large", "slot_was_set: [{name: size, value: small}]", 'size was set to "large"'),
        ("coffee large", "slot_was_set: [{name: size, value: true}]", 'size was set to "large"'),
        ("coffee large two", "slot_was_not_set: [{name: cups, value: '2'}]", "cups was set to 2"),
        ("coffee", "bot_uttered: {utter_name: utter_ask_size, text_matches: Huge}", "Small or large?"),
        ("coffee", "bot_uttered: {buttons: [{title: Small, payload: /other}]}", "its buttons were Small"),
        ("coffee", "bot_did_not_utter: {buttons: [{title: Small}]}", "Small or large?"),
        ("coffee", "bot_uttered: {text_matches: '('}", "Small or large?"),
    ],
)
async def test_it_fails_and_says_what_happened(
    run_tests: RunTests, said: str, assertion: str, happened: str
) -> None:
    report = await run_tests(conversation(said, assertion), understander=Meaning())
    (failure,) = report.failed[0].failures
    assert happened in failure.happened
