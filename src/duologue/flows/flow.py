"""A flow and the set of flows of an assistant."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from duologue.flows.steps import ActionStep, CallStep, CollectStep, LinkStep, NoopStep, SetSlotsStep, Step

PATTERN_PREFIX = "pattern_"


class NluTrigger(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An intent that starts the flow if its confidence reaches the threshold."""

    intent: str
    confidence_threshold: float = 0.0


class Flow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """One business process, or one repair pattern."""

    id: str
    name: str = ""
    """What users and models read; never empty after reading a project."""
    description: str = ""
    guard: str | bool | None = None
    """The flow may be started by understanding only if this is true; link, call and payloads pass it by."""
    always_include_in_prompt: bool = False
    run_pattern_completed: bool = True
    nlu_triggers: tuple[NluTrigger, ...] = ()
    persisted_slots: tuple[str, ...] = ()
    translations: dict[str, str] = {}
    """Language code to name."""
    steps: tuple[Step, ...] = ()
    """All steps in the order of the file, nested ones after the step that holds them, every id unique."""

    @property
    def is_pattern(self) -> bool:
        return self.id.startswith(PATTERN_PREFIX)

    @cached_property
    def fingerprint(self) -> str:
        """Eight hex digits that change whenever the steps do."""
        return hashlib.sha256(msgspec.json.encode(self.steps)).hexdigest()[:8]

    @cached_property
    def positions(self) -> dict[str, int]:
        """Step id to its place in `steps`."""
        return {step.id: place for place, step in enumerate(self.steps)}

    def find_step(self, step_id: str) -> Step | None:
        place = self.positions.get(step_id)
        return None if place is None else self.steps[place]

    @cached_property
    def collected_slots(self) -> tuple[str, ...]:
        """Slots that its own steps ask for, in order, each once."""
        return tuple(dict.fromkeys(step.slot for step in self.steps if isinstance(step, CollectStep)))

    @cached_property
    def scoped_slots(self) -> tuple[str, ...]:
        """Slots that its own steps fill and that go back to their initial value when it ends."""
        kept = set(self.persisted_slots)
        scoped: dict[str, None] = {}
        for step in self.steps:
            match step:
                case CollectStep():
                    if step.reset_after_flow_ends and step.slot not in kept:
                        scoped[step.slot] = None
                case SetSlotsStep():
                    scoped.update({name: None for name, _ in step.slots if name not in kept})
                case ActionStep() | LinkStep() | CallStep() | NoopStep():
                    pass
        return tuple(scoped)

    @cached_property
    def called_flows(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.flow_id for step in self.steps if isinstance(step, CallStep)))

    def get_name(self, language: str | None = None) -> str:
        """The name in a language, falling back to the plain one."""
        return self.translations.get(language or "", self.name)


class Flows:
    """All flows of an assistant by id, the stock patterns and the project's overrides among them."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._by_id: dict[str, Flow] = {flow.id: flow for flow in flows}

    def __iter__(self) -> Iterator[Flow]:
        return iter(self._by_id.values())

    def __contains__(self, flow_id: object) -> bool:
        return flow_id in self._by_id

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, flow_id: str) -> Flow | None:
        return self._by_id.get(flow_id)

    @cached_property
    def user_flows(self) -> Mapping[str, Flow]:
        """The project's flows without patterns."""
        return {flow.id: flow for flow in self if not flow.is_pattern}

    @cached_property
    def _family(self) -> dict[str, tuple[Flow, ...]]:
        return {}

    def get_family(self, flow_id: str) -> tuple[Flow, ...]:
        """The flow and every flow that it calls, at any depth; the flow itself first."""
        known = self._family.get(flow_id)
        if known is None:
            known = self._family[flow_id] = tuple(self._walk(flow_id, set()))
        return known

    def _walk(self, flow_id: str, seen: set[str]) -> Iterator[Flow]:
        flow = self._by_id.get(flow_id)
        if flow is None or flow_id in seen:
            return
        seen.add(flow_id)
        yield flow
        for called in flow.called_flows:
            yield from self._walk(called, seen)

    def get_scoped_slots(self, flow_id: str) -> tuple[str, ...]:
        """Slots to reset when the flow ends: its own and those of the flows it calls, unless one of them keeps it."""
        family = self.get_family(flow_id)
        kept = {slot for flow in family for slot in flow.persisted_slots}
        return tuple(dict.fromkeys(slot for flow in family for slot in flow.scoped_slots if slot not in kept))

    @cached_property
    def _collected(self) -> dict[str, tuple[str, ...]]:
        return {}

    def get_collected_slots(self, flow_id: str) -> tuple[str, ...]:
        """Slots that the flow or a flow it calls asks for."""
        known = self._collected.get(flow_id)
        if known is None:
            slots = (slot for flow in self.get_family(flow_id) for slot in flow.collected_slots)
            known = self._collected[flow_id] = tuple(dict.fromkeys(slots))
        return known

    @cached_property
    def flows_by_slot(self) -> Mapping[str, tuple[Flow, ...]]:
        """Slot to the project's flows that ask for it, themselves or through a flow they call."""
        table: dict[str, list[Flow]] = {}
        for flow in self.user_flows.values():
            for slot in self.get_collected_slots(flow.id):
                table.setdefault(slot, []).append(flow)
        return {slot: tuple(flows) for slot, flows in table.items()}

    @cached_property
    def flows_by_intent(self) -> Mapping[str, tuple[tuple[Flow, float], ...]]:
        """Intent to the flows it triggers, each with its confidence threshold."""
        table: dict[str, list[tuple[Flow, float]]] = {}
        for flow in self:
            for trigger in flow.nlu_triggers:
                table.setdefault(trigger.intent, []).append((flow, trigger.confidence_threshold))
        return {intent: tuple(flows) for intent, flows in table.items()}
