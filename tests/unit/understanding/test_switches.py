"""What a wish already says of a yes-or-no slot."""

import pytest

from duologue.core.slots import Slot, SlotType
from duologue.flows.flow import Flow
from duologue.flows.steps import CollectStep
from duologue.understanding.switches import find_switches

NEWSLETTER = Flow(
    id="newsletter",
    name="newsletter",
    description="Send offers by mail, or stop it.",
    steps=(CollectStep(id="ask", slot="newsletter_wanted"),),
)
SLOTS = (Slot(name="newsletter_wanted", type=SlotType.BOOL),)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("take me off your mailing list", {"newsletter_wanted": False}),
        ("please stop sending me offers", {"newsletter_wanted": False}),
        ("sign me up for the newsletter", {"newsletter_wanted": True}),
        ("something about the newsletter", {}),
    ],
)
def test_a_wish_tells_whether_something_is_wanted(said: str, found: dict[str, bool]) -> None:
    assert find_switches(said, NEWSLETTER, SLOTS, ("en",)) == found


def test_a_confirmation_is_never_answered_by_the_wish() -> None:
    step = CollectStep(id="ask", slot="newsletter_wanted", ask_before_filling=True)
    flow = Flow(id="newsletter", name="newsletter", description="", steps=(step,))
    assert find_switches("take me off your list", flow, SLOTS, ("en",)) == {}
