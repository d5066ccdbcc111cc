"""Slots: values, initial values, mappings and validation."""

from duologue.core.slots import DoesNotFitError, MappingType, Slot, SlotMapping, SlotType, fit_value
from duologue.project.checks.conditions import check_condition
from duologue.project.checks.subject import Subject
from duologue.project.places import below
from duologue.project.problems import Spot, quote_value, suggest_name

_PLATFORM_SLOTS = frozenset(("dialogue_stack", "flow_hashes"))
_FORBIDDEN_SIGNS = frozenset("()=,")


def check_slots(subject: Subject) -> None:
    """Check every slot of the project."""
    for name, slot in subject.reading.own_domain.slots.items():
        spot = subject.place_of("slot", name)
        _check_name(subject, name, spot)
        _check_values(subject, slot, spot)
        _check_initial_value(subject, slot, spot)
        _check_bounds(subject, slot, spot)
        for position, mapping in enumerate(slot.mappings):
            _check_mapping(subject, slot, mapping, below(spot, "mappings", position))
        _check_validation(subject, slot, spot)


def _check_name(subject: Subject, name: str, spot: Spot) -> None:
    if name in _PLATFORM_SLOTS:
        subject.problems.warn(spot, f"The slot name `{name}` belongs to the platform.", "Rename the slot.")
    if _FORBIDDEN_SIGNS & set(name):
        subject.problems.warn(
            spot, f"No payload can set the slot `{name}`.", "Leave `(`, `)`, `=` and `,` out of its name."
        )


def _check_values(subject: Subject, slot: Slot, spot: Spot) -> None:
    if slot.type is not SlotType.CATEGORICAL:
        return
    if not slot.values:
        subject.problems.warn(spot, f"The categorical slot `{slot.name}` has no `values`.", "List them.")
    seen: dict[str, str] = {}
    for value in slot.values:
        first = seen.setdefault(value.casefold(), value)
        if first is not value:
            subject.problems.warn(
                below(spot, "values"),
                f"The values `{first}` and `{value}` of `{slot.name}` differ in case only.",
                "The first one is always taken.",
            )


def _check_initial_value(subject: Subject, slot: Slot, spot: Spot) -> None:
    if slot.initial_value is None or (slot.type is SlotType.CATEGORICAL and not slot.values):
        return
    try:
        fit_value(slot, slot.initial_value)
    except DoesNotFitError:
        subject.problems.error(
            below(spot, "initial_value"),
            f"The {slot.type.value} slot `{slot.name}` cannot begin with {quote_value(slot.initial_value, (slot.name,))}.",
            f"Its values are {', '.join(slot.values)}." if slot.values else "",
        )
    if slot.type is SlotType.LIST and not isinstance(slot.initial_value, list):
        subject.problems.error(
            below(spot, "initial_value"), f"The list slot `{slot.name}` must begin with a list."
        )


def _check_bounds(subject: Subject, slot: Slot, spot: Spot) -> None:
    if slot.type is SlotType.FLOAT and slot.min_value >= slot.max_value:
        subject.problems.error(
            below(spot, "min_value"), f"`min_value` of `{slot.name}` must be less than `max_value`."
        )


def _check_mapping(subject: Subject, slot: Slot, mapping: SlotMapping, spot: Spot) -> None:
    if mapping.type is MappingType.FROM_ENTITY and mapping.entity is None:
        subject.problems.error(spot, "A `from_entity` mapping needs `entity`.")
    if mapping.entity is not None and mapping.entity not in subject.domain.entities:
        subject.problems.warn(
            spot,
            f"The slot `{slot.name}` is filled from the entity `{mapping.entity}`, which the domain does not declare.",
            suggest_name(mapping.entity, subject.domain.entities),
        )
    for intent in (*mapping.intents, *mapping.not_intents):
        if intent not in subject.known_intents and intent.partition("/")[0] not in subject.known_intents:
            subject.problems.warn(
                spot,
                f"The mapping names the intent `{intent}`, which the domain does not declare.",
                suggest_name(intent, subject.known_intents),
            )
    for action in (mapping.action, mapping.run_action_every_turn):
        if action is not None:
            subject.require_action(action, spot, "The mapping runs")
    for condition in mapping.conditions:
        if condition.active_flow is not None:
            subject.require_flow(condition.active_flow, spot, "The mapping waits for")
        _check_loop(subject, condition.active_loop, spot)


def _check_loop(subject: Subject, name: str | None, spot: Spot) -> None:
    if name is not None and name not in subject.domain.forms:
        subject.problems.warn(
            spot,
            f"The mapping waits for the form `{name}`, which does not exist.",
            suggest_name(name, subject.domain.forms),
        )


def _check_validation(subject: Subject, slot: Slot, spot: Spot) -> None:
    if slot.validation is None:
        return
    for position, rejection in enumerate(slot.validation.rejections):
        place = below(spot, "validation", "rejections", position)
        check_condition(subject, rejection.condition, place, only_slot=slot.name)
        subject.require_response(rejection.utter, place, "The rejection says")
    refill = slot.validation.refill_utter
    if refill is not None:
        subject.require_response(
            refill, below(spot, "validation", "refill_utter"), "The validation asks with"
        )
    elif (
        not subject.has_response(f"utter_ask_{slot.name}")
        and f"action_ask_{slot.name}" not in subject.known_actions
    ):
        subject.problems.error(
            below(spot, "validation"),
            f"Nothing asks for the slot `{slot.name}` again when its value is refused.",
            f"Define `utter_ask_{slot.name}`, or name a response as `refill_utter`.",
        )
    subject.used_responses.add(f"utter_ask_{slot.name}")
