"""A model behind a company's own certificate authority and proxy."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from duologue.adapters.language_model.openai import open_model
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import LanguageModel, ModelRequest, read_answer
from duologue.testing.model_server import ModelServer
from tests.unit.adapters.language_model.network_surroundings import Authority, Proxy, run_proxy

REQUEST = ModelRequest(prefix="", prompt="hello")
FAR_HOST = "models.example.invalid"
"""A host that no name server knows; only the proxy does."""


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def server(authority: Authority) -> AsyncIterator[ModelServer]:
    async with ModelServer(tls=authority.certify("127.0.0.1", FAR_HOST)) as server:
        server.answer_with(lambda request: "safe")
        yield server


@pytest.fixture
async def plain_server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        server.answer_with(lambda request: "plain")
        yield server


@pytest.fixture
async def proxy(server: ModelServer) -> AsyncIterator[Proxy]:
    async with run_proxy(server.port) as proxy:
        yield proxy


def open_at(base: str, **options: Any) -> LanguageModel:
    return open_model({"model": "m", "api_base": base, "api_key": "sk-secret", "timeout": 5, **options})


async def ask_once(model: LanguageModel) -> str:
    try:
        return (await read_answer(model, REQUEST)).text
    finally:
        await model.close()


async def test_a_server_with_a_certificate_of_the_companys_own_authority_is_trusted(
    server: ModelServer, authority: Authority
) -> None:
    assert await ask_once(open_at(server.url, ca_bundle=str(authority.bundle))) == "safe"


async def test_a_certificate_of_nobody_we_know_is_refused_with_one_sentence(server: ModelServer) -> None:
    model = open_at(server.url)
    with pytest.raises(LanguageModelError, match=r"is not to be trusted .*`ca_bundle`") as caught:
        await model.check()
    assert caught.value.reason is ModelFailure.UNAVAILABLE
    assert server.requests == []
    await model.close()


async def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    async with ModelServer(tls=authority.certify("elsewhere.example")) as server:
        with pytest.raises(LanguageModelError, match="is not to be trusted"):
            await ask_once(open_at(server.url, ca_bundle=str(authority.bundle)))


async def test_a_server_without_tls_behind_https_is_one_sentence(plain_server: ModelServer) -> None:
    with pytest.raises(LanguageModelError, match="cannot be reached at https://") as caught:
        await ask_once(open_at(plain_server.url.replace("http:", "https:")))
    assert caught.value.reason is ModelFailure.UNAVAILABLE


async def test_a_safe_connection_goes_through_the_proxy_of_the_environment(
    proxy: Proxy, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    model = open_at(f"https://{FAR_HOST}/v1", ca_bundle=str(authority.bundle))
    assert await ask_once(model) == "safe"
    assert proxy.asked_for == [f"CONNECT {FAR_HOST}:443 HTTP/1.1"]


async def test_a_plain_connection_goes_through_the_proxy_of_the_environment(
    plain_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with run_proxy(plain_server.port) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert await ask_once(open_at(f"http://{FAR_HOST}/v1")) == "plain"
        assert proxy.asked_for == [f"POST http://{FAR_HOST}/v1/chat/completions HTTP/1.1"]


async def test_hosts_that_the_environment_exempts_are_asked_directly(
    server: ModelServer, proxy: Proxy, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert await ask_once(open_at(server.url, ca_bundle=str(authority.bundle))) == "safe"
    assert proxy.asked_for == []


async def test_a_proxy_that_is_gone_is_one_sentence(
    server: ModelServer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with run_proxy(server.port) as proxy:
        pass
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with pytest.raises(LanguageModelError, match="cannot be reached") as caught:
        await ask_once(open_at(f"https://{FAR_HOST}/v1", ca_bundle=str(authority.bundle)))
    assert caught.value.reason is ModelFailure.UNAVAILABLE
    assert "sk-secret" not in str(caught.value)
