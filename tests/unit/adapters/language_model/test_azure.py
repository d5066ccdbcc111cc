"""Deployments on Azure, with a key or with tokens of Entra ID from a server of our own."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import trustme

from duologue.adapters.embedder import azure as azure_embedder
from duologue.adapters.language_model.azure import open_model
from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.ports.language_model import LanguageModel, ModelRequest, read_answer
from duologue.testing.model_replies import ScriptedReply, refuse
from duologue.testing.model_server import ModelServer
from tests.unit.adapters.language_model.network_surroundings import Authority
from tests.unit.adapters.language_model.token_server import TokenServer, run_token_server

REQUEST = ModelRequest(prefix="You are a bank.", prompt="hello")
CLIENT_SECRET = "very-secret-client-secret"


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def tokens(authority: Authority) -> AsyncIterator[TokenServer]:
    async with run_token_server(authority.certify("127.0.0.1")) as tokens:
        yield tokens


def open_at(server: ModelServer, **options: Any) -> LanguageModel:
    return open_model(
        {"provider": "azure", "deployment": "our-gpt", "api_base": server.origin, "timeout": 5, **options}
    )


def write_oauth(tokens: TokenServer, **changes: Any) -> dict[str, Any]:
    return {
        "type": "azure_entra_id_client_secret",
        "scopes": "https://cognitiveservices.azure.com/.default",
        "client_id": "the-client",
        "tenant_id": "the-tenant",
        "client_secret": CLIENT_SECRET,
        "authority_host": tokens.url,
        "disable_instance_discovery": True,
        **changes,
    }


async def ask(model: LanguageModel) -> str:
    return (await read_answer(model, REQUEST)).text


async def test_a_deployment_is_asked_at_its_own_path_with_its_own_header(server: ModelServer) -> None:
    model = open_at(server, api_key="k", api_version="2025-01-01-preview")
    server.reply("ok")
    assert await ask(model) == "ok"
    request = server.requests[0]
    assert request.path == "/openai/deployments/our-gpt/chat/completions"
    assert request.query == {"api-version": "2025-01-01-preview"}
    assert request.headers["api-key"] == "k"
    assert "authorization" not in request.headers
    assert model.name == "azure/our-gpt"
    await model.close()


async def test_the_newer_api_names_the_deployment_in_the_body(server: ModelServer) -> None:
    model = open_at(server, api_key="k", api_base=f"{server.origin}/openai/v1/")
    server.reply("ok")
    await ask(model)
    assert server.requests[0].path == "/openai/v1/chat/completions"
    assert server.requests[0].query == {}
    assert server.requests[0].model == "our-gpt"
    await model.close()


async def test_the_model_of_a_deployment_is_learned_from_its_first_answer(server: ModelServer) -> None:
    model = open_at(server, api_key="k", max_tokens=9)
    server.answer_with(lambda request: ScriptedReply(text="ok", model="gpt-5-mini-2025-08-07"))
    answer = await read_answer(model, REQUEST)
    assert answer.model == "gpt-5-mini-2025-08-07"
    await ask(model)
    assert [request.body.get("reasoning_effort") for request in server.requests] == [None, "minimal"]
    assert "max_completion_tokens" in server.requests[1].body
    await model.close()


async def test_the_check_finds_a_deployment_that_is_not_there(server: ModelServer) -> None:
    model = open_at(server, api_key="k")
    server.reply(
        refuse(404, "The API deployment for this resource does not exist.", code="DeploymentNotFound")
    )
    with pytest.raises(LanguageModelError, match=r"azure/our-gpt is not known .*`deployment`") as caught:
        await model.check()
    assert caught.value.reason is ModelFailure.UNKNOWN_MODEL
    await model.close()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"deployment": None, "api_key": "k"}, "needs `deployment`"),
        ({"api_base": None, "api_key": "k"}, "needs `api_base`"),
        ({}, "neither `api_key` nor `oauth`"),
        ({"api_key": "k", "oauth": {"type": "azure_entra_id_default"}}, "both `api_key` and `oauth`"),
        ({"oauth": {"type": "azure_entra_id_magic"}}, "it can be azure_entra_id_client_secret, "),
        ({"oauth": {"type": "azure_entra_id_client_secret", "client_id": "c"}}, "without `tenant_id`"),
        (
            {"oauth": {"type": "azure_entra_id_default", "scopes": 5}},
            r"`oauth` that cannot be read: .*scopes",
        ),
        ({"oauth": {"type": "nowhere.Tokens"}}, "nowhere.Tokens cannot be used"),
    ],
)
async def test_what_is_missing_is_one_sentence(
    server: ModelServer, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(DefinitionError, match=complaint) as caught:
        open_at(server, **options)
    assert "\n" not in str(caught.value)


# -------------------------------------------------------------------- Entra ID


async def test_a_token_is_fetched_once_and_sent_with_every_request(
    server: ModelServer, tokens: TokenServer, authority: Authority
) -> None:
    model = open_at(server, oauth=write_oauth(tokens), ca_bundle=str(authority.bundle))
    server.answer_with(lambda request: "ok")
    await ask(model)
    await ask(model)
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer token-1"] * 2
    assert "api-key" not in server.requests[0].headers
    assert tokens.paths == ["/the-tenant/oauth2/v2.0/token"]
    form = tokens.forms[0]
    assert (form["client_id"], form["client_secret"]) == ("the-client", CLIENT_SECRET)
    assert form["scope"] == "https://cognitiveservices.azure.com/.default"
    await model.close()


async def test_a_token_that_expires_is_fetched_anew(
    server: ModelServer, tokens: TokenServer, authority: Authority
) -> None:
    tokens.lifetime = 0
    model = open_at(server, oauth=write_oauth(tokens), ca_bundle=str(authority.bundle))
    server.answer_with(lambda request: "ok")
    await ask(model)
    await ask(model)
    assert [request.api_key for request in server.requests] == ["token-1", "token-2"]
    await model.close()


async def test_a_client_may_prove_itself_with_a_certificate(
    server: ModelServer, tokens: TokenServer, authority: Authority, tmp_path: Path
) -> None:
    certificate = tmp_path / "client.pem"
    trustme.CA(key_type=trustme.KeyType.RSA).issue_cert(
        "the-client", key_type=trustme.KeyType.RSA
    ).private_key_and_cert_chain_pem.write_to_path(certificate)
    oauth = write_oauth(
        tokens, type="azure_entra_id_client_certificate", client_secret="", certificate_path=str(certificate)
    )
    model = open_at(server, oauth=oauth, ca_bundle=str(authority.bundle))
    server.reply("ok")
    await ask(model)
    assert server.requests[0].api_key == "token-1"
    assert "client_assertion" in tokens.forms[0]
    await model.close()


async def test_the_surroundings_may_know_who_we_are(
    server: ModelServer, tokens: TokenServer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", "client-of-the-environment")
    monkeypatch.setenv("AZURE_TENANT_ID", "the-tenant")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", CLIENT_SECRET)
    oauth = {
        "type": "azure_entra_id_default",
        "scopes": ["https://cognitiveservices.azure.com/.default"],
        "authority_host": tokens.url,
        "disable_instance_discovery": True,
    }
    model = open_at(server, oauth=oauth, ca_bundle=str(authority.bundle))
    server.reply("ok")
    await ask(model)
    assert server.requests[0].api_key == "token-1"
    assert tokens.forms[0]["client_id"] == "client-of-the-environment"
    await model.close()


async def test_a_wrong_secret_is_one_sentence(
    server: ModelServer, tokens: TokenServer, authority: Authority
) -> None:
    tokens.client_secret = "another"
    model = open_at(server, oauth=write_oauth(tokens), ca_bundle=str(authority.bundle))
    with pytest.raises(LanguageModelError, match=r"AADSTS7000215.*look at its `oauth`") as caught:
        await model.check()
    assert caught.value.reason is ModelFailure.AUTHENTICATION
    assert CLIENT_SECRET not in str(caught.value)
    assert server.requests == []
    await model.close()


async def test_an_authority_that_is_not_trusted_is_one_sentence(
    server: ModelServer, tokens: TokenServer
) -> None:
    model = open_at(server, oauth=write_oauth(tokens))
    with pytest.raises(LanguageModelError, match="cannot be reached") as caught:
        await ask(model)
    assert caught.value.reason is ModelFailure.UNAVAILABLE
    await model.close()


async def test_waiting_for_a_token_counts_as_waiting_for_the_answer(
    server: ModelServer, tokens: TokenServer, authority: Authority
) -> None:
    tokens.delay = 30
    model = open_at(server, oauth=write_oauth(tokens), ca_bundle=str(authority.bundle), timeout=0.3)
    with pytest.raises(LanguageModelError) as caught:
        await ask(model)
    assert caught.value.reason is ModelFailure.TIMEOUT
    await model.close()


# -------------------------------------------------------------------- a class of the project's own


class OwnTokens:
    """What a project may write."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._count = 0

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "OwnTokens":
        return cls(config["word"])

    def get_bearer_token(self) -> str:
        self._count += 1
        if self._word == "fail":
            raise OSError("the vault with the secret word is closed")
        return f"{self._word}-{self._count}"


