"""Write the action protocol as JSON Schemas and OpenAPI: `python -m duologue.wire.action_schemas protocol/`."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from duologue.wire import action_models as models
from duologue.wire.action_openapi import describe_openapi
from duologue.wire.event_models import EVENT_MODELS
from duologue.wire.members import is_list, is_object

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PROTO = "action_webhook.proto"
_BODIES = (
    models.Call,
    models.Answer,
    models.Refusal,
    models.InvalidRequest,
    models.Failure,
    models.ActionName,
    models.Health,
)
_FILES = {
    "action-call.schema.json": ("Call", "The body of a call of an action."),
    "action-answer.schema.json": ("Answer", "The answer to a call of an action."),
    "event.schema.json": ("Event", "An event of a conversation."),
}
Schema = dict[str, Any]


def make_protocol() -> dict[str, bytes]:
    """The content of every published file, by its name."""
    files = {name: _encode(describe_schema(model, title)) for name, (model, title) in _FILES.items()}
    files["openapi.json"] = _encode(describe_openapi(_list_components("#/components/schemas/")))
    files[PROTO] = (Path(__file__).parent / "grpc" / PROTO).read_bytes()
    return files


def describe_schema(model: str, title: str) -> Schema:
    """The JSON Schema of one model, with everything that it refers to."""
    components = _list_components("#/$defs/")
    return {
        "$schema": DIALECT,
        "title": title,
        "$ref": f"#/$defs/{model}",
        "$defs": {name: components[name] for name in sorted(_find_references(components, model))},
    }


def _list_components(prefix: str) -> dict[str, Schema]:
    _, components = msgspec.json.schema_components((*_BODIES, *EVENT_MODELS), ref_template=prefix + "{name}")
    kinds = [str(model.__struct_config__.tag) for model in EVENT_MODELS]
    components["OtherEvent"] = {
        "title": "OtherEvent",
        "description": "A kind of event that is newer than this, or somebody's own.",
        "type": "object",
        "properties": {"event": {"type": "string", "not": {"enum": sorted(kinds)}}},
        "required": ["event"],
    }
    names = [model.__name__ for model in EVENT_MODELS]
    components["Event"] = {
        "title": "Event",
        "description": "Something that happened in a conversation; `event` says what.",
        "anyOf": [{"$ref": prefix + name} for name in [*names, "OtherEvent"]],
    }
    return {name: _tidy(components[name]) for name in sorted(components)}


def _find_references(components: Mapping[str, Schema], model: str) -> set[str]:
    """The model itself and all that it leads to."""
    found: set[str] = set()
    waiting = [model]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_list_references(components[name]))
    return found


def _list_references(schema: object) -> Iterable[str]:
    if is_object(schema):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for item in schema.values():
            yield from _list_references(item)
    elif is_list(schema):
        for item in schema:
            yield from _list_references(item)


def _tidy(schema: Any) -> Any:
    """The same schema, shorter: a list of types for a choice of bare types, and no default where that is null."""
    if is_list(schema):
        return [_tidy(item) for item in schema]
    if not is_object(schema):
        return schema
    tidied = {name: _tidy(item) for name, item in schema.items() if (name, item) != ("default", None)}
    choices = tidied.get("anyOf", [])
    if choices and all(list(choice) == ["type"] for choice in choices):
        tidied["type"] = [choice["type"] for choice in tidied.pop("anyOf")]
    return tidied


def _encode(content: Schema) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def main(folder: str) -> None:
    """Write the files anew."""
    for name, content in make_protocol().items():
        (Path(folder) / name).write_bytes(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
