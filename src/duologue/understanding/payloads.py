"""Exact payloads: what buttons and programs send instead of words.

`/SetSlots(a=1, b=x)` sets slots, `/intent` and `/intent@0.9{"entity": "value"}` name an intent. Whatever is
offered to nobody in this state is dropped later, like any other command.
"""

import json
import re
from typing import cast

import msgspec

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.domain import Domain
from duologue.core.reminders import Reminder, list_entities
from duologue.core.router_options import ROUTER, ROUTING_SLOT
from duologue.core.slots import MappingType
from duologue.core.understanding import Entity, Evidence, Intent, Understanding
from duologue.core.values import SlotValue
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers

MAX_PAIRS = 10
"""Slots that one `/SetSlots` may set."""

_SET_SLOTS = re.compile(r"^/SetSlots\((?P<pairs>.*)\)\s*$", re.DOTALL)
_PAIR = re.compile(r"(?P<name>[^=,()]+)=(?P<value>\[[^\]]*\]|[^,()]*)(?:,|$)")
_INTENT = re.compile(
    r"^/(?P<name>[^\s{@]+)(?:@(?P<confidence>[0-9.]+))?\s*(?P<entities>\{.*\})?\s*$", re.DOTALL
)
_EMPTY_WORDS = frozenset({"none", "null", "undefined", "empty"})

_SYSTEM_INTENTS: dict[str, Command] = {
    "session_start": cmd.SessionStart(),
    "session_end": cmd.SessionEnd(),
    "silence_timeout": cmd.UserSilence(),
    "restart": cmd.Restart(),
}


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What a slash message says."""

    slots: tuple[tuple[str, SlotValue], ...] | None = None
    """For `/SetSlots`."""
    intent: Intent | None = None
    entities: tuple[Entity, ...] = ()


def parse_payload(text: str) -> Payload | None:
    """The payload in the text, or None if it is not one."""
    if not text.startswith("/"):
        return None
    found = _SET_SLOTS.match(text)
    if found:
        return _parse_set_slots(found["pairs"])
    return _parse_intent(text)


def _parse_set_slots(text: str) -> Payload | None:
    slots: list[tuple[str, SlotValue]] = []
    position = 0
    text = text.strip()
    while position < len(text) and len(slots) < MAX_PAIRS:
        found = _PAIR.match(text, position)
        if found is None:
            return None
        slots.append((found["name"].strip(), _parse_value(found["value"])))
        position = found.end()
    return Payload(slots=tuple(slots)) if slots else None


def _parse_value(text: str) -> SlotValue:
    text = text.strip()
    if text[:1] == "[" and text[-1:] == "]":
        return [_parse_value(item) for item in text[1:-1].split(",") if item.strip()]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return None if text.casefold() in _EMPTY_WORDS else text


def _parse_intent(text: str) -> Payload | None:
    found = _INTENT.match(text)
    if found is None:
        return None
    try:
        confidence = min(1.0, float(found["confidence"] or 1.0))
        entities = json.loads(found["entities"] or "{}")
    except ValueError:
        return None
    if not isinstance(entities, dict):
        return None
    return Payload(
        intent=Intent(name=found["name"], confidence=confidence),
        entities=tuple(_make_entities(cast("dict[str, SlotValue]", entities))),
    )


def _make_entities(given: dict[str, SlotValue]) -> list[Entity]:
    made: list[Entity] = []
    for name, value in given.items():
        values = cast("list[SlotValue]", value) if isinstance(value, list) else [value]
        made.extend(Entity(entity=name, value=one, extractor="payload") for one in values)
    return made


def understand_payload(text: str, offers: Offers) -> Understanding | None:
    """The commands of a payload; None if the text is none, or names an intent that nobody knows."""
    flows, domain = offers.flows, offers.domain
    payload = parse_payload(text)
    if payload is None:
        return None
    if payload.slots is not None:
        commands: tuple[Command, ...] = tuple(
            cmd.SetSlot(name=name, value=value, extractor="BUTTON") for name, value in payload.slots
        )
        return Understanding(commands=commands, evidence=(Evidence(rung="payload", reason="set slots"),))
    intent = payload.intent
    assert intent is not None, "a payload sets slots or names an intent"
    commands = _follow_intent(intent, flows)
    if not commands and intent.name not in domain.intents:
        return None
    filled = (*_fill_from_entities(payload.entities, domain), *_fill_from_intent(intent, offers))
    return Understanding(
        commands=(*commands, *filled) or (cmd.CannotHandle(),),
        evidence=(Evidence(rung="payload", confidence=intent.confidence, reason="intent"),),
        intent=intent,
        entities=payload.entities,
        intent_ranking=(intent,),
    )


def understand_reminder(reminder: Reminder, offers: Offers) -> Understanding:
    """The commands of a reminder that came due: those of its intent, as a payload would name it; maybe none."""
    intent = Intent(name=reminder.intent)
    entities = list_entities(reminder.entities)
    starts = _follow_intent(intent, offers.flows)
    filled = (*_fill_from_entities(entities, offers.domain), *_fill_from_intent(intent, offers))
    return Understanding(
        commands=(*_stay_with_flows(offers), *starts, *filled) if starts else (),
        evidence=(
            Evidence(rung="reminder", reason="intent" if starts else "nothing starts with this intent"),
        ),
        intent=intent,
        entities=entities,
        intent_ranking=(intent,),
    )


def _stay_with_flows(offers: Offers) -> tuple[Command, ...]:
    """What is answered to a flow that a reminder starts is for the flows, where a router would else be asked."""
    if ROUTING_SLOT not in offers.domain.slots or offers.slots.get(ROUTING_SLOT) is not None:
        return ()
    return (cmd.SetSlot(name=ROUTING_SLOT, value=True, extractor=ROUTER),)


def _follow_intent(intent: Intent, flows: Flows) -> tuple[Command, ...]:
    if intent.name in _SYSTEM_INTENTS:
        return (_SYSTEM_INTENTS[intent.name],)
    triggered = flows.flows_by_intent.get(intent.name, ())
    named = flows.user_flows.get(intent.name)
    started = [
        flow.id for flow, threshold in triggered if not flow.is_pattern and intent.confidence >= threshold
    ]
    if not started and named is not None:
        started = [named.id]
    return tuple(cmd.StartFlow(flow=flow_id, is_explicit=True) for flow_id in started)


def _fill_from_entities(entities: tuple[Entity, ...], domain: Domain) -> tuple[Command, ...]:
    """An entity that is named like a slot, or mapped to one, fills it."""
    commands: list[Command] = []
    for entity in entities:
        for slot in domain.slots.values():
            mapped = any(mapping.entity == entity.entity for mapping in slot.mappings)
            if mapped or slot.name == entity.entity:
                commands.append(cmd.SetSlot(name=slot.name, value=entity.value, extractor="BUTTON"))
    return tuple(commands)


def _fill_from_intent(intent: Intent, offers: Offers) -> tuple[Command, ...]:
    """A slot whose mapping names the intent takes the mapping's value."""
    return tuple(
        cmd.SetSlot(name=slot.name, value=mapping.value, extractor="NLU")
        for slot in offers.domain.slots.values()
        for mapping in slot.mappings
        if mapping.type is MappingType.FROM_INTENT
        and (not mapping.intents or intent.name in mapping.intents)
        and intent.name not in mapping.not_intents
        and offers.applies(mapping)
    )
