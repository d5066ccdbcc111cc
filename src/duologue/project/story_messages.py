"""What the user says in a story: an intent with entities, marked words, or a payload such as `/inform{"city": "Rome"}`."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from duologue.core.stories import StoryEntity, UserStep
from duologue.project.entity_marks import EntityMarkError, read_marks
from duologue.project.fields import Fields, describe, is_items, is_mapping, is_scalar, text_of, with_text_keys

_PAYLOAD = re.compile(r"/(?P<intent>[^{@\s]+)(?:@[0-9.]+)?\s*(?P<entities>\{.*\})?\s*$", re.DOTALL)
_BESIDE_THE_NAME = frozenset(("role", "group", "start", "end"))


def read_user_step(fields: Fields, what: str) -> UserStep | None:
    """The message of one step; None if it says nothing, which is noted."""
    intent, entities = _read_intent(fields)
    text: str | None = None
    written = fields.text("user")
    if written is not None:
        text, marked = _read_words(fields, written.strip())
        payload = _read_payload(fields, "user", text)
        if payload is not None:
            intent = intent or payload[0]
            marked = payload[1]
        entities = marked or entities
    if not intent and not text:
        fields.problems.warn(
            fields.place,
            f"A message of the user in {what} has neither an intent nor words; the step is ignored.",
            "Name the intent, or remove the step.",
        )
        return None
    entities = entities or tuple(_read_entities(fields))
    metadata = fields.data.get("metadata")
    return UserStep(
        intent=intent or None,
        text=text,
        entities=entities,
        metadata=with_text_keys(metadata) if is_mapping(metadata) else {},
    )


def _read_intent(fields: Fields) -> tuple[str, tuple[StoryEntity, ...]]:
    """The intent as written, without a leading slash; entities may stand behind it as in a payload."""
    written = (fields.text("intent") or "").strip()
    if not written.startswith("/") and "{" not in written:
        return written, ()
    payload = _read_payload(fields, "intent", f"/{written.removeprefix('/')}")
    if payload is None:
        return written.removeprefix("/"), ()
    if written.startswith("/"):
        fields.problems.warn(
            fields.place.at("intent"), f"The intent `{written}` begins with `/`.", f"Write `{payload[0]}`."
        )
    return payload


def _read_words(fields: Fields, written: str) -> tuple[str, tuple[StoryEntity, ...]]:
    if written.startswith("/"):
        return written, ()
    try:
        text, marks = read_marks(written)
    except EntityMarkError as error:
        fields.problems.error(fields.place.at("user"), f"The message has a broken entity mark: {error}")
        return written, ()
    return text, tuple(msgspec.convert(mark, StoryEntity) for mark in marks)


def _read_payload(fields: Fields, key: str, text: str) -> tuple[str, tuple[StoryEntity, ...]] | None:
    """Intent and entities of a message that begins with a slash."""
    match = _PAYLOAD.match(text)
    if match is None:
        return None
    return match["intent"], tuple(_parse_payload_entities(fields, key, match["entities"]))


def _parse_payload_entities(fields: Fields, key: str, written: str | None) -> Iterator[StoryEntity]:
    if not written:
        return
    try:
        given = msgspec.json.decode(written, type=dict[str, Any])
    except msgspec.DecodeError:
        fields.problems.warn(
            fields.place.at(key),
            f"`{written[:60]}` is not JSON; the entities are ignored.",
            'Write `{"entity": "value"}`.',
        )
        return
    for name, value in given.items():
        for single in value if is_items(value) else [value]:
            yield StoryEntity(entity=name, value=single)


def _read_entities(fields: Fields) -> Iterator[StoryEntity]:
    """`- city`, `- city: Rome` with `role` or `group` beside it, or `- entity: city` with `value`."""
    value = fields.data.get("entities")
    if is_mapping(value):
        for name, single in with_text_keys(value).items():
            yield StoryEntity(entity=name, value=single)
        return
    for place, item in fields.items("entities"):
        if is_scalar(item):
            yield StoryEntity(entity=text_of(item))
        elif is_mapping(item) and (entity := _read_entity(with_text_keys(item))):
            yield entity
        else:
            fields.refuse_at(
                place, f"An entity must be a name, or a name with a value, not {describe(item)}."
            )


def _read_entity(item: dict[str, Any]) -> StoryEntity | None:
    names = [name for name in item if name not in _BESIDE_THE_NAME]
    role, group = item.get("role"), item.get("group")
    attributes: dict[str, Any] = {
        "role": text_of(role) if is_scalar(role) else None,
        "group": text_of(group) if is_scalar(group) else None,
    }
    if "entity" in item and set(names) <= {"entity", "value"} and is_scalar(item["entity"]):
        return StoryEntity(entity=text_of(item["entity"]), value=item.get("value"), **attributes)
    if not names:
        return None
    return StoryEntity(entity=names[-1], value=item[names[-1]], **attributes)
