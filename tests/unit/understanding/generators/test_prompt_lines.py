"""Flows in a prompt: as much of each as the room allows, the nearest first."""

from hypothesis import given
from hypothesis import strategies as st

from duologue.core.slots import SlotType
from duologue.understanding.generators.flow_views import FlowView, SlotView
from duologue.understanding.generators.prompt_lines import cut, list_flows, show_filled_slot, show_slot


def view(flow_id: str, description: str, *slots: SlotView) -> FlowView:
    return FlowView(
        flow_id=flow_id,
        name=flow_id,
        description=description,
        slots=slots,
        has_guard=False,
        is_always_shown=False,
    )


TEXTS = st.text(alphabet="abcde .,!", max_size=400)
VIEWS = st.lists(st.builds(view, st.text(alphabet="abc_", min_size=1, max_size=30), TEXTS), max_size=30)


@given(VIEWS, st.integers(min_value=100, max_value=5_000))
def test_no_list_of_flows_outgrows_its_room(views: list[FlowView], budget: int) -> None:
    listed = list_flows(views, budget=budget)

    assert sum(map(len, listed.lines)) + len(", ".join(listed.others)) <= budget
    assert len(listed.lines) + len(listed.others) <= len(views)


@given(VIEWS)
def test_without_a_bound_every_flow_is_told_whole(views: list[FlowView]) -> None:
    listed = list_flows(views)

    assert listed.others == ()
    assert [line.partition(": ")[2] for line in listed.lines] == [view.description for view in views]


def test_a_short_line_holds_whole_sentences_where_it_can() -> None:
    sentences = "Send money abroad. It takes two days. " + "Not for companies in any country. " * 20
    one_long = "Send money to anybody in any country and in any currency, by any means, " * 5

    lines = list_flows([view("a", sentences), view("b", one_long)], budget=200).lines

    assert lines[0] == "a: Send money abroad. It takes two days."
    assert lines[1].endswith("…")


def test_of_many_values_a_few_are_told() -> None:
    values = tuple(f"v{number}" for number in range(100))
    slot = SlotView(name="kind", type=SlotType.CATEGORICAL, allowed_values=values)

    assert show_slot(slot).endswith("|v11|…")
    assert "|v49|…) = " in show_filled_slot(slot, None)


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    assert cut("abcdefghijkl", 8) == "abcde…kl"
    assert cut("abc", 8) == "abc"
