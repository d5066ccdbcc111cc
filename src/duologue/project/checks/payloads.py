"""Button payloads: `/SetSlots(a=1)` and `/intent{…}` must be understood when the button is pressed."""

import re
from typing import Any

import msgspec

from duologue.core.slots import DoesNotFitError, SlotType, fit_value
from duologue.project.checks.subject import Subject
from duologue.project.problems import Spot, quote_value, suggest_name

MAX_PAIRS = 10
_SET_SLOTS = "/SetSlots"
_NEARLY_SET_SLOTS = re.compile(r"/set[_-]?slots?\s*\(", re.IGNORECASE)
_WELL_FORMED = re.compile(r"/SetSlots\((?P<pairs>[^()]*)\)\s*")
_PLACEHOLDER = re.compile(r"(?<!\{)\{\w+\}(?!\})")
_INTENT = re.compile(r"/(?P<intents>[^{@\s]+)(?:@[\d.]+)?\s*(?P<entities>\{.*\})?\s*", re.DOTALL)


def check_payload(subject: Subject, payload: str, spot: Spot) -> None:
    """Check the payload of one button; plain text and texts with variables are taken as they are."""
    if not payload.startswith("/") or "{{slots" in payload or "{{ " in payload:
        return
    if _NEARLY_SET_SLOTS.match(payload) or payload.casefold().startswith(_SET_SLOTS.casefold()):
        _check_set_slots(subject, payload, spot)
    else:
        _check_intent(subject, payload, spot)


def _check_set_slots(subject: Subject, payload: str, spot: Spot) -> None:
    if not payload.startswith(_SET_SLOTS):
        subject.problems.error(
            spot, f"The payload {quote_value(payload)} must begin with `{_SET_SLOTS}`, spelt so."
        )
        return
    match = _WELL_FORMED.fullmatch(payload)
    pairs = [pair.strip() for pair in match["pairs"].split(",")] if match else []
    if not pairs or not all(pairs):
        subject.problems.error(
            spot,
            f"The payload {quote_value(payload)} is malformed.",
            "Write `/SetSlots(name=value, other=value)`.",
        )
        return
    if len(pairs) > MAX_PAIRS:
        subject.problems.error(spot, f"The payload sets {len(pairs)} slots; at most {MAX_PAIRS} are taken.")
    for pair in pairs:
        _check_pair(subject, pair, spot)


def _check_pair(subject: Subject, pair: str, spot: Spot) -> None:
    name, separator, value = (part.strip() for part in pair.partition("="))
    if not separator or not name:
        subject.problems.error(spot, f"`{pair}` in the payload is no pair.", "Write `name=value`.")
        return
    if not subject.require_slot(name, spot, "The payload sets"):
        return
    slot = subject.domain.slots[name]
    if slot.type is SlotType.LIST:
        subject.problems.error(spot, f"A payload cannot set the list slot `{name}`.")
        return
    if name not in subject.collected_slots:
        subject.problems.warn(
            spot,
            f"No flow asks for the slot `{name}`, so the payload may have no effect.",
            "Collect it in a flow.",
        )
    # A value in braces is filled in when the message is sent.
    if "{" not in value and value.casefold() not in ("null", "none", "undefined"):
        try:
            fit_value(slot, value)
        except DoesNotFitError:
            subject.problems.error(
                spot,
                f"The payload sets the {slot.type.value} slot `{name}` to {quote_value(value)}, which does not fit.",
                f"Its values are {', '.join(slot.values)}." if slot.values else "",
            )


def _check_intent(subject: Subject, payload: str, spot: Spot) -> None:
    match = _INTENT.fullmatch(payload)
    if match is None:
        subject.problems.warn(
            spot, f"The payload {quote_value(payload)} is malformed.", 'Write `/intent{{"entity": "value"}}`.'
        )
        return
    for intent in match["intents"].split("+"):
        if intent not in subject.known_intents and intent.partition("/")[0] not in subject.known_intents:
            _report_intent(subject, intent, spot)
    if match["entities"]:
        _check_entities(subject, match["entities"], spot)


def _report_intent(subject: Subject, intent: str, spot: Spot) -> None:
    # Without any intents a message such as `/start` is left to the flows and the channel.
    note = subject.problems.error if subject.domain.intents else subject.problems.warn
    note(
        spot,
        f"The payload sends the intent `{intent}`, which the domain does not declare.",
        suggest_name(intent, subject.known_intents) or "Declare it under `intents:`, or send a text.",
    )


def _check_entities(subject: Subject, written: str, spot: Spot) -> None:
    """Braces stand doubled in response texts, single in what custom actions send."""
    text = written.replace("{{", "{").replace("}}", "}")
    try:
        entities = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        if _PLACEHOLDER.search(written) is None:
            subject.problems.error(
                spot, "The entities of the payload are not JSON.", 'Write `/intent{{"entity": "value"}}`.'
            )
        return
    for name in entities:
        if name not in subject.domain.entities and name not in subject.domain.slots:
            subject.problems.warn(
                spot,
                f"The payload names the entity `{name}`, which the domain does not declare.",
                suggest_name(name, subject.domain.entities),
            )
