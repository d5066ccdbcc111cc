"""The services around an assistant, opened as its endpoints name them."""

import logging
from pathlib import Path

from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import DefinitionError
from duologue.ports.action_runner import ActionRunner
from duologue.project.definition import AssistantDefinition
from duologue.project.endpoints import ActionEndpoint, Endpoints
from duologue.runtime.adapter_table import (
    ACTION_RUNNERS,
    ACTION_SERVERS,
    find_missing_extra,
    load_adapter,
)
from duologue.runtime.result_stores import IN_MEMORY, NOT_REMEMBERED, find_keep_seconds, open_result_store
from duologue.runtime.settings import Settings

_DEFAULT_ACTIONS = "actions"
_NOT_USED_YET = (
    "event_broker",
    "nlg",
    "models",
    "vector_store",
    "mcp_servers",
    "metrics",
    "secrets_manager",
    "interaction_handling",
)

_log = logging.getLogger(__name__)


def name_unused(endpoints: Endpoints) -> None:
    """Say which services the file names and this release passes over."""
    unused = [name for name in _NOT_USED_YET if getattr(endpoints, name)]
    if unused:
        _log.warning("endpoints.not_used", extra={"not_used": ", ".join(unused)})


async def open_actions(
    endpoint: ActionEndpoint | None, root: Path, definition: AssistantDefinition, settings: Settings
) -> ActionRunner | None:
    """Where custom actions run: the module named, else the URL named, else the project's package `actions`.

    Raises:
        DefinitionError: the author's code cannot be imported, or the endpoint cannot be used.
        StorageUnavailableError: the store of results cannot be reached.
    """
    endpoint = endpoint or ActionEndpoint()
    module = endpoint.actions_module
    if module is None and endpoint.service.url:
        return _open_action_server(endpoint, root, settings)
    has_code = (root / _DEFAULT_ACTIONS).is_dir() or (root / f"{_DEFAULT_ACTIONS}.py").is_file()
    if module is None and not has_code:
        return None
    if module == _DEFAULT_ACTIONS and not has_code:
        if definition.domain.actions:
            _log.warning("actions.no_code", extra={"actions_module": module, "folder": str(root)})
        return None
    return await _open_in_process(module or _DEFAULT_ACTIONS, endpoint, root, settings)


async def _open_in_process(
    module: str, endpoint: ActionEndpoint, root: Path, settings: Settings
) -> ActionRunner:
    opener = load_adapter(ACTION_RUNNERS, "in_process", what="the action runner")
    runner = opener(
        module, root, timeout=endpoint.timeout or settings.action_timeout, timeouts=endpoint.timeouts
    )
    where = endpoint.remember or IN_MEMORY
    if where == NOT_REMEMBERED:
        return runner
    try:
        store = await open_result_store(where, folder=root)
    except BaseException:
        await runner.close()
        raise
    await runner.remember_in(store, keep_seconds=find_keep_seconds(where))
    return runner


def _open_action_server(endpoint: ActionEndpoint, root: Path, settings: Settings) -> ActionRunner:
    url = endpoint.service.url or ""
    scheme, separator, _ = url.partition("://")
    # An address without a scheme is refused by the HTTP runner, which tells what one looks like.
    opener = load_adapter(
        ACTION_SERVERS, scheme.casefold() if separator else "http", what="the action server"
    )
    if extra := find_missing_extra(ACTION_SERVERS, scheme.casefold()):
        raise DefinitionError(
            f"{endpoint.place}: the action server speaks gRPC, for which a package is missing; install it with "
            f"`pip install 'duologue[{extra}]'`."
        )
    return opener(_describe_action_server(endpoint, root, settings))


def _describe_action_server(endpoint: ActionEndpoint, root: Path, settings: Settings) -> ActionServerOptions:
    service = endpoint.service
    params = dict(service.params)
    if service.token:
        params[service.token_name] = service.token

    def find(file: str | None) -> str | None:
        return str(root / file) if file else None

    return ActionServerOptions(
        url=service.url or "",
        headers=dict(service.headers),
        params=params,
        auth=(service.basic_auth.username, service.basic_auth.password) if service.basic_auth else None,
        cafile=find(service.cafile),
        client_certificate=find(endpoint.client_certificate),
        client_key=find(endpoint.client_key),
        client_key_password=endpoint.client_key_password,
        timeout=endpoint.timeout or settings.action_timeout,
        timeouts=endpoint.timeouts,
        retries=endpoint.retries,
        breaker_failures=endpoint.circuit_breaker.failures,
        breaker_seconds=endpoint.circuit_breaker.seconds,
        compress=settings.compress_action_calls if endpoint.compress is None else endpoint.compress,
        selective_domain=endpoint.enable_selective_domain,
        place=endpoint.place or "endpoints.yml",
    )
