"""Model groups become models when they are asked for, with keys from the environment they are given."""

import random
from collections.abc import Mapping
from typing import Any

import pytest

from duologue.adapters.language_model.routing.redis_usage_ledger import RedisUsageLedger
from duologue.adapters.language_model.routing.replicas import ModelTerms
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import ModelRequest, read_answer
from duologue.project.endpoints import ModelEntry, ModelGroup, RouterOptions
from duologue.project.model_providers import PROVIDERS
from duologue.runtime.adapter_table import EMBEDDERS, LANGUAGE_MODELS
from duologue.runtime.model_groups import ModelGroups
from duologue.runtime.model_options import ModelNotUsableError, complete_options
from tests.unit.adapters.language_model.played_models import PlayedModel, TurnedClock, fail

OWN = f"{__name__}:open_played"
OPENED: list[dict[str, Any]] = []
REQUEST = ModelRequest(prefix="", prompt="hello")


def open_played(options: Mapping[str, Any]) -> PlayedModel:
    """What a project names as a provider of its own."""
    OPENED.append(dict(options))
    says = str(options.get("says", "hello"))
    return PlayedModel(says, TurnedClock(), fail(ModelFailure.AUTHENTICATION) if says == "no" else says)


@pytest.fixture(autouse=True)
def forget_what_was_opened() -> None:
    OPENED.clear()


def own(**options: Any) -> ModelEntry:
    return ModelEntry(provider=OWN, options=options, place="endpoints.yml:4")


def group(*models: ModelEntry, group_id: str = "main", router: RouterOptions | None = None) -> ModelGroup:
    return ModelGroup(id=group_id, models=models, router=router, place="endpoints.yml:2")


def open_groups(*groups: ModelGroup, variables: Mapping[str, str] | None = None) -> ModelGroups:
    return ModelGroups(groups, variables or {}, clock=TurnedClock(), chance=random.Random(7))


def explain_refusal(provider: str, variables: Mapping[str, str] | None = None, **options: Any) -> str:
    entry = ModelEntry(provider=provider, options=options, place="endpoints.yml:4")
    with pytest.raises(ModelNotUsableError) as caught:
        open_groups(group(entry), variables=variables).require_language_model("main")
    return str(caught.value)


# ---------------------------------------------------------------- opening


async def test_a_group_that_nobody_names_is_not_opened() -> None:
    groups = open_groups(group(own(says="a")), group(own(says="b"), group_id="other"))
    model = groups.require_language_model("main")
    assert OPENED == []
    assert (await read_answer(model, REQUEST)).text == "a"
    assert [options["says"] for options in OPENED] == ["a"]


async def test_everybody_who_asks_gets_the_same_model() -> None:
    groups = open_groups(group(own()))
    assert groups.require_language_model("main") is groups.require_language_model("main")
    block = {"provider": OWN, "says": "hi"}
    assert groups.find_language_model(block) is groups.find_language_model(dict(block))


async def test_sdks_can_be_imported_before_the_first_message() -> None:
    groups = open_groups(group(own()))
    model = groups.require_language_model("main")
    groups.warm_up()
    assert len(OPENED) == 1
    await read_answer(model, REQUEST)
    assert len(OPENED) == 1


async def test_a_routers_options_reach_every_model() -> None:
    router = RouterOptions(routing_strategy="least-busy", use_chat_completions_endpoint=False)
    groups = open_groups(group(own(says="a"), own(says="b"), router=router))
    model = groups.require_language_model("main")
    assert {(await read_answer(model, REQUEST)).text for _ in range(20)} == {"a", "b"}
    assert [options["use_chat_completions_endpoint"] for options in OPENED] == [False, False]


async def test_an_embedder_is_found_by_group_and_by_block() -> None:
    groups = open_groups(group(own()))
    for embedder in (groups.require_embedder("main"), groups.find_embedder({"provider": OWN, "model": "e"})):
        assert embedder is not None
        assert await embedder.embed(["a", "b"], "passage") == [[1.0], [1.0]]
    assert groups.find_embedder(None) is None


async def test_closing_closes_only_what_was_opened() -> None:
    groups = open_groups(group(own()), group(own(), group_id="other"))
    groups.require_language_model("main")
    await groups.close()
    assert OPENED == []


# ---------------------------------------------------------------- blocks of older projects


