"""Strategies that make any value of our vocabulary, read from the types, so that a new kind is never forgotten."""

import enum
import types
import typing
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from duologue.core.events import BotSpoke, Event, OtherEvent
from duologue.core.messages import Button
from duologue.core.stack import PatternFrame

TEXTS = st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | NUMBERS | TEXTS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
OPEN_DATA = st.dictionaries(TEXTS, JSON, max_size=3)

KNOWN_TYPE_NAMES = {kind.__struct_config__.tag for kind in get_args(Event)} | {"form", "form_validation"}


def open_data_without(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return OPEN_DATA.map(lambda data: {name: value for name, value in data.items() if name not in names})


# Members that the public JSON keeps for something else, so that authors cannot use them there.
RESERVED: dict[tuple[type, str], st.SearchStrategy[Any]] = {
    (Button, "extra"): open_data_without("title", "payload"),
    (BotSpoke, "metadata"): open_data_without("utter_action", "metadata"),
    (OtherEvent, "type_name"): TEXTS.filter(lambda name: name not in KNOWN_TYPE_NAMES),
    (OtherEvent, "data"): open_data_without("event", "timestamp", "metadata"),
    (PatternFrame, "flow_id"): TEXTS.map(lambda name: f"pattern_{name}"),
    (PatternFrame, "frame_id"): st.text(min_size=1, max_size=8),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type as the core's structs use them."""
    kind = getattr(kind, "__supertype__", kind)
    if kind in (Any, object):
        return JSON
    simple = {
        str: TEXTS,
        int: st.integers(0, 2**40),
        float: NUMBERS,
        bool: st.booleans(),
        type(None): st.none(),
    }
    if kind in simple:
        return simple[kind]
    if get_origin(kind) in (typing.Union, types.UnionType):
        return st.one_of(*(values_of(member) for member in get_args(kind)))
    if get_origin(kind) is tuple:
        return st.lists(values_of(get_args(kind)[0]), max_size=2).map(tuple)
    if get_origin(kind) is dict:
        return OPEN_DATA
    if issubclass(kind, enum.Enum):
        return st.sampled_from(kind)
    return st.deferred(lambda: structs_of(kind))


def structs_of(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    names = [field.name for field in msgspec.structs.fields(kind)]
    chosen = {name: _values_of_member(kind, name, hints[name]) for name in names}
    return st.builds(kind, **chosen)


def _values_of_member(owner: type, name: str, kind: Any) -> st.SearchStrategy[Any]:
    reserved = RESERVED.get((owner, name))
    return values_of(kind) if reserved is None else reserved
