"""What the server says about itself, its limits and the shape of its failures."""

import asyncio
from collections.abc import AsyncIterator

import pytest

import duologue
from duologue.core.errors import StorageUnavailableError
from duologue.server.reception import Reception
from duologue.serving.readiness import Readiness
from tests.http.conftest import Connect
from tests.http.scripted_assistant import ScriptedAssistant

BROWSER = {"accept": "text/html,application/xhtml+xml"}


async def test_the_root_says_hello_and_the_version(connect: Connect) -> None:
    async with connect() as client:
        response = await client.get("/", headers=BROWSER)
    assert response.text == f"Hello from Duologue: {duologue.__version__}"


async def test_a_browser_meets_the_page_only_where_it_is_shown(connect: Connect) -> None:
    async with connect(is_page_shown=True) as client:
        in_a_browser = await client.get("/", headers=BROWSER)
        elsewhere = await client.get("/")
    assert in_a_browser.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in in_a_browser.headers["content-security-policy"]
    assert elsewhere.text.startswith("Hello from Duologue")


async def test_version_and_status_have_their_public_fields(connect: Connect) -> None:
    async with connect(model_file="models/a.tar.gz") as client:
        version = (await client.get("/version")).json()
        status = (await client.get("/status")).json()
    assert version["version"] == duologue.__version__
    assert status == {"model_id": "model-1", "model_file": "models/a.tar.gz", "num_active_training_jobs": 0}


async def test_the_server_is_ready_while_its_store_is(connect: Connect, assistant: ScriptedAssistant) -> None:
    async with connect(readiness_seconds=0) as client:
        before = await client.get("/ready")
        assistant.is_store_down = True
        after = await client.get("/ready")
        alive = await client.get("/health")
    assert [before.status_code, after.status_code, alive.status_code] == [200, 503, 200]


async def test_the_store_is_asked_once_however_many_want_to_know(
    connect: Connect, assistant: ScriptedAssistant
) -> None:
    checks = 0
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def check_health() -> None:
        nonlocal checks
        checks += 1
        is_asked.set()
        await may_answer.wait()

    assistant.check_health = check_health
    async with connect(readiness_seconds=60) as client:
        asked = [asyncio.create_task(client.get("/ready")) for _ in range(10)]
        await is_asked.wait()
        may_answer.set()
        answers = [await one for one in asked] + [await client.get("/ready")]
    assert [answer.status_code for answer in answers] == [200] * 11
    assert checks == 1


async def test_a_store_that_does_not_answer_is_not_waited_for_long() -> None:
    readiness = Readiness(asyncio.Event().wait, who="The store", seconds=1, longest=0)
    with pytest.raises(StorageUnavailableError, match="within 0 seconds"):
        await readiness.check()


async def test_a_draining_server_is_not_ready_takes_messages_and_asks_to_close(
    connect: Connect, reception: Reception
) -> None:
    reception.begin_draining()
    async with connect() as client:
        ready = await client.get("/ready")
        taken = await client.post("/webhooks/rest/webhook", json={"message": "Hello"})
        streamed = await client.post("/webhooks/rest/webhook?stream=true", json={"message": "Hello"})
    answers = (ready, taken, streamed)
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert [answer.headers["connection"] for answer in answers] == ["close"] * 3


async def test_a_server_with_a_successor_is_ready_and_asks_to_close(
    connect: Connect, reception: Reception
) -> None:
    reception.begin_parting()
    async with connect() as client:
        ready = await client.get("/ready")
    assert (ready.status_code, ready.headers["connection"]) == (200, "close")


async def test_a_closing_server_is_alive_but_not_ready(connect: Connect, reception: Reception) -> None:
    reception.begin_closing()
    async with connect() as client:
        ready = await client.get("/ready")
        alive = await client.get("/health")
    assert (ready.status_code, ready.json()["reason"], alive.status_code) == (503, "ShuttingDown", 200)


@pytest.mark.parametrize(
    ("method", "path", "code", "reason"),
    [
        ("GET", "/nowhere", 404, "NotFound"),
        ("GET", "/webhooks/rest/webhook", 405, "MethodNotAllowed"),
        ("GET", "/demo/assistant", 404, "NotFound"),
    ],
)
async def test_a_failure_has_the_shape_that_clients_know(
    connect: Connect, method: str, path: str, code: int, reason: str
) -> None:
    async with connect() as client:
        response = await client.request(method, path)
    assert response.status_code == code
    failure = response.json()
    assert path in failure.pop("message")
    assert failure == {
        "version": duologue.__version__,
        "status": "failure",
        "reason": reason,
        "details": {},
        "help": None,
        "code": code,
    }


async def test_a_mistake_of_ours_tells_the_client_nothing_of_the_inside(
    connect: Connect, assistant: ScriptedAssistant
) -> None:
    async def answer(message: object) -> tuple[()]:
        raise RuntimeError("a secret of the inside")

    assistant.answer = answer
    async with connect() as client:
        response = await client.post("/webhooks/rest/webhook", json={"message": "Hello"})
    assert (response.status_code, response.json()["reason"]) == (500, "InternalError")
    assert "secret" not in response.text


async def test_a_body_that_is_too_large_is_refused(connect: Connect, assistant: ScriptedAssistant) -> None:
    async with connect(largest_body=1000) as client:
        response = await client.post("/webhooks/rest/webhook", json={"message": "x" * 1000})
    assert (response.status_code, response.json()["reason"]) == (413, "PayloadTooLarge")
    assert assistant.messages == []


async def test_a_client_that_never_ends_its_request_is_sent_away(connect: Connect) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"message": '
        await asyncio.Event().wait()

    async with connect(request_seconds=0) as client:
        response = await client.post("/webhooks/rest/webhook", content=trickle())
    assert (response.status_code, response.json()["reason"]) == (408, "RequestTimeout")


async def test_cross_origin_requests_are_answered_only_where_allowed(connect: Connect) -> None:
    origin = {"Origin": "https://shop.example"}
    async with connect(cors_origins=("https://shop.example",)) as client:
        allowed = await client.get("/webhooks/rest/", headers=origin)
    async with connect() as client:
        silent = await client.get("/webhooks/rest/", headers=origin)
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in silent.headers


async def test_a_channel_that_is_not_asked_for_is_not_there(connect: Connect) -> None:
    async with connect(channels=frozenset()) as client:
        response = await client.post("/webhooks/rest/webhook", json={"message": "Hello"})
    assert response.status_code == 404
