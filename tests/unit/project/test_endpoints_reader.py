"""Endpoints and credentials: typed where it matters, variables filled in, secrets never shown."""

from pathlib import Path
from textwrap import dedent

import pytest
from msgspec.structs import replace

from duologue.project.credentials_reader import read_credentials
from duologue.project.endpoints import (
    ActionEndpoint,
    BasicAuth,
    CircuitBreakerOptions,
    Endpoints,
    ModelEntry,
    ModelGroup,
    RouterOptions,
    TypedEndpoint,
    WebService,
)
from duologue.project.endpoints_reader import read_endpoints


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.yml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def without_places(endpoints: Endpoints) -> Endpoints:
    """The same, with nothing said of where its stores and services stand in the file."""

    def bare(value: object) -> object:
        if isinstance(value, TypedEndpoint):
            return replace(value, place="", places={})
        if isinstance(value, ActionEndpoint):
            return replace(value, place="")
        return tuple(map(bare, value)) if isinstance(value, tuple) else value

    return replace(
        endpoints, **{name: bare(getattr(endpoints, name)) for name in Endpoints.__struct_fields__}
    )


def test_where_an_entry_and_its_options_stand_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "lock_store:\n  type: redis\n  port: 1\n")
    entry = read_endpoints(path, root=tmp_path, environment={}).endpoints.lock_store
    assert entry is not None
    assert (entry.place, entry.find_place("port")) == ("settings.yml:1", "settings.yml:3")
    assert entry.find_place("db") == "settings.yml:1"


