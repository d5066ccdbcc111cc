"""What a form asks for, as the learned extractors of entities are told of it."""

import pytest

from duologue.core.domain import Domain
from duologue.core.ids import ConversationId
from duologue.core.slots import MappingType, Slot, SlotMapping
from duologue.core.state import State
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.understanding.asked_slots import find_asked
from duologue.understanding.classic_rung import ClassicRung
from tests.unit.understanding.trained_bank import ToldParser, said

_ENTITY = MappingType.FROM_ENTITY
_DOMAIN = Domain(
    slots={
        "start": Slot(
            name="start",
            mappings=(
                SlotMapping(type=_ENTITY, entity="city", role="departure"),
                SlotMapping(type=_ENTITY, entity="city"),
                SlotMapping(type=_ENTITY, entity="topping", group="1"),
                SlotMapping(type=MappingType.FROM_TEXT),
            ),
        ),
        "time": Slot(name="time", mappings=(SlotMapping(type=_ENTITY, entity="time"),)),
    }
)


def _ask_for(slot: str | None, loop: str | None = "trip_form") -> State:
    return State(conversation_id=ConversationId("c"), slots={"requested_slot": slot}, active_loop=loop)


@pytest.mark.parametrize(
    ("state", "asked"),
    [
        (_ask_for("start"), ("start", "city#departure", "city", "topping##1")),
        (_ask_for("time"), ("time",)),
        (_ask_for("not_in_the_domain"), ("not_in_the_domain",)),
        (_ask_for(None), ()),
        (_ask_for("time", loop=None), ()),
    ],
)
def test_a_form_asks_for_its_slot_and_for_the_entities_that_fill_it(
    state: State, asked: tuple[str, ...]
) -> None:
    assert find_asked(state, _DOMAIN) == asked


async def test_the_pipeline_is_told_what_the_form_asks_for() -> None:
    parser = ToldParser()
    offers = Offers(_ask_for("time"), Flows(()), _DOMAIN)
    await ClassicRung(parser).understand(said("5"), offers)
    assert parser.asked == [("time",)]
