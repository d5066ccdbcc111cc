"""The gRPC server itself: health, its end, its port, and TLS."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from duologue.action_server.grpc_server import start_grpc
from duologue.action_server.options import ActionServingOptions
from duologue.action_server.service import ActionService
from duologue.adapters.action_runner.grpc import GrpcActionRunner
from duologue.serving.errors import AddressUnusableError, CertificateUnusableError
from duologue.wire.grpc.messages import ActionsRequest, WebhookRequest
from tests.unit.action_server.grpc_door import Client, connected, make_executor, served
from tests.unit.adapters.action_runner.test_grpc import calling, make_call
from tests.unit.adapters.action_runner.test_grpc_stream import Listener

CALL = WebhookRequest(next_action="wait")


def make_waiting(started: asyncio.Event, goes_on: asyncio.Event) -> Any:
    async def wait(dispatcher: Any, *_: Any) -> list[Any]:
        started.set()
        await goes_on.wait()
        dispatcher.utter_message(text="Done.")
        return []

    return make_executor(wait=wait)


@pytest.mark.parametrize("service", ["", "ActionServer"])
async def test_a_server_is_serving_until_it_drains(service: str) -> None:
    async with served(make_executor()) as server, connected(server) as client:
        before = await client.check(service)
        await server.begin_draining()
        assert (before, await client.check(service)) == ("SERVING", "NOT_SERVING")
        # What comes all the same is still answered.
        await client.list(ActionsRequest())


async def test_the_health_of_another_service_is_not_known() -> None:
    async with served(make_executor()) as server, connected(server) as client:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await client.check("Weather")
        assert failed.value.code() is grpc.StatusCode.NOT_FOUND


async def test_those_who_watch_hear_of_the_end_and_do_not_hold_it_up() -> None:
    async with served(make_executor()) as server, connected(server) as client:
        watching = client.watch(HealthCheckRequest(service="ActionServer"))
        heard: list[HealthCheckResponse] = []
        stopping: list[asyncio.Task[None]] = []
        async for response in watching:
            heard.append(response)
            if not stopping:
                stopping.append(asyncio.create_task(server.stop(30)))
        await asyncio.wait_for(stopping[0], 5)
    statuses = [HealthCheckResponse.ServingStatus.Name(response.status) for response in heard]
    assert statuses == ["SERVING", "NOT_SERVING"]


async def test_a_call_under_way_is_done_before_the_server_ends() -> None:
    started, goes_on = asyncio.Event(), asyncio.Event()
    async with served(make_waiting(started, goes_on)) as server, connected(server) as client:
        call = asyncio.ensure_future(client.run(CALL))
        await asyncio.wait_for(started.wait(), 5)
        stopping = asyncio.create_task(server.stop(30))
        await asyncio.sleep(0.05)
        goes_on.set()
        answer = await call
        await asyncio.wait_for(stopping, 5)
    assert len(answer.responses) == 1


async def test_a_call_that_takes_longer_than_the_end_may_is_told_so() -> None:
    started = asyncio.Event()
    async with served(make_waiting(started, asyncio.Event())) as server, connected(server) as client:
        call = asyncio.ensure_future(client.run(CALL))
        await asyncio.wait_for(started.wait(), 5)
        await asyncio.wait_for(server.stop(0.1), 5)
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await call
    assert failed.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_two_servers_share_a_port_as_workers_do() -> None:
    async with served(make_executor()) as server:
        service = ActionService(make_executor())
        second = await start_grpc(service, f"127.0.0.1:{server.port}", ActionServingOptions())
        await second.stop(0)
        assert second.port == server.port


async def test_an_address_that_is_not_of_this_machine_is_a_clear_error() -> None:
    with pytest.raises(AddressUnusableError, match=r"cannot listen on 203\.0\.113\.1:0"):
        await start_grpc(ActionService(make_executor()), "203.0.113.1:0", ActionServingOptions())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def write_certificate(authority: trustme.CA, folder: Path) -> tuple[Path, Path]:
    issued = authority.issue_cert("localhost")
    certificate, key = folder / "server.pem", folder / "server.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    return certificate, key


@pytest.mark.parametrize("with_ours", [False, True])
async def test_only_clients_with_a_certificate_are_let_in_where_that_is_asked(
    authority: trustme.CA, tmp_path: Path, with_ours: bool
) -> None:
    certificate, key = write_certificate(authority, tmp_path)
    authorities = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(authorities)
    ours = authority.issue_cert("assistant")
    pair = (ours.private_key_pem.bytes(), ours.cert_chain_pems[0].bytes()) if with_ours else (None, None)
    credentials = grpc.ssl_channel_credentials(authority.cert_pem.bytes(), *pair)
    options = {"certificate": certificate, "key": key, "client_authorities": authorities}
    wanted = grpc.StatusCode.OK if with_ours else grpc.StatusCode.UNAVAILABLE
    async with (
        served(make_executor(), **options) as server,
        grpc.aio.secure_channel(f"localhost:{server.port}", credentials) as channel,
    ):
        assert await Client(channel).list(ActionsRequest(), timeout=5).code() is wanted


async def test_a_certificate_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    options = ActionServingOptions(certificate=tmp_path / "none.pem")
    with pytest.raises(CertificateUnusableError, match=r"none.pem cannot be read"):
        await start_grpc(ActionService(make_executor()), "127.0.0.1:0", options)


async def test_callers_go_over_to_a_successor_on_the_same_port_without_losing_a_call() -> None:
    async def act(*_: Any) -> list[Any]:
        await asyncio.sleep(0.002)
        return []

    service = ActionService(make_executor(action_one=act))
    server = await start_grpc(service, "127.0.0.1:0", ActionServingOptions())
    port, calls, is_over = server.port, 0, False

    async def call_again_and_again(runner: GrpcActionRunner) -> None:
        nonlocal calls
        while not is_over:
            await runner.run(make_call(replies=Listener()))
            calls += 1

    async with calling(f"grpc://127.0.0.1:{port}") as runner:
        callers = [asyncio.create_task(call_again_and_again(runner)) for _ in range(10)]
        for _renewal in range(3):
            await asyncio.sleep(0.1)
            successor = await start_grpc(service, f"127.0.0.1:{port}", ActionServingOptions())
            await server.stop(10)
            server = successor
        is_over = True
        await asyncio.gather(*callers)
    await server.stop(0)
    assert calls > 10
