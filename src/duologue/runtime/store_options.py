"""The options of a store, read from its entry in the endpoints and completed from the environment."""

import logging
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData
from duologue.project.endpoints import TypedEndpoint
from duologue.project.problems import suggest_name

Options = TypeVar("Options", bound=msgspec.Struct)

_log = logging.getLogger(__name__)


def read_options(
    kind: type[Options], endpoint: TypedEndpoint, *, what: str, environment: Mapping[str, object]
) -> Options:
    """The options as the adapter takes them.

    An option that nobody knows is passed over with a warning, because files of other releases have them too.

    Args:
        what: the entry's name, such as `tracker_store`.
        environment: what the environment says; the file wins.

    Raises:
        DefinitionError: an option has a value that it cannot have; the text says where it stands.
    """
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    given: OpenData = {name: value for name, value in environment.items() if name in fields}
    for name, value in endpoint.options.items():
        if name not in fields and name != "dialect":
            hint = suggest_name(name, fields) or ""
            _log.warning(
                "endpoints.unknown_option",
                extra={
                    "finding": f"{endpoint.find_place(name)}: `{what}` has no option `{name}`. {hint}".strip()
                },
            )
        elif value is not None and name in fields:
            given[name] = _convert(value, fields[name], endpoint, what)
    missing = [field.name for field in fields.values() if field.required and field.name not in given]
    if missing:
        raise DefinitionError(f"{endpoint.find_place('')}: `{what}` needs `{missing[0]}`.")
    return kind(**given)


def _convert(value: object, field: msgspec.structs.FieldInfo, endpoint: TypedEndpoint, what: str) -> object:
    wanted: Any = field.type
    try:
        return msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError:
        # A password of digits is a number to YAML, and a port in a variable is a text.
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                return msgspec.convert(str(value), wanted, strict=False)
            except msgspec.ValidationError:
                pass
    raise DefinitionError(
        f"{endpoint.find_place(field.name)}: `{field.name}` of `{what}` must be {_describe(wanted)}."
    )


_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
}


def _describe(wanted: Any) -> str:
    kind = msgspec.inspect.type_info(wanted)
    kinds = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    words = [text for one in kinds if (text := _describe_one(one))]
    return " or ".join(dict.fromkeys(words)) or "something else"


def _describe_one(kind: msgspec.inspect.Type) -> str | None:
    match kind:
        case msgspec.inspect.StrType():
            return _WORDS[str]
        case msgspec.inspect.IntType():
            return _WORDS[int]
        case msgspec.inspect.FloatType():
            return _WORDS[float]
        case msgspec.inspect.BoolType():
            return _WORDS[bool]
        case msgspec.inspect.LiteralType():
            return "one of " + ", ".join(str(value) for value in kind.values)
        case msgspec.inspect.CollectionType():
            return _WORDS[list]
        case msgspec.inspect.DictType():
            return _WORDS[dict]
        case _:
            return None
