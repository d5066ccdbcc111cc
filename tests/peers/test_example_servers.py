"""The example action servers in TypeScript and Java keep every promise of the protocol."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from duologue.testing.conformance.actions.answers import Answer
from duologue.testing.conformance.actions.calls import describe_call
from duologue.testing.conformance.actions.door import Door
from duologue.testing.conformance.actions.grpc_door import GrpcDoor
from duologue.testing.conformance.actions.http_door import HttpDoor
from duologue.testing.conformance.actions.report import Report, Verdict
from duologue.testing.conformance.actions.suite import run_suite
from tests.peers.example_servers import EXAMPLES, REPOSITORY, JavaServer, NodeServer

pytestmark = pytest.mark.slow

HOURS = [
    {"event": "slot", "timestamp": None, "name": "is_open", "value": True},
    {"event": "slot", "timestamp": None, "name": "hours", "value": "9 to 18"},
]


@pytest.fixture(scope="module")
def node_server() -> Iterator[NodeServer]:
    with NodeServer() as server:
        yield server


@pytest.fixture(scope="module")
def java_server() -> Iterator[JavaServer]:
    with JavaServer() as server:
        yield server


@pytest.fixture
async def node_http(node_server: NodeServer) -> AsyncIterator[HttpDoor]:
    door = HttpDoor(f"http://127.0.0.1:{node_server.port}")
    yield door
    await door.close()


@pytest.fixture
async def node_grpc(node_server: NodeServer) -> AsyncIterator[GrpcDoor]:
    door = GrpcDoor(f"127.0.0.1:{node_server.grpc_port}")
    yield door
    await door.close()


@pytest.fixture
async def java_http(java_server: JavaServer) -> AsyncIterator[HttpDoor]:
    door = HttpDoor(f"http://127.0.0.1:{java_server.port}")
    yield door
    await door.close()


async def test_the_typescript_server_keeps_every_promise_over_http_and_grpc(
    node_http: HttpDoor, node_grpc: GrpcDoor
) -> None:
    report = await run_suite([node_http, node_grpc])
    assert list_broken(report) == []
    assert report.find(Verdict.SKIPPED) == ()


async def test_the_java_server_keeps_every_promise_but_those_it_does_not_make(java_http: HttpDoor) -> None:
    report = await run_suite([java_http])
    assert list_broken(report) == []
    assert {finding.reason for finding in report.find(Verdict.SKIPPED)} == {
        "The server does not announce idempotency."
    }


async def test_a_shop_says_when_it_is_open(
    node_http: HttpDoor, node_grpc: GrpcDoor, java_http: HttpDoor
) -> None:
    answers = [await ask_for_hours(door) for door in (node_http, node_grpc, java_http)]
    assert [list(answer.events) for answer in answers] == [HOURS] * 3
    texts = [[response["text"] for response in answer.responses] for answer in answers]
    assert texts == [["On Monday we are open from 9 to 18."]] * 3


async def test_the_typescript_server_remembers_results_across_a_crash() -> None:
    with NodeServer() as server:
        first = await count_calls(server)
        server.kill()
        server.start()
        again, other = await count_calls(server), await count_calls(server, key="another")
    assert (first, again, other) == (1, 1, 1)


def test_the_typescript_server_has_the_published_protocol() -> None:
    published = REPOSITORY / "protocol" / "action_webhook.proto"
    assert (EXAMPLES / "typescript" / published.name).read_bytes() == published.read_bytes()


def list_broken(report: Report) -> list[str]:
    return [
        f"{finding.transport} {finding.check}: {finding.reason}" for finding in report.find(Verdict.BROKEN)
    ]


async def ask_for_hours(door: Door) -> Answer:
    return await door.call(describe_call("action_opening_hours", slots={"day": "Monday"}))


async def count_calls(server: NodeServer, key: str = "once") -> Any:
    door = HttpDoor(f"http://127.0.0.1:{server.port}")
    answer = await door.call(describe_call("conformance_count_calls"), key=key)
    await door.close()
    return answer.events[0]["value"]
