"""A conversation with the classic part of an assistant whose policies choose what a test tells them to."""

from collections.abc import Mapping, Sequence

from duologue.core.domain import Domain, EntityType, Form, Variation
from duologue.core.domain import Intent as DomainIntent
from duologue.core.events import Event, SessionStarted, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.slots import MappingCondition, MappingType, Slot, SlotMapping, SlotType
from duologue.core.state import State
from duologue.core.tracker import Tracker, fold
from duologue.core.understanding import Entity, Intent, Understanding
from duologue.core.values import OpenData, SlotValue
from duologue.dialogue.perform import Performer
from duologue.dialogue.policies.policy import Policy, Prediction
from duologue.dialogue.policy_turns import PolicyTurns
from duologue.dialogue.turn import Turn
from duologue.flows.flow import Flows
from duologue.flows.patterns import STOCK_SLOTS
from duologue.responses.templates import TemplateResponseGenerator
from duologue.testing.scripted import FrozenClock, ScriptedActions


def from_entity(entity: str, **options: object) -> SlotMapping:
    return SlotMapping(type=MappingType.FROM_ENTITY, entity=entity, **options)  # type: ignore[arg-type]


def from_text(**options: object) -> SlotMapping:
    return SlotMapping(type=MappingType.FROM_TEXT, **options)  # type: ignore[arg-type]


def from_intent(value: SlotValue, **options: object) -> SlotMapping:
    return SlotMapping(type=MappingType.FROM_INTENT, value=value, **options)  # type: ignore[arg-type]


def in_form(form: str, requested_slot: str | None = None) -> tuple[MappingCondition, ...]:
    return (MappingCondition(active_loop=form, requested_slot=requested_slot),)


def filled(name: str, *mappings: SlotMapping, **options: object) -> Slot:
    return Slot(name=name, mappings=mappings, **{"type": SlotType.TEXT, **options})  # type: ignore[arg-type]


def classic_domain(
    *slots: Slot,
    forms: Sequence[Form] = (),
    actions: Sequence[str] = (),
    responses: Mapping[str, str] | None = None,
    intents: Sequence[str] = ("greet", "inform", "deny", "nlu_fallback", "out_of_scope"),
    entities: Sequence[str] = ("city", "name", "number"),
) -> Domain:
    """Every response that is not given says its own name when it asks for a slot."""
    asked = {f"utter_ask_{slot.name}": f"ask {slot.name}" for slot in slots}
    return Domain(
        slots={**STOCK_SLOTS, **{slot.name: slot for slot in slots}},
        forms={form.name: form for form in forms},
        actions=tuple(actions),
        intents={name: DomainIntent(name=name) for name in intents},
        entities={name: EntityType(name=name) for name in entities},
        responses={name: (Variation(text=text),) for name, text in {**asked, **(responses or {})}.items()},
    )


class _ToldChooser:
    def __init__(self) -> None:
        self.left: list[str] = []
        self.rejected: list[str] = []

    @property
    def policies(self) -> Sequence[Policy]:
        return ()

    def choose(self, state: State, *, rejected: str | None = None) -> Prediction:
        if rejected:
            self.rejected.append(rejected)
        return Prediction(action=self.left.pop(0) if self.left else "action_listen", policy="told")


class ClassicTalk:
    """Says something, with what was understood of it and with the actions that the policies then choose."""

    def __init__(self, domain: Domain, actions: ScriptedActions | None = None) -> None:
        self.domain = domain
        self.actions = actions or ScriptedActions()
        self.state = fold(State(conversation_id=ConversationId("c")), [SessionStarted(session_id="s")])
        self.new_events: list[Event] = []
        self._chooser = _ToldChooser()
        self._performer = Performer(
            flows=Flows([]),
            domain=domain,
            responses=TemplateResponseGenerator(domain),
            actions=self.actions,
            load_events=_load_nothing,
        )

    async def says(
        self,
        text: str,
        intent: str | None,
        *then: str,
        entities: Sequence[Entity] = (),
        ranking: Sequence[str] = (),
        response_selector: OpenData | None = None,
    ) -> list[str | None]:
        """The texts of the replies; a test that tells of more actions than are asked for fails."""
        understanding = Understanding(
            intent=Intent(name=intent, confidence=0.9) if intent else None,
            entities=tuple(entities),
            intent_ranking=tuple(Intent(name=name) for name in ranking),
            is_for_policies=True,
            response_selector=response_selector or {},
        )
        message = UserMessage(conversation_id=ConversationId("c"), text=text)
        turn = Turn(message, Tracker(self.state), clock=FrozenClock(), stamp={})
        turn.record(UserSpoke(text=text, understanding=understanding))
        self._chooser.left = [*then]
        self._chooser.rejected = []
        await PolicyTurns(self._chooser, self._performer).answer(turn, lambda: False)
        assert not self._chooser.left, f"the policies were not asked for {self._chooser.left}"
        self.state = turn.state
        self.new_events = turn.tracker.new_events
        return [reply.text for reply in turn.report().replies]

    def slot(self, name: str) -> SlotValue:
        return self.domain.get_slot_value(self.state.slots, name)

    @property
    def rejected(self) -> list[str]:
        """The actions that declined in the last turn."""
        return self._chooser.rejected


async def _load_nothing(conversation_id: ConversationId, before: int) -> Sequence[Event]:
    return ()
