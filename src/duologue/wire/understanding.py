"""What was understood of a message, as the `parse_data` of a `user` event."""

import msgspec

from duologue.core.understanding import Entity, Evidence, Intent, Understanding
from duologue.core.values import OpenData
from duologue.wire.commands import format_command, parse_command
from duologue.wire.members import Members, require_object


def format_understanding(
    understanding: Understanding, *, text: str | None, message_id: str | None, metadata: OpenData
) -> OpenData:
    """`parse_data`; the message's own members are repeated in it, since action code reads them there."""
    formatted: OpenData = {
        "intent": _format_intent(understanding.intent),
        "entities": [format_entity(entity) for entity in understanding.entities],
        "text": text,
        "message_id": message_id,
        "metadata": metadata,
        "intent_ranking": [_format_intent(intent) for intent in understanding.intent_ranking],
        "commands": [format_command(command) for command in understanding.commands],
        "evidence": [msgspec.to_builtins(evidence) for evidence in understanding.evidence],
    }
    if understanding.response_selector:
        formatted["response_selector"] = understanding.response_selector
    if understanding.is_for_policies:
        formatted["is_for_policies"] = True
    return formatted


def parse_understanding(data: OpenData) -> Understanding:
    """The understanding in a `parse_data`; commands and evidence that we do not know are left out."""
    members = Members(data, "`parse_data`")
    commands = (parse_command(item) for item in members.get_list("commands"))
    evidence = (_parse_evidence(item) for item in members.get_list("evidence"))
    intents = (_parse_intent(item) for item in members.get_list("intent_ranking"))
    return Understanding(
        commands=tuple(command for command in commands if command is not None),
        evidence=tuple(piece for piece in evidence if piece is not None),
        intent=_parse_intent(data.get("intent")),
        entities=tuple(parse_entity(item) for item in members.get_list("entities")),
        intent_ranking=tuple(intent for intent in intents if intent is not None),
        is_for_policies=data.get("is_for_policies") is True,
        response_selector=members.get_object("response_selector"),
    )


_ENTITY_MEMBERS = frozenset(
    ("confidence", "confidence_entity", "end", "entity", "extractor", "group", "role", "start", "value")
)
_DUCKLING = "DucklingEntityExtractor"
"""Its confidence has a member of another name."""


def format_entity(entity: Entity) -> OpenData:
    """An entity; what is not known of it is left out."""
    formatted: OpenData = {"entity": entity.entity, "value": entity.value}
    for name, value in (
        ("start", entity.start),
        ("end", entity.end),
        ("role", entity.role),
        ("group", entity.group),
        (_find_confidence_member(entity), entity.confidence),
        ("extractor", entity.extractor),
    ):
        if value is not None:
            formatted[name] = value
    return {**formatted, **{name: value for name, value in entity.extra.items() if name not in formatted}}


def _find_confidence_member(entity: Entity) -> str:
    return "confidence" if entity.extractor == _DUCKLING else "confidence_entity"


def parse_entity(data: object) -> Entity:
    """An entity of any extractor; both spellings of the confidence are read."""
    item = require_object(data, "An entity")
    members = Members(item, "an entity")
    confidence = members.find_number("confidence_entity")
    return Entity(
        entity=members.require_text("entity"),
        value=item.get("value"),
        start=members.find_whole_number("start"),
        end=members.find_whole_number("end"),
        role=members.find_text("role"),
        group=members.find_text("group"),
        confidence=confidence if confidence is not None else members.find_number("confidence"),
        extractor=members.find_text("extractor"),
        extra={key: part for key, part in item.items() if key not in _ENTITY_MEMBERS},
    )


def _format_intent(intent: Intent | None) -> OpenData:
    if intent is None:
        return {"name": None, "confidence": 0.0}
    return {"name": intent.name, "confidence": intent.confidence}


def _parse_intent(data: object) -> Intent | None:
    if data is None:
        return None
    members = Members(require_object(data, "An intent"), "an intent")
    name = members.find_text("name")
    if name is None:
        return None
    confidence = members.find_number("confidence")
    return Intent(name=name, confidence=1.0 if confidence is None else confidence)


def _parse_evidence(data: object) -> Evidence | None:
    try:
        return msgspec.convert(data, type=Evidence)
    except msgspec.ValidationError:
        return None
