"""Entity marks in a sentence: `fly to [Rome](city)`, `[NY]{"entity": "city", "value": "New York"}`."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

_MARK = re.compile(
    r"\[(?P<text>[^\]]+?)\]"
    r"(?:\((?P<entity>[^:)]+?)(?::(?P<value>[^)]+))?\)|(?P<one>\{[^{}]*\})|(?P<several>\[\{.*?\}\]))"
)
_KNOWN_KEYS = ("role", "group")
_NEEDS_JSON = re.compile(r"[:)]")


class EntityMarkError(ValueError):
    """An entity mark cannot be read; the text says why."""


def read_marks(marked: str) -> tuple[str, list[dict[str, Any]]]:
    """The sentence without its marks, and the entities with their offsets in it.

    Raises:
        EntityMarkError: what stands behind a bracket is not a mark.
    """
    if "[" not in marked:
        return marked, []
    pieces: list[str] = []
    entities: list[dict[str, Any]] = []
    length = position = 0
    for match in _MARK.finditer(marked):
        before = marked[position : match.start()]
        pieces += (before, match["text"])
        start = length + len(before)
        length = start + len(match["text"])
        position = match.end()
        entities.extend(_describe_entities(match, start, length))
    pieces.append(marked[position:])
    return "".join(pieces), entities


def write_marks(text: str, entities: Iterable[Mapping[str, Any]]) -> str:
    """The sentence with its entities marked, so that `read_marks` gives both back; of overlapping ones the first is kept."""
    by_place: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for entity in entities:
        by_place.setdefault((entity["start"], entity["end"]), []).append(entity)
    pieces: list[str] = []
    position = 0
    for (start, end), marked in sorted(by_place.items(), key=lambda item: item[0]):
        if start < position:
            continue
        pieces += (text[position:start], f"[{text[start:end]}]", _write_attributes(text[start:end], marked))
        position = end
    return "".join((*pieces, text[position:]))


def _write_attributes(spelling: str, entities: Sequence[Mapping[str, Any]]) -> str:
    written = [_list_attributes(spelling, entity) for entity in entities]
    if len(written) > 1:
        return _to_json(written)
    if len(written[0]) == 1 and not _NEEDS_JSON.search(written[0]["entity"]):
        return f"({written[0]['entity']})"
    return _to_json(written[0])


def _list_attributes(spelling: str, entity: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {"entity": entity["entity"]}
    for key in _KNOWN_KEYS:
        if entity.get(key) is not None:
            attributes[key] = entity[key]
    value = entity.get("value")
    if value is not None and value != spelling:
        attributes["value"] = value
    return attributes


def _to_json(value: object) -> str:
    """JSON with spaces, as people write it."""
    return json.dumps(value, ensure_ascii=False)


def _describe_entities(match: re.Match[str], start: int, end: int) -> list[dict[str, Any]]:
    if match["entity"]:
        attributes = [{"entity": match["entity"], "value": match["value"]}]
    else:
        attributes = _parse_attributes(match["one"] or match["several"])
    return [_describe_entity(given, match["text"], start, end) for given in attributes]


def _parse_attributes(written: str) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(
            written if written.startswith("[") else f"[{written}]", type=list[dict[str, Any]]
        )
    except msgspec.DecodeError:
        raise EntityMarkError(
            f'`{written}` is not JSON. Write `{{"entity": "…", "value": "…"}}`, with double quotes.'
        ) from None


def _describe_entity(given: dict[str, Any], text: str, start: int, end: int) -> dict[str, Any]:
    if not isinstance(given.get("entity"), str):
        raise EntityMarkError('`entity` is missing. Write `{"entity": "…"}`.')
    value = given.get("value")
    entity: dict[str, Any] = {
        "start": start,
        "end": end,
        "entity": given["entity"].strip(),
        "value": text if value is None else value,
    }
    for key in _KNOWN_KEYS:
        if (name := given.get(key)) is not None:
            if not isinstance(name, str | int | float):
                raise EntityMarkError(f"`{key}` must be a text.")
            entity[key] = str(name)
    return entity
