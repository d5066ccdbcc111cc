"""The scripted model server, as an author's tests use it: over plain HTTP."""

import json
import subprocess
import sys

import httpx2
import pytest

from duologue.testing.model_replies import Fault, ScriptedReply, refuse
from duologue.testing.model_server import ModelServer

CHAT = {
    "model": "m",
    "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}],
}


def post(server: ModelServer, path: str = "/chat/completions", **body: object) -> httpx2.Response:
    return httpx2.post(server.url + path, json={**CHAT, **body}, trust_env=False)


def test_replies_are_used_in_order_and_must_be_used_up() -> None:
    with ModelServer("one", "two") as server:
        assert post(server).json()["choices"][0]["message"]["content"] == "one"
        with pytest.raises(AssertionError, match="1 replies were never asked for"):
            server.assert_complete()
        post(server)
        server.assert_complete()
        assert post(server).status_code == 500
        with pytest.raises(AssertionError, match="the script says nothing about"):
            server.assert_complete()


def test_what_was_asked_is_kept_with_its_meaning() -> None:
    with ModelServer("ok") as server:
        post(server, max_tokens=3, temperature=0.5)
    (request,) = server.requests
    assert (request.prefix, request.prompt, request.model) == ("Be kind.", "Hi", "m")
    assert (request.max_tokens, request.temperature) == (3, 0.5)


def test_a_streamed_answer_ends_with_its_bill_and_done() -> None:
    with ModelServer(ScriptedReply(pieces=("a", "b"))) as server:
        answer = post(server, stream=True, stream_options={"include_usage": True})
    *events, end = [line.removeprefix("data: ") for line in answer.text.splitlines() if line]
    chunks = [json.loads(event) for event in events]
    texts = [choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"]]
    assert "".join(texts) == "ab"
    assert chunks[-1]["usage"]["total_tokens"] == 15
    assert end == "[DONE]"


def test_the_other_places_of_the_api_are_there() -> None:
    with ModelServer("plain", models=["m", "n"], api_key="k") as server:
        headers = {"authorization": "Bearer k"}
        client = httpx2.Client(base_url=server.url, headers=headers, trust_env=False)
        assert [model["id"] for model in client.get("/models").json()["data"]] == ["m", "n"]
        assert client.get("/models/n").json()["id"] == "n"
        assert client.get("/models/x").status_code == 404
        assert client.get("/elsewhere").status_code == 404
        assert client.get("/models", headers={"authorization": "Bearer x"}).status_code == 401
        completion = client.post("/completions", json={"model": "m", "prompt": "Hi"})
        assert completion.json()["choices"][0]["text"] == "plain"
        embedded = client.post("/embeddings", json={"model": "m", "input": ["a", "b", "a"]}).json()["data"]
        assert embedded[0]["embedding"] == embedded[2]["embedding"] != embedded[1]["embedding"]
        client.close()


def test_an_azure_deployment_is_a_model() -> None:
    with ModelServer("ok") as server:
        path = f"{server.origin}/openai/deployments/our-gpt/chat/completions?api-version=1"
        httpx2.post(path, json=CHAT, headers={"api-key": "k"}, trust_env=False)
    (request,) = server.requests
    assert (request.model, request.api_key, request.query) == ("our-gpt", "k", {"api-version": "1"})


def test_an_error_is_written_as_the_provider_writes_it() -> None:
    with ModelServer(refuse(429, "slow down", code="rate_limit_exceeded", retry_after=2)) as server:
        answer = post(server)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"


@pytest.mark.parametrize("fault", [Fault.CLOSE, Fault.RESET, Fault.GARBAGE])
@pytest.mark.parametrize("after", [None, 0, 1])
def test_a_broken_answer_breaks_the_client_and_not_the_server(fault: Fault, after: int | None) -> None:
    reply = ScriptedReply(text="a b c", fault=fault, fault_after=after)
    with ModelServer(reply, "fine") as server:
        with pytest.raises(httpx2.TransportError):
            post(server, stream=True)
        assert post(server).status_code == 200


def test_it_can_be_tried_by_hand() -> None:
    command = [sys.executable, "-m", "duologue.testing.model_server", "hello"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[2].rstrip(";")
            answers = [httpx2.post(f"{url}/chat/completions", json=CHAT, trust_env=False) for _ in range(2)]
        finally:
            process.terminate()
    texts = [answer.json()["choices"][0]["message"]["content"] for answer in answers]
    assert texts == ["hello", "You said: Hi"]