class OwnAwaitedTokens(OwnTokens):
    async def get_bearer_token(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride] either is fine
        return super().get_bearer_token()


@pytest.fixture
def own_module(monkeypatch: pytest.MonkeyPatch) -> str:
    module = ModuleType("own_tokens_of_a_project")
    module.__dict__.update(OwnTokens=OwnTokens, OwnAwaitedTokens=OwnAwaitedTokens)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


@pytest.mark.parametrize("name", ["OwnTokens", "OwnAwaitedTokens"])
async def test_a_class_of_the_project_is_asked_before_every_request(
    server: ModelServer, own_module: str, name: str
) -> None:
    model = open_at(server, oauth={"type": f"{own_module}.{name}", "word": "open-sesame"})
    server.answer_with(lambda request: "ok")
    await ask(model)
    await ask(model)
    assert [request.api_key for request in server.requests] == ["open-sesame-1", "open-sesame-2"]
    await model.close()


async def test_a_class_of_the_project_that_fails_is_a_failure_of_the_model(
    server: ModelServer, own_module: str
) -> None:
    model = open_at(server, oauth={"type": f"{own_module}.OwnTokens", "word": "fail"})
    with pytest.raises(LanguageModelError, match=r"gets no token from .*OSError") as caught:
        await ask(model)
    assert caught.value.reason is ModelFailure.AUTHENTICATION
    await model.close()


# -------------------------------------------------------------------- embeddings


async def test_embeddings_of_a_deployment_use_the_same_credentials(
    server: ModelServer, tokens: TokenServer, authority: Authority
) -> None:
    embedder = azure_embedder.open_embedder(
        {
            "provider": "azure",
            "deployment": "our-embeddings",
            "api_base": server.origin,
            "oauth": write_oauth(tokens),
            "ca_bundle": str(authority.bundle),
        }
    )
    assert len(await embedder.embed(["one", "two"], "query")) == 2
    request = server.other_requests[0]
    assert request.path == "/openai/deployments/our-embeddings/embeddings"
    assert request.api_key == "token-1"
    assert embedder.name == "azure/our-embeddings"
    await embedder.close()