@pytest.mark.parametrize(
    ("block", "name"),
    [
        ({"model_name": "gpt-4", "request_timeout": 7}, "openai/gpt-4"),
        ({"provider": "openai", "model": "gpt-4"}, "openai/gpt-4"),
        ({"type": "anthropic", "model": "claude"}, "anthropic/claude"),
        ({"model": "groq/llama"}, "groq/llama"),
        ({"timeout": 3}, "openai/gpt-5.1-2025-11-13"),
        (None, "openai/gpt-5.1-2025-11-13"),
        ({}, "openai/gpt-5.1-2025-11-13"),
    ],
)
def test_blocks_of_older_projects_name_a_model(block: dict[str, Any] | None, name: str) -> None:
    keys = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k", "GROQ_API_KEY": "k"}
    model = open_groups(variables=keys).find_language_model(block)
    assert model is not None
    assert model.name == name


def test_without_a_key_the_default_model_is_none_and_no_error() -> None:
    assert open_groups().find_language_model(None) is None
    assert open_groups(variables={"OPENAI_API_KEY": " "}).find_language_model({"timeout": 3}) is None


def test_a_block_may_name_a_group() -> None:
    groups = open_groups(group(own()))
    assert groups.find_language_model({"model_group": "main"}) is groups.require_language_model("main")


# ---------------------------------------------------------------- what cannot be used


def test_an_unknown_group_is_named_with_its_nearest() -> None:
    with pytest.raises(ModelNotUsableError) as caught:
        open_groups(group(own(), group_id="bank_model")).require_language_model("bank_modl")
    assert str(caught.value) == (
        "There is no model group `bank_modl` in endpoints.yml. Did you mean `bank_model`?"
    )


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("cohere", "COHERE_API_KEY"),
        ("together_ai", "TOGETHERAI_API_KEY"),
        ("groq", "GROQ_API_KEY"),
        ("mistral", "MISTRAL_API_KEY"),
        ("gemini", "GEMINI_API_KEY"),
        ("huggingface", "HUGGINGFACE_API_KEY"),
    ],
)
def test_a_missing_key_is_one_sentence_that_names_the_variable_and_the_file(
    provider: str, variable: str
) -> None:
    assert explain_refusal(provider, model="m") == (
        f"endpoints.yml:4: the {provider} model has no key: set {variable}, or write `api_key: ${{NAME}}` with a"
        " variable of your own."
    )
    groups = open_groups(
        group(ModelEntry(provider=provider, options={"model": "m"})), variables={variable: "k"}
    )
    assert groups.require_language_model("main").name == f"{provider}/m"


def test_a_variable_that_was_not_set_is_named() -> None:
    assert explain_refusal("openai", model="m", api_key="${MY_KEY}") == (
        "endpoints.yml:4: the openai model needs the environment variable MY_KEY, which is not set."
    )


def test_a_missing_address_is_named() -> None:
    assert explain_refusal("azure", {"AZURE_API_KEY": "k"}, deployment="m") == (
        "endpoints.yml:4: the azure model has no address: write `api_base`, or set AZURE_API_BASE."
    )


def test_a_provider_without_chat_is_refused_as_a_language_model() -> None:
    assert explain_refusal("voyage", {"VOYAGE_API_KEY": "k"}, model="voyage-3") == (
        "endpoints.yml:4: the provider `voyage` does not offer a model that chats here."
    )


def test_own_code_that_is_not_there_is_refused() -> None:
    text = explain_refusal("no_such_package.models.open")
    assert text.startswith("endpoints.yml:4: the provider `no_such_package.models.open` cannot be imported")


@pytest.mark.parametrize("kind", ["number", "whole"])
def test_what_a_variable_holds_must_be_a_number(kind: str) -> None:
    entry = own(**({"timeout": "soon"} if kind == "number" else {"max_tokens": "7.5"}))
    with pytest.raises(ModelNotUsableError, match="must be a number"):
        complete_options(entry, {})


# ---------------------------------------------------------------- options from the environment