def test_all_endpoints_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
        action_endpoint:
          actions_module: actions
          url: http://localhost:5055/webhook
          enable_selective_domain: true
          headers: {X-A: 1}
          basic_auth: {username: me, password: "${PASSWORD}"}
          token: "${TOKEN}"
          token_name: key
          timeout: 20
          timeouts: {action_slow: 90}
          retries: 1
          circuit_breaker: {failures: 3, seconds: 5}
          compress: true
          client_certificate: client.pem
          client_key: client.key
        tracker_store: {type: SQL, dialect: postgresql, password: "${PASSWORD}"}
        lock_store: {type: redis, port: 6380}
        nlg:
          - type: rephrase
            rephrase_all: true
        models: {url: http://models/latest, wait_time_between_pulls: 10}
        model_groups:
          - id: main
            models:
              - {provider: openai, model: gpt-5, api_key: "${TOKEN}"}
              - {provider: groq, model: gpt-5, api_key: "${TOKEN}"}
            router: {routing_strategy: least-busy, cooldown_time: 5}
        tracing:
          - {type: otlp, endpoint: "localhost:4317"}
          - {type: langfuse, public_key: "${TOKEN}"}
        event_broker: {url: localhost, type: kafka}
        """,
    )
    reading = read_endpoints(path, root=tmp_path, environment={"PASSWORD": "hunter2", "TOKEN": "t"})
    assert reading.problems.format() == ""
    assert without_places(reading.endpoints) == Endpoints(
        action_endpoint=ActionEndpoint(
            actions_module="actions",
            enable_selective_domain=True,
            timeout=20,
            timeouts={"action_slow": 90},
            retries=1,
            circuit_breaker=CircuitBreakerOptions(failures=3, seconds=5),
            compress=True,
            client_certificate="client.pem",
            client_key="client.key",
            service=WebService(
                url="http://localhost:5055/webhook",
                headers={"X-A": "1"},
                basic_auth=BasicAuth(username="me", password="hunter2"),
                token="t",
                token_name="key",
            ),
        ),
        tracker_store=TypedEndpoint(type="SQL", options={"dialect": "postgresql", "password": "hunter2"}),
        lock_store=TypedEndpoint(type="redis", options={"port": 6380}),
        nlg=TypedEndpoint(type="rephrase", options={"rephrase_all": True}),
        models=WebService(url="http://models/latest", options={"wait_time_between_pulls": 10}),
        model_groups=(
            ModelGroup(
                id="main",
                models=(
                    ModelEntry(
                        provider="openai",
                        options={"model": "gpt-5", "api_key": "t"},
                        place="settings.yml:25",
                    ),
                    ModelEntry(
                        provider="groq",
                        options={"model": "gpt-5", "api_key": "t"},
                        place="settings.yml:26",
                    ),
                ),
                router=RouterOptions(routing_strategy="least-busy", cooldown_time=5),
                place="settings.yml:23",
            ),
        ),
        tracing=(
            TypedEndpoint(type="otlp", options={"endpoint": "localhost:4317"}),
            TypedEndpoint(type="langfuse", options={"public_key": "t"}),
        ),
        event_broker=TypedEndpoint(type="kafka", options={"url": "localhost"}),
    )
    assert reading.endpoints.find_model_group("main") is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "tracker_stor: {type: SQL}",
            "settings.yml:1: warning: The endpoints file has an unknown key `tracker_stor`; it is ignored. Did you mean `tracker_store`?",
        ),
        (
            "tracker_store: {password: '${PASSWRD}'}",
            "settings.yml:1: error: The environment variable `PASSWRD` is not set. Did you mean `PASSWORD`?",
        ),
        (
            "model_groups: [{id: a, models: [{provider: openai, model: m, api_key: '${KEY}'}]}]",
            "settings.yml:1: warning: The environment variable `KEY` is not set. Set it before the assistant starts.",
        ),
        (
            "model_groups: [{id: a, models: [{provider: openai, model: m, api_key: sk-secret}]}]",
            "settings.yml:1: error: `api_key` is written out in the file. Put the value into an environment variable and write `api_key: ${NAME}`.",
        ),
        (
            "mcp_servers: [{name: a, oauth: {client_secret: abc}}]",
            "settings.yml:1: error: `client_secret` is written out in the file. Put the value into an environment variable and write `client_secret: ${NAME}`.",
        ),
        (
            "tracing: {type: langfuse, private_key: abc}",
            "settings.yml:1: error: `private_key` is written out in the file. Put the value into an environment variable and write `private_key: ${NAME}`.",
        ),
        ("nlg: [{type: a}, {type: b}]", "settings.yml:1: error: `nlg` takes one entry, not 2."),
        (
            "lock_store: redis",
            "settings.yml:1: error: `lock_store` must be a mapping or a list of mappings, not `redis`.",
        ),
        ("action_endpoint: {}", "settings.yml:1: error: `action_endpoint` needs `url` or `actions_module`."),
        (
            "action_endpoint: {url: x, timeout: soon}",
            "settings.yml:1: error: `timeout` must be a number of seconds, more than 0, not `soon`.",
        ),
        (
            "action_endpoint: {url: x, timeouts: {action_a: 0}}",
            "settings.yml:1: error: `action_a` must be a number of seconds, more than 0, not `0`.",
        ),
        (
            "action_endpoint: {url: x, retries: -1}",
            "settings.yml:1: error: `retries` must be a whole number, 0 or more, not `-1`.",
        ),
        (
            "action_endpoint: {url: x, client_key: k}",
            "settings.yml:1: error: `client_key` needs `client_certificate`.",
        ),
        (
            "action_endpoint: {url: x, basic_auth: {username: a}}",
            "settings.yml:1: error: `basic_auth` needs `username` and `password`.",
        ),
        (
            "action_endpoint: {url: x, token: [1]}",
            "settings.yml:1: error: `token` must be a text, not (not shown).",
        ),
        ("model_groups: [{models: [{}]}]", "settings.yml:1: error: A model group has no `id`."),
        (
            "mcp_servers: [{name: a}, {name: a}]",
            "settings.yml:1: error: There is already an MCP server `a`. Rename one.",
        ),
        ("- a", "settings.yml:1: error: The file must be a mapping at its top level."),
    ],
)
def test_what_is_not_right_is_named_without_its_secrets(tmp_path: Path, text: str, message: str) -> None:
    reading = read_endpoints(write(tmp_path, text), root=tmp_path, environment={"PASSWORD": "hunter2"})
    assert [problem.format() for problem in reading.problems] == [message]


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    reading = read_endpoints(write(tmp_path, "# nothing yet\n"), environment={})
    assert (reading.endpoints, len(reading.problems)) == (Endpoints(), 0)


def test_channels_keep_their_options(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
        rest:
        slack: {slack_token: "${TOKEN}", use_threads: true}
        my_package.channel.Mine: {a: 1}
        telegrm: {}
        """,
    )
    reading = read_credentials(path, root=tmp_path, environment={"TOKEN": "xoxb"})
    assert reading.channels == {
        "rest": {},
        "slack": {"slack_token": "xoxb", "use_threads": True},
        "my_package.channel.Mine": {"a": 1},
        "telegrm": {},
    }
    assert reading.problems.format() == (
        "settings.yml:4: warning: There is no channel `telegrm`; the entry is ignored. Did you mean `telegram`?"
    )
