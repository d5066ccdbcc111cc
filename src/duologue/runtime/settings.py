"""What the environment sets; the only module that knows the names of environment variables."""

import math
import os
from collections.abc import Mapping

import msgspec

from duologue.core.errors import DefinitionError

_MOST_DIGITS = 9


class SqlSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says about SQL databases; None where it says nothing."""

    schema: str | None = None
    pool_size: int | None = None
    max_overflow: int | None = None
    ssl_mode: str | None = None
    ssl_root_certificate: str | None = None


class AwsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which services of AWS are entered with its identities instead of passwords, and where they are."""

    region: str | None = None
    has_rds_identity: bool = False
    has_redis_identity: bool = False
    redis_cluster: str | None = None
    dynamodb_url: str | None = None


class ActionServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says about the standalone server of actions."""

    workers: int = 1
    """Processes that answer on one port."""
    interface: str | None = None
    """The address to listen on."""
    barge_in_seconds: float = 30.0
    """How long an action whose stream was left may go on before its result is given up."""
    tracing_service_name: str | None = None
    """Its name in traces."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one server process."""

    action_timeout: float = 300.0
    """Seconds that a custom action may take."""
    compress_action_calls: bool = False
    """Send compressed bodies to the action server, where its endpoint does not say it."""
    events_for_actions: int = 100
    """How many of the latest events a custom action sees; 0 = all of the conversation."""
    clarify_on_multiple_start_flows: bool = False
    """A message that asks for several flows is clarified instead of starting them one after the other."""
    use_language_models: bool = True
    """Ask the language models that the project names; without them the local understander answers alone."""
    check_language_models: bool = False
    """Refuse to start unless every language model that the project names answers."""
    use_embeddings: bool = False
    """Let the local understander compare meanings with the transformer of the extra `embeddings`, if it is installed."""
    workers: int = 1
    """Processes that answer on one port."""
    drain_seconds: float = 1.0
    """How long a server that is told to stop still takes messages while `/ready` says no."""
    store_seconds: float = 30.0
    """How long a start waits for stores that cannot be reached."""
    lock_lifetime: float = 60.0
    """Seconds after which the lock of a process that has died is free again."""
    action_server: ActionServerSettings = ActionServerSettings()
    duckling_url: str | None = None
    """A Duckling server to ask, whatever a pipeline says about it."""
    sql: SqlSettings = SqlSettings()
    aws: AwsSettings = AwsSettings()
    variables: Mapping[str, str] = {}
    """The whole environment, for `${NAME}` in the project's files."""

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] | None = None) -> "Settings":
        """Settings of the process.

        Raises:
            DefinitionError: a variable cannot be read; the text names it.
        """
        given = dict(os.environ if variables is None else variables)
        return cls(
            action_timeout=_read_seconds(given, "DUOLOGUE_ACTION_TIMEOUT", 300.0),
            compress_action_calls=_read_flag(given, "COMPRESS_ACTION_SERVER_REQUEST"),
            events_for_actions=_read_count(given, "DUOLOGUE_EVENTS_FOR_ACTIONS", 100),
            clarify_on_multiple_start_flows=_read_flag(given, "CLARIFY_ON_MULTIPLE_START_FLOWS"),
            use_language_models=_read_flag(given, "DUOLOGUE_LANGUAGE_MODELS", default=True),
            use_embeddings=_read_flag(given, "DUOLOGUE_EMBEDDINGS"),
            check_language_models=_read_flag(given, "LLM_API_HEALTH_CHECK"),
            workers=max(1, _read_count(given, "SANIC_WORKERS", 1)),
            drain_seconds=_read_seconds(given, "DUOLOGUE_DRAIN_SECONDS", 1.0, least=0.0),
            store_seconds=_read_seconds(given, "DUOLOGUE_STORE_SECONDS", 30.0, least=0.0),
            lock_lifetime=_read_seconds(given, "TICKET_LOCK_LIFETIME", 60.0),
            action_server=_read_action_server(given),
            duckling_url=_read_text(given, "RASA_DUCKLING_HTTP_URL"),
            sql=_read_sql(given),
            aws=_read_aws(given),
            variables=given,
        )


def _read_action_server(variables: Mapping[str, str]) -> ActionServerSettings:
    return ActionServerSettings(
        workers=max(1, _read_count(variables, "ACTION_SERVER_SANIC_WORKERS", 1)),
        interface=_read_text(variables, "SANIC_HOST"),
        barge_in_seconds=_read_seconds(
            variables, "ACTION_SERVER_STREAM_BARGE_IN_TIMEOUT_SECONDS", 30.0, least=0.0
        ),
        tracing_service_name=_read_text(variables, "RASA_SDK_TRACING_SERVICE_NAME"),
    )


def _read_sql(variables: Mapping[str, str]) -> SqlSettings:
    return SqlSettings(
        schema=_read_text(variables, "POSTGRESQL_SCHEMA"),
        pool_size=_read_count(variables, "POSTGRESQL_POOL_SIZE", 0) or None,
        max_overflow=_read_count(variables, "POSTGRESQL_MAX_OVERFLOW", 0) or None,
        ssl_mode=_read_text(variables, "SQL_TRACKER_STORE_SSL_MODE"),
        ssl_root_certificate=_read_text(variables, "SQL_TRACKER_STORE_SSL_ROOT_CERTIFICATE"),
    )


def _read_aws(variables: Mapping[str, str]) -> AwsSettings:
    is_aws = (_read_text(variables, "IAM_CLOUD_PROVIDER") or "").casefold() == "aws"
    return AwsSettings(
        region=_read_text(variables, "AWS_DEFAULT_REGION") or _read_text(variables, "AWS_REGION"),
        has_rds_identity=is_aws and _read_flag(variables, "RDS_SQL_DB_AWS_IAM_ENABLED"),
        has_redis_identity=is_aws and _read_flag(variables, "ELASTICACHE_REDIS_AWS_IAM_ENABLED"),
        redis_cluster=_read_text(variables, "AWS_ELASTICACHE_CLUSTER_NAME"),
        dynamodb_url=_read_text(variables, "AWS_ENDPOINT_URL_DYNAMODB")
        or _read_text(variables, "AWS_ENDPOINT_URL"),
    )


def _read_text(variables: Mapping[str, str], name: str) -> str | None:
    return variables.get(name, "").strip() or None


def _read_seconds(
    variables: Mapping[str, str], name: str, default: float, *, least: float | None = None
) -> float:
    text = variables.get(name, "").strip()
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if math.isfinite(seconds) and (seconds > 0 if least is None else seconds >= least):
        return seconds
    wanted = "more than 0" if least is None else f"{least:g} or more"
    raise _refuse(name, f"a number of seconds, {wanted}", text)


def _read_count(variables: Mapping[str, str], name: str, default: int) -> int:
    text = variables.get(name, "").strip()
    if not text:
        return default
    if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    raise _refuse(name, "a whole number, 0 or more", text)


def _read_flag(variables: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    text = variables.get(name, "").strip()
    if not text:
        return default
    if text.casefold() in {"0", "false", "no", "off"}:
        return False
    if text.casefold() in {"1", "true", "yes", "on"}:
        return True
    raise _refuse(name, "true or false", text)


def _refuse(name: str, wanted: str, text: str) -> DefinitionError:
    return DefinitionError(f"The environment variable {name} must be {wanted}, not {text!r}.")