@pytest.mark.parametrize(
    ("provider", "options", "variables", "completed"),
    [
        (
            "azure",
            {"deployment": "d", "timeout": "7"},
            {"AZURE_API_KEY": "k", "AZURE_API_BASE": "https://a", "AZURE_API_VERSION": "v"},
            {"timeout": 7.0, "api_key": "k", "api_base": "https://a", "api_version": "v"},
        ),
        (
            "azure",
            {"deployment": "d", "oauth": {"type": "azure_entra_id_default"}, "api_base": "https://b"},
            {"AZURE_API_KEY": "k", "AZURE_API_BASE": "https://a"},
            {"api_base": "https://b"},
        ),
        (
            "openai",
            {"model": "m", "api_base": "http://localhost:1/v1"},
            {"RASA_CA_BUNDLE": "/ca.pem", "REQUESTS_CA_BUNDLE": "/old.pem"},
            {"ca_bundle": "/ca.pem"},
        ),
        (
            "openai",
            {"model": "m"},
            {"OPENAI_API_KEY": "k", "OPENAI_API_BASE": "http://proxy/v1", "REQUESTS_CA_BUNDLE": "/old.pem"},
            {"api_key": "k", "api_base": "http://proxy/v1", "ca_bundle": "/old.pem"},
        ),
        (
            "bedrock",
            {"model": "m", "aws_region_name": "eu-west-1"},
            {"AWS_ACCESS_KEY_ID": "i", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1"},
            {"aws_access_key_id": "i", "aws_secret_access_key": "s"},
        ),
        ("ollama", {"model": "m"}, {}, {"api_base": "http://localhost:11434/v1"}),
        (
            "voyage",
            {"model": "m"},
            {"VOYAGE_API_KEY": "k"},
            {"api_key": "k", "api_base": "https://api.voyageai.com/v1"},
        ),
        (
            "vertex_ai",
            {"model": "m"},
            {"GOOGLE_CLOUD_PROJECT": "p", "VERTEXAI_LOCATION": "l"},
            {"vertex_project": "p", "vertex_location": "l"},
        ),
    ],
)
def test_the_environment_completes_the_options(
    provider: str, options: dict[str, Any], variables: dict[str, str], completed: dict[str, Any]
) -> None:
    entry = ModelEntry(provider=provider, options=options)
    assert complete_options(entry, variables) == {"provider": provider, **options, **completed}


def test_every_provider_has_an_adapter_for_what_it_offers() -> None:
    for provider in PROVIDERS:
        name = provider.names[0]
        assert (name in LANGUAGE_MODELS) == provider.has_chat, name
        assert (name in EMBEDDERS) == provider.has_embeddings, name
    names = {provider.names[0] for provider in PROVIDERS}
    assert {*LANGUAGE_MODELS, *EMBEDDERS} <= names


def test_terms_of_routing_are_read_from_the_options() -> None:
    groups = open_groups(group(own(timeout="3", rpm="5", weight=2)))
    model: Any = groups.require_language_model("main")  # looks inside: there is no other way to see them
    assert model._replicas._all[0].terms == ModelTerms(timeout=3.0, rpm=5, weight=2.0)


def test_counts_are_shared_through_redis_where_the_router_names_one() -> None:
    router = RouterOptions(routing_strategy="usage-based-routing", redis_url="redis://localhost:1/0")
    groups = open_groups(group(own(), own(), router=router))
    model: Any = groups.require_language_model("main")  # looks inside: there is no other way to see it
    assert isinstance(model._replicas.ledger, RedisUsageLedger)


def test_a_missing_extra_is_named_before_anything_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duologue.runtime.adapter_table.find_spec", lambda name: None)
    assert explain_refusal("anthropic", {"ANTHROPIC_API_KEY": "k"}, model="m") == (
        'endpoints.yml:4: the provider `anthropic` needs an extra: pip install "duologue[anthropic]".'
    )


# ---------------------------------------------------------------- the check


async def test_the_check_tells_which_models_do_not_answer() -> None:
    groups = open_groups(group(own(says="yes")), group(own(says="no"), group_id="other"))
    groups.require_language_model("main")
    groups.require_language_model("other")
    with pytest.raises(ModelNotUsableError) as caught:
        await groups.check_all()
    assert str(caught.value) == "endpoints.yml:2: the model group `other`: It is authentication."


async def test_the_check_passes_over_groups_that_nobody_asked_for() -> None:
    groups = open_groups(group(own(says="yes")), group(own(says="no"), group_id="other"))
    groups.require_language_model("main")
    groups.require_embedder("main")
    await groups.check_all()


async def test_a_model_that_cannot_be_opened_fails_as_a_model_does() -> None:
    groups = open_groups(group(ModelEntry(provider=f"{__name__}:open_nothing")))
    with pytest.raises(LanguageModelError):
        await read_answer(groups.require_language_model("main"), REQUEST)


def open_nothing(options: Mapping[str, Any]) -> PlayedModel:
    raise ModelNotUsableError("It cannot be opened.")
