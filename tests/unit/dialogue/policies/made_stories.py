"""Stories, domains and conversations in few words, for the tests of policies."""

from collections.abc import Sequence

from duologue.core.domain import Domain, EntityType, Form, Intent
from duologue.core.events import ACTION_LISTEN, ActionExecuted, Event, LoopActivated, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.slots import Slot, SlotType
from duologue.core.state import State
from duologue.core.stories import (
    ActionStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Story,
    StoryEntity,
    StoryStep,
    UserStep,
)
from duologue.core.tracker import fold
from duologue.core.understanding import Entity, Understanding
from duologue.core.understanding import Intent as Heard

DOMAIN = Domain(
    slots={
        "city": Slot(name="city", type=SlotType.TEXT),
        "vip": Slot(name="vip", type=SlotType.BOOL),
        "note": Slot(name="note", type=SlotType.TEXT, influence_conversation=False),
    },
    intents={
        name: Intent(name=name)
        for name in ("greet", "bye", "book", "ask", "affirm", "deny", "stop", "restart", "inform")
    },
    entities={"place": EntityType(name="place", roles=("from", "to"))},
    forms={"trip_form": Form(name="trip_form", required_slots=("city",))},
)


def user(intent: str, *entities: str) -> UserStep:
    """The user of a story; entities by name."""
    return UserStep(intent=intent, entities=tuple(StoryEntity(entity=name) for name in entities))


def says(text: str) -> UserStep:
    """The user of an end-to-end story."""
    return UserStep(text=text)


def does(name: str) -> ActionStep:
    return ActionStep(name=name)


def sets(name: str, value: object) -> SlotStep:
    return SlotStep(name=name, value=value)


def loop(name: str | None) -> LoopStep:
    return LoopStep(name=name)


def checkpoint(name: str, *slots: SlotStep) -> CheckpointStep:
    return CheckpointStep(name=name, slots=slots)


def either(*steps: UserStep | SlotStep) -> OrStep:
    return OrStep(alternatives=steps)


def story(name: str, *steps: StoryStep) -> Story:
    """A story in the file that bears its name."""
    return Story(name=name, steps=steps, source=f"data/{name}.yml:1")


def rule(
    name: str,
    *steps: StoryStep,
    condition: Sequence[SlotStep | LoopStep] = (),
    is_conversation_start: bool = False,
    waits: bool = True,
) -> Story:
    """A rule in the file that bears its name."""
    return Story(
        name=name,
        steps=steps,
        is_rule=True,
        condition=tuple(condition),
        is_conversation_start=is_conversation_start,
        waits_for_user_input=waits,
        source=f"data/{name}.yml:1",
    )


def hears(intent: str, *entities: str, text: str = "", confidence: float = 1.0) -> UserSpoke:
    """What a real user said."""
    return UserSpoke(
        text=text or f"words of {intent}",
        understanding=Understanding(
            is_for_policies=True,
            intent=Heard(name=intent, confidence=confidence),
            entities=tuple(Entity(entity=name, value="x") for name in entities),
        ),
    )


def did(name: str, *, is_hidden: bool = False) -> ActionExecuted:
    return ActionExecuted(name=name, hide_rule_turn=is_hidden)


LISTENED = ActionExecuted(name=ACTION_LISTEN)


def was_set(name: str, value: object) -> SlotWasSet:
    return SlotWasSet(name=name, value=value)


def in_loop(name: str | None) -> LoopActivated:
    return LoopActivated(name=name)


def after(*events: Event) -> State:
    """The state of a conversation after these events; it has listened before the first."""
    return fold(State(conversation_id=ConversationId("test")), events)
