"""Exact payloads of buttons and programs."""

import pytest

from duologue.core import commands as cmd
from duologue.core.domain import Domain, Intent
from duologue.core.ids import ConversationId
from duologue.core.reminders import Reminder
from duologue.core.router_options import ROUTER, ROUTING_SLOT
from duologue.core.slots import MappingType, Slot, SlotMapping, SlotType
from duologue.core.state import State
from duologue.flows.flow import Flow, Flows, NluTrigger
from duologue.flows.offers import Offers
from duologue.understanding.payloads import parse_payload, understand_payload, understand_reminder

FLOWS = Flows(
    [
        Flow(id="pay", name="pay", nlu_triggers=(NluTrigger(intent="ask_pay", confidence_threshold=0.5),)),
        Flow(id="pattern_session_start", nlu_triggers=(NluTrigger(intent="session_start"),)),
    ]
)
DOMAIN = Domain(
    intents={"greet": Intent(name="greet"), "bye": Intent(name="bye"), "ask_pay": Intent(name="ask_pay")},
    slots={
        "city": Slot(name="city", mappings=(SlotMapping(type=MappingType.FROM_ENTITY, entity="place"),)),
        "mood": Slot(
            name="mood",
            mappings=(SlotMapping(type=MappingType.FROM_INTENT, intents=("greet",), value="friendly"),),
        ),
    },
)
OFFERS = Offers(State(conversation_id=ConversationId("c")), FLOWS, DOMAIN)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("/SetSlots(a=1)", (("a", "1"),)),
        ("/SetSlots( a = 1 , b=two words )", (("a", "1"), ("b", "two words"))),
        ("/SetSlots(a=None, b=null, c=undefined)", (("a", None), ("b", None), ("c", None))),
        ("/SetSlots(a=[x, y], b=z)", (("a", ["x", "y"]), ("b", "z"))),
        ("/SetSlots(a='quoted')", (("a", "quoted"),)),
        ("/SetSlots(a=)", (("a", ""),)),
        ("/SetSlots(phone=+49 30 1234=5)", (("phone", "+49 30 1234=5"),)),
    ],
)
def test_set_slots_names_slots_and_values(text: str, slots: tuple[tuple[str, object], ...]) -> None:
    payload = parse_payload(text)
    assert payload is not None
    assert payload.slots == slots


@pytest.mark.parametrize("text", ["/SetSlots()", "/SetSlots(a)", "/SetSlots(=1)", "hello", "/", "/ no", ""])
def test_what_is_no_payload_is_left_to_others(text: str) -> None:
    payload = parse_payload(text)
    assert payload is None or payload.slots is None


def test_no_more_than_ten_slots_are_set_at_once() -> None:
    payload = parse_payload(f"/SetSlots({', '.join(f's{number}={number}' for number in range(12))})")
    assert payload is not None
    assert payload.slots is not None
    assert len(payload.slots) == 10


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("/ask_pay", (cmd.StartFlow(flow="pay", is_explicit=True),)),
        ("/pay", (cmd.StartFlow(flow="pay", is_explicit=True),)),
        ("/ask_pay@0.4", (cmd.CannotHandle(),)),
        ("/restart", (cmd.Restart(),)),
        ("/session_start", (cmd.SessionStart(),)),
        ("/bye", (cmd.CannotHandle(),)),
        ("/greet", (cmd.SetSlot(name="mood", value="friendly", extractor="NLU"),)),
        (
            '/ask_pay{"place": "Rome"}',
            (
                cmd.StartFlow(flow="pay", is_explicit=True),
                cmd.SetSlot(name="city", value="Rome", extractor="BUTTON"),
            ),
        ),
    ],
)
def test_an_intent_asks_for_what_it_triggers(text: str, commands: tuple[cmd.Command, ...]) -> None:
    understanding = understand_payload(text, OFFERS)
    assert understanding is not None
    assert understanding.commands == commands


def test_an_intent_that_nobody_declared_is_read_as_words() -> None:
    assert understand_payload("/unheard_of", OFFERS) is None
    assert understand_payload('/ask_pay{"broken', OFFERS) is None


def test_a_reminder_is_understood_as_a_payload_with_its_intent_would_be() -> None:
    reminder = Reminder(name="r", intent="ask_pay", due_at=1.0, entities={"place": "Oslo"})
    payload = understand_payload('/ask_pay{"place": "Oslo"}', OFFERS)
    assert payload is not None
    understanding = understand_reminder(reminder, OFFERS)
    assert understanding.commands == payload.commands
    assert understanding.intent == payload.intent


@pytest.mark.parametrize("intent", ["greet", "unheard_of"])
def test_a_reminder_that_starts_nothing_fills_nothing_either(intent: str) -> None:
    reminder = Reminder(name="r", intent=intent, due_at=1.0, entities={"place": "Oslo"})
    understanding = understand_reminder(reminder, OFFERS)
    assert understanding.commands == ()
    assert understanding.intent is not None


@pytest.mark.parametrize(("before", "is_decided"), [(None, True), (True, False), (False, False)])
def test_the_answer_to_a_flow_that_a_reminder_starts_is_for_the_flows(
    before: bool | None, is_decided: bool
) -> None:
    domain = Domain(slots={ROUTING_SLOT: Slot(name=ROUTING_SLOT, type=SlotType.BOOL)})
    state = State(conversation_id=ConversationId("c"), slots={ROUTING_SLOT: before})
    reminder = Reminder(name="r", intent="ask_pay", due_at=1.0)
    understanding = understand_reminder(reminder, Offers(state, FLOWS, domain))
    decision = cmd.SetSlot(name=ROUTING_SLOT, value=True, extractor=ROUTER)
    assert (decision in understanding.commands) is is_decided
