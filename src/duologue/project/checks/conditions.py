"""Conditions: readable, about slots that exist, compared with values they can have."""

from duologue.core.slots import DoesNotFitError, Slot, SlotType, fit_value
from duologue.flows.conditions import Comparison, Condition, ConditionError, parse_condition
from duologue.project.checks.subject import Subject
from duologue.project.problems import Spot, quote_value, suggest_name


def check_condition(
    subject: Subject,
    text: str | bool,
    spot: Spot,
    *,
    only_slot: str | None = None,
    has_context: bool = False,
) -> Condition | None:
    """Check one condition.

    Args:
        only_slot: the one slot it may be about, as in the rejections of that slot.
        has_context: it stands where `context` holds something, so in a pattern or a response.
    """
    try:
        condition = parse_condition(text)
    except ConditionError as error:
        subject.problems.error(spot, f"The condition cannot be read. {error}")
        return None
    _check_names(subject, condition, spot, only_slot)
    if not has_context and any(name.namespace == "context" for name in condition.names):
        subject.problems.warn(
            spot, "Only patterns have a `context`; here it is always empty.", "Look at a slot instead."
        )
    for comparison in condition.comparisons:
        if comparison.namespace == "slots" and not comparison.path:
            slot = subject.domain.slots.get(comparison.name)
            if slot is not None:
                _check_comparison(subject, slot, comparison, spot)
    return condition


def _check_names(subject: Subject, condition: Condition, spot: Spot, only_slot: str | None) -> None:
    bare: list[str] = []
    for name in condition.names:
        if name.namespace != "slots":
            continue
        if name.name not in subject.domain.slots:
            _refuse_name(subject, name.name, spot, is_bare=name.is_bare)
            continue
        subject.used_slots.add(name.name)
        if name.is_bare:
            bare.append(name.name)
        if only_slot in subject.domain.slots and name.name != only_slot:
            subject.problems.warn(
                spot,
                f"The condition about `{only_slot}` also looks at `{name.name}`.",
                "Check that slot at its own step.",
            )
    if bare:
        subject.problems.warn(
            spot,
            f"The condition names {', '.join(f'`{name}`' for name in dict.fromkeys(bare))} without `slots.`, "
            "an older spelling.",
            f"Write `slots.{bare[0]}`.",
        )


def _refuse_name(subject: Subject, name: str, spot: Spot, *, is_bare: bool) -> None:
    nearest = suggest_name(name, subject.domain.slots)
    if is_bare:
        subject.problems.error(
            spot,
            f"`{name}` is neither a slot nor a text in quotes.",
            nearest or f"A text is written `'{name}'`.",
        )
    else:
        subject.problems.error(
            spot,
            f"The condition looks at the slot `{name}`, which the domain does not declare.",
            nearest or "Declare it under `slots:`.",
        )


def _check_comparison(subject: Subject, slot: Slot, comparison: Comparison, spot: Spot) -> None:
    value = comparison.value
    if value is None or comparison.operator not in ("=", "!=", "in") or _is_possible(slot, value):
        return
    message = f"The {slot.type.value} slot `{slot.name}` is never {quote_value(value)}."
    hint = _suggest_value(slot, value)
    if comparison.operator == "=":
        subject.problems.error(spot, message, hint)
    else:
        subject.problems.warn(spot, message, hint)


def _is_possible(slot: Slot, value: object) -> bool:
    match slot.type:
        case SlotType.BOOL:
            return isinstance(value, bool) or value in (0, 1)
        case SlotType.CATEGORICAL:
            return not slot.values or value in slot.values
        case SlotType.FLOAT:
            return not isinstance(value, str)
        case SlotType.TEXT | SlotType.LIST | SlotType.ANY:
            return True


def _suggest_value(slot: Slot, value: object) -> str:
    if slot.type is SlotType.BOOL:
        return "Compare with `true` or `false`, without quotes."
    if slot.type is SlotType.FLOAT:
        return "Compare with a number, without quotes."
    try:
        return f"It is spelt `{fit_value(slot, value)}`."
    except DoesNotFitError:
        return suggest_name(str(value), slot.values) or f"Its values are {', '.join(slot.values)}."
