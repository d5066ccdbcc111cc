"""A small bank for the tests of the trained part: flows with triggers, slots with mappings, a parser that is told."""

from collections.abc import Mapping, Sequence

from duologue.core.domain import Domain, EntityType
from duologue.core.domain import Intent as DomainIntent
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.slots import MappingCondition, MappingType, Slot, SlotMapping
from duologue.core.stack import FlowFrame, PatternFrame
from duologue.core.state import State
from duologue.core.understanding import Entity, Intent
from duologue.core.values import SlotValue
from duologue.flows.flow import Flow, Flows, NluTrigger
from duologue.flows.offers import Offers
from duologue.understanding.text_parser import ParsedText
from tests.flow_writing import act, ask, choice, flag, flow, number, slot


def mapped(kind: MappingType, *, active_flow: str | None = None, **options: object) -> SlotMapping:
    conditions = (MappingCondition(active_flow=active_flow),) if active_flow else ()
    return SlotMapping(type=kind, conditions=conditions, **options)  # type: ignore[arg-type]


def entity(name: str, value: SlotValue, **options: object) -> Entity:
    return Entity(entity=name, value=value, **options)  # type: ignore[arg-type]


FROM_ENTITY, FROM_INTENT = MappingType.FROM_ENTITY, MappingType.FROM_INTENT
FROM_TEXT, FROM_LLM = MappingType.FROM_TEXT, MappingType.FROM_LLM

SLOTS: tuple[Slot, ...] = (
    slot("city_from", mappings=(mapped(FROM_ENTITY, entity="city", role="from"),)),
    slot("city_to", mappings=(mapped(FROM_ENTITY, entity="city", role="to"),)),
    flag(
        "is_sure",
        mappings=(
            mapped(FROM_INTENT, intents=("yes",), value=True),
            mapped(FROM_INTENT, intents=("no",), value=False),
        ),
    ),
    flag("is_angry", mappings=(mapped(FROM_INTENT, intents=("complain",), value=True),)),
    slot("reason", mappings=(mapped(FROM_TEXT, not_intents=("no",)),)),
    number("amount", mappings=(mapped(FROM_LLM), mapped(FROM_ENTITY, entity="number"))),
    choice("seat", "window", "aisle", mappings=(mapped(FROM_ENTITY, entity="seat", active_flow="fly"),)),
    slot("member"),
)
FLY = flow(
    "fly",
    ask("city_from"),
    ask("city_to"),
    ask("seat"),
    ask("is_sure"),
    act("utter_flown"),
    nlu_triggers=(NluTrigger(intent="book_flight"),),
)
PAY = flow("pay", ask("amount"), ask("reason"), nlu_triggers=(NluTrigger(intent="pay"),))
CLOSE = flow(
    "close", act("utter_closed"), nlu_triggers=(NluTrigger(intent="close", confidence_threshold=0.8),)
)
LOUNGE = flow(
    "lounge", act("utter_lounge"), guard="slots.member", nlu_triggers=(NluTrigger(intent="lounge"),)
)
FLOWS: tuple[Flow, ...] = (FLY, PAY, CLOSE, LOUNGE)
INTENTS = ("book_flight", "pay", "close", "lounge", "yes", "no", "complain", "greet")


def domain(*more: Slot) -> Domain:
    return Domain(
        slots={one.name: one for one in (*SLOTS, *more)},
        intents={name: DomainIntent(name=name) for name in INTENTS},
        entities={name: EntityType(name=name) for name in ("city", "number", "seat")},
    )


def idle(*more: Slot, slots: Mapping[str, SlotValue] | None = None) -> Offers:
    """Nothing is under way."""
    state = State(conversation_id=ConversationId("c"), slots=dict(slots or {}))
    return Offers(state, Flows(FLOWS), domain(*more))


def asking(flow_id: str, asked: str, *, slots: Mapping[str, SlotValue] | None = None) -> Offers:
    """The flow waits for an answer to the question for the slot."""
    step = next(
        step for one in FLOWS if one.id == flow_id for step in one.steps if getattr(step, "slot", "") == asked
    )
    stack = (
        FlowFrame(flow_id=flow_id, step_id=step.id),
        PatternFrame(flow_id="pattern_collect_information", context={"collect": asked}),
    )
    state = State(conversation_id=ConversationId("c"), slots=dict(slots or {}), stack=stack)
    return Offers(state, Flows(FLOWS), domain())


def said(text: str) -> UserMessage:
    return UserMessage(conversation_id=ConversationId("c"), text=text)


class ToldParser:
    """A trained pipeline that reads in every text what a test tells it to."""

    def __init__(self, *entities: Entity, **intents: float) -> None:
        ranking = sorted(intents.items(), key=lambda one: -one[1])
        self._parsed = ParsedText(
            intents=tuple(Intent(name=name, confidence=confidence) for name, confidence in ranking),
            entities=entities,
        )
        self.texts: list[str] = []
        self.asked: list[tuple[str, ...]] = []
        self.warm_ups = 0

    @property
    def can_block(self) -> bool:
        return False

    def parse(self, text: str, *, asked: Sequence[str] = ()) -> ParsedText:
        self.texts.append(text)
        self.asked.append(tuple(asked))
        return self._parsed

    def warm_up(self) -> None:
        self.warm_ups += 1
