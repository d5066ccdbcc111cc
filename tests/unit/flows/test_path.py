"""The way through a flow."""

import pytest

from duologue.core.errors import FlowError
from duologue.flows.path import find_next, trace_path
from tests.flow_writing import act, ask, branch, flow, when

FORK = flow(
    "fork",
    ask("kind", "kind", then=when(("slots.kind = 'a'", "a"), otherwise="b")),
    act("utter_a", "a", then="end"),
    act("utter_b", "b"),
    act("utter_end", "end"),
)


def names(slots: dict[str, object], step_id: str = "end") -> list[str]:
    return [step.id for step in trace_path(FORK, step_id, slots)]


def test_the_path_leaves_out_the_branch_that_was_not_taken() -> None:
    assert names({"kind": "a"}) == ["kind", "a"]
    assert names({"kind": "x"}) == ["kind", "b"]


def test_a_step_that_the_slots_no_longer_lead_to_has_everything_above_it() -> None:
    assert names({"kind": "a"}, "b") == ["kind", "a"]


def test_the_first_step_has_nothing_before_it() -> None:
    assert names({}, "kind") == []


def test_a_circle_on_the_way_ends_the_search() -> None:
    circle = flow("c", act("a", "one", then="two"), act("b", "two", then="one"), act("c", "three"))
    assert [step.id for step in trace_path(circle, "three", {})] == ["one", "two"]


def test_a_branch_without_a_way_on_ends_the_search() -> None:
    blocked = flow("c", act("a", "one"), branch("two", ("false", "three")), act("c", "three"))
    assert [step.id for step in trace_path(blocked, "three", {})] == ["one", "two"]


def test_a_step_without_next_leads_to_the_one_below_and_the_last_one_to_the_end() -> None:
    assert find_next(FORK, FORK.steps[2], {}, {}) == "end"
    assert find_next(FORK, FORK.steps[3], {}, {}) == "END"


def test_branches_see_the_context() -> None:
    asking = flow("f", branch("x", ("context.mood = 'good'", "y"), otherwise="END"), act("a", "y"))
    assert find_next(asking, asking.steps[0], {}, {"mood": "good"}) == "y"


def test_no_true_branch_is_an_error() -> None:
    asking = flow("f", branch("x", ("false", "END")))
    with pytest.raises(FlowError, match="no branch of step 'x' in flow 'f' is true"):
        find_next(asking, asking.steps[0], {}, {})
