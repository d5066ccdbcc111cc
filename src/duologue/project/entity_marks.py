"""Entity marks in a sentence: `fly to [Rome](city)`, `[NY]{"entity": "city", "value": "New York"}`."""

import re
from typing import Any

import msgspec

_MARK = re.compile(
    r"\[(?P<text>[^\]]+?)\]"
    r"(?:\((?P<entity>[^:)]+?)(?::(?P<value>[^)]+))?\)|(?P<one>\{[^{}]*\})|(?P<several>\[\{.*?\}\]))"
)
_KNOWN_KEYS = ("role", "group")


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
        raise EntityMarkError(f"`{written}` is not JSON.") from None


def _describe_entity(given: dict[str, Any], text: str, start: int, end: int) -> dict[str, Any]:
    if not isinstance(given.get("entity"), str):
        raise EntityMarkError("`entity` is missing.")
    value = given.get("value")
    entity: dict[str, Any] = {
        "start": start,
        "end": end,
        "entity": given["entity"].strip(),
        "value": text if value is None else value,
    }
    return entity | {key: given[key] for key in _KNOWN_KEYS if given.get(key) is not None}
