"""Dates in words keep the user's words, unless the project asks for a form."""

import pytest

from duologue.core.domain import Domain
from duologue.core.slots import Rejection, Slot, SlotType
from duologue.flows.flow import Flow, Flows
from duologue.flows.steps import ActionStep, CollectStep
from duologue.project.definition import AssistantConfig, AssistantDefinition
from duologue.runtime.understanding import build_understander
from duologue.testing.conversation import Conversation, complete_domain


def talk(description: str = "date of the move", *rejections: Rejection) -> Conversation:
    flow = Flow(
        id="report_move",
        name="report a move",
        description="The customer moves house.",
        steps=(
            CollectStep(id="when", slot="move_date", description=description, rejections=rejections),
            ActionStep(id="done", action="utter_noted"),
        ),
        run_pattern_completed=False,
        persisted_slots=("move_date",),
    )
    slot = Slot(name="move_date", type=SlotType.TEXT)
    domain = complete_domain([flow], Domain(), slots=[slot], responses={}, actions=())
    definition = AssistantDefinition(config=AssistantConfig(), domain=domain, flows=(flow,))
    understander = build_understander(definition, Flows([flow]))
    return Conversation.with_flows(flow, domain=domain, understander=understander)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("on the 5th of July", "5th of July"),
        ("Tuesday evening", "Tuesday evening"),
        ("any Saturday in September", "any Saturday in September"),
        ("since March", "March"),
        ("12/12/2025", "12/12/2025"),
    ],
)
async def test_a_date_in_words_keeps_its_words(said: str, value: str) -> None:
    async with talk() as conversation:
        await conversation.sends("report a move")
        await conversation.sends(said)
        assert conversation.slots["move_date"] == value


async def test_a_description_names_the_form_of_a_date() -> None:
    async with talk("date of the move as DD/MM/YYYY") as conversation:
        await conversation.sends("report a move")
        await conversation.sends("on 3 August 2031")
        assert conversation.slots["move_date"] == "03/08/2031"


async def test_a_rejection_that_wants_digits_gets_an_iso_date() -> None:
    wants_digits = Rejection(
        condition='not (slots.move_date matches "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")', utter="utter_bad_date"
    )
    async with talk("date of the move", wants_digits) as conversation:
        await conversation.sends("report a move")
        await conversation.sends("3 August 2031")
        assert conversation.slots["move_date"] == "2031-08-03"
