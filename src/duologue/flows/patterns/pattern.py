"""How a repair pattern is written down: a flow, the responses it says and the slots it needs."""

import msgspec

from duologue.core.domain import ResponseButton, Variation
from duologue.core.slots import MappingType, Slot, SlotMapping, SlotType
from duologue.core.values import SlotValue
from duologue.flows.flow import Flow
from duologue.flows.steps import Branch, Next, Step

FROM_MODEL = (SlotMapping(type=MappingType.FROM_LLM),)
CONTROLLED = (SlotMapping(type=MappingType.CONTROLLED),)


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """One repair behaviour; a project overrides its flow, responses and slots by the same names."""

    flow: Flow
    responses: dict[str, tuple[Variation, ...]] = {}
    slots: tuple[Slot, ...] = ()


def define_pattern(
    pattern_id: str,
    description: str,
    *steps: Step,
    responses: dict[str, tuple[Variation, ...]] | None = None,
    slots: tuple[Slot, ...] = (),
    run_pattern_completed: bool = True,
    persisted_slots: tuple[str, ...] = (),
) -> Pattern:
    """A stock pattern; its name is its id with spaces."""
    flow = Flow(
        id=pattern_id,
        name=pattern_id.replace("_", " "),
        description=description,
        steps=steps,
        run_pattern_completed=run_pattern_completed,
        persisted_slots=persisted_slots,
    )
    return Pattern(flow=flow, responses=responses or {}, slots=slots)


def say(
    text: str, *, rephrase: bool = True, jinja: bool = False, buttons: tuple[tuple[str, str], ...] = ()
) -> tuple[Variation, ...]:
    """One variation; `buttons` are (title, payload)."""
    metadata: dict[str, object] = {"rephrase": True} if rephrase else {}
    if jinja:
        metadata["template"] = "jinja"
    return (
        Variation(
            text=text,
            metadata=metadata,
            buttons=tuple(ResponseButton(title=title, payload=payload) for title, payload in buttons),
        ),
    )


def choose(*branches: tuple[str, str], otherwise: str) -> Next:
    """`next` by conditions: (condition, target) in order, then the target otherwise."""
    arms = tuple(Branch(condition=condition, target=target) for condition, target in branches)
    return (*arms, Branch(target=otherwise))


def builtin_slot(
    name: str,
    slot_type: SlotType,
    *,
    initial_value: SlotValue = None,
    values: tuple[str, ...] = (),
    mappings: tuple[SlotMapping, ...] = FROM_MODEL,
) -> Slot:
    """A slot of the platform's own."""
    return Slot(
        name=name,
        type=slot_type,
        initial_value=initial_value,
        values=values,
        mappings=mappings,
        is_builtin=True,
        influence_conversation=False,
    )
