"""The stock patterns are sound flows: what they name exists, and every step leads somewhere."""

import pytest

from duologue.core.slots import SlotType
from duologue.core.stack import END
from duologue.flows.conditions import parse_condition
from duologue.flows.flow import Flow
from duologue.flows.patterns import (
    DEFAULT_ACTIONS,
    STOCK_FLOWS,
    STOCK_PATTERNS,
    STOCK_RESPONSES,
    STOCK_SLOTS,
)
from duologue.flows.steps import ActionStep, CallStep, CollectStep, LinkStep, SetSlotsStep

EVERY = pytest.mark.parametrize("pattern", STOCK_FLOWS, ids=lambda pattern: pattern.id)
EXPECTED = {
    "pattern_cancel_flow",
    "pattern_cannot_handle",
    "pattern_chitchat",
    "pattern_clarification",
    "pattern_code_change",
    "pattern_collect_information",
    "pattern_completed",
    "pattern_continue_interrupted",
    "pattern_correction",
    "pattern_customer_satisfaction",
    "pattern_human_handoff",
    "pattern_internal_error",
    "pattern_repeat_bot_messages",
    "pattern_restart",
    "pattern_search",
    "pattern_session_start",
    "pattern_skip_question",
    "pattern_user_silence",
    "pattern_validate_slot",
}


def test_these_are_the_patterns() -> None:
    assert {pattern.id for pattern in STOCK_FLOWS} == EXPECTED
    assert len(STOCK_FLOWS) == len(EXPECTED)


@EVERY
def test_ids_are_unique_and_every_step_leads_to_one_that_exists(pattern: Flow) -> None:
    assert len(pattern.positions) == len(pattern.steps)
    for step in pattern.steps:
        targets = [step.next] if isinstance(step.next, str) else [arm.target for arm in step.next or ()]
        assert all(target == END or target in pattern.positions for target in targets)


@EVERY
def test_every_choice_ends_with_otherwise_and_its_conditions_can_be_read(pattern: Flow) -> None:
    for step in pattern.steps:
        if isinstance(step.next, tuple):
            assert step.next[-1].condition is None
            for arm in step.next[:-1]:
                assert isinstance(arm.condition, str)
                parse_condition(arm.condition)


@EVERY
def test_every_name_exists(pattern: Flow) -> None:
    for step in pattern.steps:
        match step:
            case ActionStep(action=name) if "{" not in name:
                assert name in STOCK_RESPONSES or name in DEFAULT_ACTIONS
            case CollectStep():
                assert step.slot in STOCK_SLOTS
                assert step.asking_response in STOCK_RESPONSES
            case SetSlotsStep():
                assert {name for name, _ in step.slots} <= STOCK_SLOTS.keys()
            case LinkStep():
                assert step.flow_id in EXPECTED
            case CallStep():
                pytest.fail("a pattern cannot call")
            case _:
                pass


def test_the_error_pattern_links_nowhere() -> None:
    error = next(pattern for pattern in STOCK_FLOWS if pattern.id == "pattern_internal_error")
    assert not any(isinstance(step, LinkStep) for step in error.steps)


def test_every_stock_response_says_something_and_errors_are_not_rephrased() -> None:
    for name, variations in STOCK_RESPONSES.items():
        for variation in variations:
            assert variation.text
            if "error" in name:
                assert not variation.metadata.get("rephrase")


def test_no_two_patterns_bring_the_same_response_or_slot() -> None:
    responses = [name for pattern in STOCK_PATTERNS for name in pattern.responses]
    slots = [slot.name for pattern in STOCK_PATTERNS for slot in pattern.slots]
    assert len(responses) == len(set(responses))
    assert len(slots) == len(set(slots))


def test_stock_slots_are_ours_and_their_choices_are_closed() -> None:
    for slot in STOCK_SLOTS.values():
        assert slot.is_builtin
        assert bool(slot.values) == (slot.type is SlotType.CATEGORICAL)
