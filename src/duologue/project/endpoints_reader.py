"""`endpoints.yml` is read: variables filled in, literal keys refused, misspelt ones named."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from duologue.project.action_endpoint_reader import read_action_endpoint
from duologue.project.endpoints import ActionEndpoint, Endpoints, TypedEndpoint, WebService
from duologue.project.fields import Fields, is_items, is_mapping, with_text_keys
from duologue.project.interpolation import interpolate, is_variable
from duologue.project.model_group_reader import read_model_groups
from duologue.project.places import Place
from duologue.project.privacy_reader import read_privacy
from duologue.project.problems import Problems
from duologue.project.service_reader import SERVICE_KEYS, read_service
from duologue.project.yaml_reader import UnreadableFileError, read_yaml

# An assistant answers without a language model, so a missing key of one must not keep it from starting.
_DISPENSABLE = frozenset(("mcp_servers", "metrics", "model_groups", "nlg", "tracing", "vector_store"))
_MCP_SECRETS = frozenset(("api_key", "token", "client_secret"))
_TRACING_SECRETS = frozenset(("public_key", "private_key"))
ENDPOINT_KEYS = frozenset((*Endpoints.__struct_fields__, "version"))


class EndpointsReading(msgspec.Struct, frozen=True, kw_only=True):
    """What reading gave; with errors the endpoints hold what could be read."""

    endpoints: Endpoints
    problems: Problems


def read_endpoints(
    path: Path, *, root: Path | None = None, environment: Mapping[str, str]
) -> EndpointsReading:
    """Read an endpoints file; all that is wrong becomes problems. Ask first whether there is one."""
    problems = Problems()
    fields = open_settings(path, root, environment, problems)
    if fields is None:
        return EndpointsReading(endpoints=Endpoints(), problems=problems)
    fields.warn_unknown(ENDPOINT_KEYS, "The endpoints file")
    return EndpointsReading(endpoints=_read_all(fields), problems=problems)


def open_settings(
    path: Path, root: Path | None, environment: Mapping[str, str], problems: Problems
) -> Fields | None:
    """The mapping of a settings file with its variables filled in; None if there is nothing in it."""
    try:
        source = read_yaml(path, root=root)
    except UnreadableFileError as error:
        problems.add(error.problem)
        return None
    problems.extend(source.problems)
    place = Place(source)
    if source.value is None:
        return None
    if not is_mapping(source.value):
        problems.error(place, "The file must be a mapping at its top level.")
        return None
    data = with_text_keys(source.value)
    _refuse_literal_secrets(data, place, problems)
    filled = {
        key: interpolate(part, environment, place.at(key), problems, is_needed=key not in _DISPENSABLE)
        for key, part in data.items()
    }
    return Fields(filled, place, problems)


def _read_all(fields: Fields) -> Endpoints:
    return Endpoints(
        action_endpoint=_read_action_endpoint(fields),
        tracker_store=_read_typed(fields, "tracker_store"),
        lock_store=_read_typed(fields, "lock_store"),
        timer_store=_read_typed(fields, "timer_store"),
        event_broker=_read_typed(fields, "event_broker"),
        nlg=_read_typed(fields, "nlg"),
        models=_read_models(fields),
        model_groups=read_model_groups(fields),
        secrets_manager=_read_typed(fields, "secrets_manager"),
        tracing=tuple(_to_typed(entry) for entry in fields.entries("tracing")),
        metrics=_read_typed(fields, "metrics"),
        vector_store=_read_typed(fields, "vector_store"),
        mcp_servers=tuple(_read_mcp_servers(fields)),
        privacy=read_privacy(fields),
        interaction_handling=fields.mapping("interaction_handling"),
    )


def _take_one(fields: Fields, key: str) -> Fields | None:
    """The entry under a key: a mapping, or a list with one mapping, as some documentation shows it."""
    entries = list(fields.entries(key))
    if len(entries) > 1:
        fields.problems.error(fields.place.at(key), f"`{key}` takes one entry, not {len(entries)}.")
    return entries[0] if entries else None


def _read_typed(fields: Fields, key: str) -> TypedEndpoint | None:
    entry = _take_one(fields, key)
    return _to_typed(entry) if entry else None


def _to_typed(fields: Fields) -> TypedEndpoint:
    return TypedEndpoint(
        type=fields.text("type"),
        options={key: value for key, value in fields.data.items() if key != "type"},
        place=str(fields.place),
        places={key: str(fields.place.at(key)) for key in fields.data},
    )


def _read_action_endpoint(fields: Fields) -> ActionEndpoint | None:
    entry = _take_one(fields, "action_endpoint")
    return read_action_endpoint(entry) if entry else None


def _read_models(fields: Fields) -> WebService | None:
    entry = _take_one(fields, "models")
    return read_service(entry, SERVICE_KEYS) if entry else None


def _read_mcp_servers(fields: Fields) -> list[dict[str, Any]]:
    servers: dict[str, dict[str, Any]] = {}
    for entry in fields.entries("mcp_servers"):
        name = entry.text("name")
        if name is None:
            entry.problems.error(entry.place, "An MCP server has no `name`.")
        elif name in servers:
            entry.problems.error(entry.place, f"There is already an MCP server `{name}`.", "Rename one.")
        else:
            servers[name] = entry.data
    return list(servers.values())


def _refuse_literal_secrets(data: dict[str, Any], place: Place, problems: Problems) -> None:
    """Keys that files must not hold: they are given as `${NAME}`."""
    _refuse_literals(data.get("model_groups"), frozenset(("api_key",)), place.at("model_groups"), problems)
    _refuse_literals(data.get("mcp_servers"), _MCP_SECRETS, place.at("mcp_servers"), problems)
    _refuse_literals(data.get("tracing"), _TRACING_SECRETS, place.at("tracing"), problems)


def _refuse_literals(value: Any, keys: frozenset[str], place: Place, problems: Problems) -> None:
    if is_items(value):
        for index, item in enumerate(value):
            _refuse_literals(item, keys, place.at(index), problems)
    elif is_mapping(value):
        for key, item in value.items():
            if key in keys and item is not None and not is_variable(item):
                problems.error(
                    place.at(key),
                    f"`{key}` is written out in the file.",
                    f"Put the value into an environment variable and write `{key}: ${{NAME}}`.",
                )
            else:
                _refuse_literals(item, keys, place.at(key), problems)
