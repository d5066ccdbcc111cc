"""Apply a JSON patch (RFC 6902) to a JSON value, without changing that value."""

import copy

from duologue.core.values import OpenData
from duologue.wire.members import MalformedError, Members, is_list, is_object, require_object


def apply_patch(document: object, patch: object) -> object:
    """The document after all operations of the patch.

    Raises:
        MalformedError: an operation is unknown, points to nothing, or its test does not hold.
    """
    if not is_list(patch):
        raise MalformedError("A JSON patch must be a list of operations.")
    document = copy.deepcopy(document)
    for item in patch:
        document = _apply_operation(document, require_object(item, "An operation of a JSON patch"))
    return document


def _apply_operation(document: object, operation: OpenData) -> object:
    members = Members(operation, "an operation of a JSON patch")
    path = _parse_pointer(members.require_text("path"))
    match members.require_text("op"):
        case "add":
            return _add(document, path, _require_value(operation))
        case "replace":
            value = _require_value(operation)
            return _add(_remove(document, path), path, value) if path else value
        case "remove":
            return _remove(document, path)
        case "move":
            source = _parse_pointer(members.require_text("from"))
            value = _find(document, source)
            return _add(_remove(document, source), path, value)
        case "copy":
            value = _find(document, _parse_pointer(members.require_text("from")))
            return _add(document, path, copy.deepcopy(value))
        case "test":
            if _find(document, path) != _require_value(operation):
                raise MalformedError(f"The test of a JSON patch at `{operation['path']}` does not hold.")
            return document
        case other:
            raise MalformedError(f"A JSON patch has no operation `{other}`.")


def _require_value(operation: OpenData) -> object:
    if "value" not in operation:
        raise MalformedError(f"The operation `{operation['op']}` of a JSON patch needs `value`.")
    return operation["value"]


def _parse_pointer(pointer: str) -> list[str]:
    if not pointer:
        return []
    if not pointer.startswith("/"):
        raise MalformedError(f"The JSON pointer `{pointer}` must be empty or begin with `/`.")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _find(document: object, path: list[str]) -> object:
    for part in path:
        document = _child(document, part)
    return document


def _child(document: object, part: str) -> object:
    if is_object(document) and part in document:
        return document[part]
    if is_list(document):
        return document[_position(document, part, last=len(document) - 1)]
    raise _points_to_nothing(part)


def _add(document: object, path: list[str], value: object) -> object:
    if not path:
        return value
    parent, part = _find(document, path[:-1]), path[-1]
    if is_object(parent):
        parent[part] = value
    elif is_list(parent):
        parent.insert(len(parent) if part == "-" else _position(parent, part, last=len(parent)), value)
    else:
        raise _points_to_nothing(part)
    return document


def _remove(document: object, path: list[str]) -> object:
    if not path:
        return None
    parent, part = _find(document, path[:-1]), path[-1]
    if is_object(parent) and part in parent:
        del parent[part]
    elif is_list(parent):
        del parent[_position(parent, part, last=len(parent) - 1)]
    else:
        raise _points_to_nothing(part)
    return document


def _position(items: list[object], part: str, *, last: int) -> int:
    if part.isascii() and part.isdigit() and int(part) <= last:
        return int(part)
    raise _points_to_nothing(part)


def _points_to_nothing(part: str) -> MalformedError:
    return MalformedError(f"A JSON patch points to `{part}`, which is not there.")
