"""What the environment sets."""

import pytest

from duologue.core.errors import DefinitionError
from duologue.runtime.settings import AwsSettings, Settings, SqlSettings


def test_without_variables_the_defaults_apply() -> None:
    assert Settings.from_environment({}) == Settings()


def test_every_variable_is_read() -> None:
    variables = {
        "DUOLOGUE_ACTION_TIMEOUT": " 2.5 ",
        "DUOLOGUE_EVENTS_FOR_ACTIONS": "0",
        "CLARIFY_ON_MULTIPLE_START_FLOWS": "True",
        "POSTGRESQL_SCHEMA": "bank",
        "POSTGRESQL_POOL_SIZE": "5",
        "POSTGRESQL_MAX_OVERFLOW": "7",
        "SQL_TRACKER_STORE_SSL_MODE": "verify-full",
        "SQL_TRACKER_STORE_SSL_ROOT_CERTIFICATE": "ca.pem",
        "IAM_CLOUD_PROVIDER": "aws",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "RDS_SQL_DB_AWS_IAM_ENABLED": "true",
        "ELASTICACHE_REDIS_AWS_IAM_ENABLED": "true",
        "AWS_ELASTICACHE_CLUSTER_NAME": "cache",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://localhost:8000",
        "SANIC_WORKERS": "4",
        "DUOLOGUE_DRAIN_SECONDS": "0",
        "DUOLOGUE_STORE_SECONDS": "5",
        "TICKET_LOCK_LIFETIME": "9.5",
        "RASA_DUCKLING_HTTP_URL": "http://duckling:8000",
    }
    settings = Settings.from_environment(variables)
    assert settings.sql == SqlSettings(
        schema="bank", pool_size=5, max_overflow=7, ssl_mode="verify-full", ssl_root_certificate="ca.pem"
    )
    assert settings.aws == AwsSettings(
        region="eu-west-1",
        has_rds_identity=True,
        has_redis_identity=True,
        redis_cluster="cache",
        dynamodb_url="http://localhost:8000",
    )
    assert settings.duckling_url == "http://duckling:8000"
    assert (settings.workers, settings.drain_seconds, settings.store_seconds, settings.lock_lifetime) == (
        4,
        0.0,
        5.0,
        9.5,
    )
    assert settings.action_timeout == 2.5
    assert settings.events_for_actions == 0
    assert settings.clarify_on_multiple_start_flows
    assert settings.variables == variables


def test_a_variable_that_is_empty_is_as_good_as_none() -> None:
    names = ["DUOLOGUE_ACTION_TIMEOUT", "DUOLOGUE_EVENTS_FOR_ACTIONS", "CLARIFY_ON_MULTIPLE_START_FLOWS"]
    settings = Settings.from_environment(dict.fromkeys(names, " "))
    assert (settings.action_timeout, settings.events_for_actions) == (300.0, 100)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("DUOLOGUE_ACTION_TIMEOUT", "soon", "a number of seconds, more than 0"),
        ("DUOLOGUE_ACTION_TIMEOUT", "0", "a number of seconds, more than 0"),
        ("DUOLOGUE_ACTION_TIMEOUT", "-1", "a number of seconds, more than 0"),
        ("DUOLOGUE_ACTION_TIMEOUT", "nan", "a number of seconds, more than 0"),
        ("DUOLOGUE_ACTION_TIMEOUT", "inf", "a number of seconds, more than 0"),
        ("DUOLOGUE_EVENTS_FOR_ACTIONS", "2.5", "a whole number, 0 or more"),
        ("DUOLOGUE_EVENTS_FOR_ACTIONS", "-1", "a whole number, 0 or more"),
        ("DUOLOGUE_EVENTS_FOR_ACTIONS", "²", "a whole number, 0 or more"),
        ("DUOLOGUE_EVENTS_FOR_ACTIONS", "9" * 5000, "a whole number, 0 or more"),
        ("CLARIFY_ON_MULTIPLE_START_FLOWS", "perhaps", "true or false"),
    ],
    ids=lambda value: value[:30],
)
def test_a_value_of_the_wrong_kind_is_named(name: str, value: str, wanted: str) -> None:
    with pytest.raises(DefinitionError, match=f"The environment variable {name} must be {wanted}, not"):
        Settings.from_environment({name: value})


def test_the_process_itself_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUOLOGUE_ACTION_TIMEOUT", "7")
    assert Settings.from_environment().action_timeout == 7
