"""`duologue actions` as one process or several: starts, deaths, replacements and ends."""

import asyncio
import os
import signal
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import httpx2
import pytest
import trustme
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from duologue.wire.grpc.messages import WebhookRequest, WebhookResponse
from tests.http.action_process import SECONDS, ActionProcess, call_in_background, serve_actions, start_actions

METHOD = "/action_server_webhook.ActionService/Webhook"
TWO = ("--workers", "2")


def call_over_grpc(channel: grpc.Channel, name: str) -> str:
    """The value of the slot that the action sets, as text."""
    webhook = channel.unary_unary(
        METHOD,
        request_serializer=WebhookRequest.SerializeToString,
        response_deserializer=WebhookResponse.FromString,
    )
    answer = webhook(WebhookRequest(next_action=f"action_{name}", sender_id="ada"), timeout=SECONDS)
    return str(answer.events[0].fields["value"].number_value)


def find_health(channel: grpc.Channel) -> int:
    return HealthStub(channel).Check(HealthCheckRequest(service=""), timeout=SECONDS).status  # pyright: ignore[reportAttributeAccessIssue] - the stubs lack it


def test_run_actions_serves_them_and_a_slow_one_holds_nobody_up(tmp_path: Path) -> None:
    with serve_actions(tmp_path, verb=("run", "actions")) as server:
        with call_in_background(server, "wait", 8):
            server.wait_until_begun(8)
            assert httpx2.get(f"{server.url}/health", timeout=SECONDS).json() == {"status": "ok"}
            assert server.call("who") == server.process.pid
            server.let_go()
        assert server.end() == 0
        assert "action=action_wait status=200" in server.log


def test_calls_under_way_are_answered_when_the_server_is_told_to_stop(tmp_path: Path) -> None:
    with serve_actions(tmp_path, "--drain-seconds", "0.2", "--grpc-port", "0") as server:
        with (
            call_in_background(server, "wait", 2) as results,
            grpc.insecure_channel(server.grpc_address) as channel,
            ThreadPoolExecutor() as pool,
        ):
            over_grpc = pool.submit(call_over_grpc, channel, "wait")
            server.wait_until_begun(3)
            assert find_health(channel) == HealthCheckResponse.SERVING
            server.process.send_signal(signal.SIGTERM)
            while httpx2.get(f"{server.url}/ready", timeout=SECONDS).status_code == 200:
                pass
            server.let_go()
            assert over_grpc.result(SECONDS) == str(float(server.process.pid))
        assert results == [server.process.pid] * 2
        assert server.process.wait(SECONDS) == 0


def test_a_changed_file_is_served_at_once(tmp_path: Path) -> None:
    with serve_actions(tmp_path, "--auto-reload") as server:
        text = (tmp_path / "actions.py").read_text(encoding="utf-8")
        changed = text.replace('SlotSet("process", os.getpid())', 'SlotSet("process", "changed")')
        (tmp_path / "actions.py").write_text(changed, encoding="utf-8")
        assert server.call("who") == "changed"


@pytest.mark.slow
def test_a_worker_that_dies_is_started_again_and_the_others_answer(tmp_path: Path) -> None:
    with serve_actions(tmp_path, *TWO) as server:
        before = server.find_workers(2)
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        answered = {server.call("who") for _ in range(20)}
        assert victim not in answered
        assert len(server.find_workers(2) - before) == 1
        assert server.end() == 0


@pytest.mark.slow
def test_workers_are_replaced_one_by_one_and_no_call_is_lost(tmp_path: Path) -> None:
    with serve_actions(tmp_path, *TWO) as server:
        before = server.find_workers(2)
        is_over = threading.Event()

        def talk() -> int:
            calls = 0
            with httpx2.Client(base_url=server.url, timeout=SECONDS) as client:
                while not is_over.is_set():
                    body = {"next_action": "action_who", "sender_id": "ada", "tracker": {}}
                    assert client.post("/webhook", json=body).status_code == 200
                    calls += 1
            return calls

        with ThreadPoolExecutor(4) as pool:
            talks = [pool.submit(talk) for _ in range(4)]
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("workers.renewed")
            after = server.find_workers(2)
            is_over.set()
            assert all(done.result(SECONDS) > 0 for done in talks)
        assert (len(after), before & after) == (2, set())


@pytest.mark.slow
def test_workers_over_grpc_are_found_again_after_deaths_and_replacements(tmp_path: Path) -> None:
    with serve_actions(tmp_path, "--grpc", *TWO) as server:
        before = find_grpc_workers(server)
        os.kill(int(float(min(before))), signal.SIGKILL)
        server.wait_for_log("worker.died")
        after_death = find_grpc_workers(server)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_log("workers.renewed")
        after_renewal = find_grpc_workers(server)
        assert [len(found) for found in (before, after_death, after_renewal)] == [2, 2, 2]
        assert (len(before & after_death), after_death & after_renewal) == (1, set())
        assert server.end() == 0


def find_grpc_workers(server: ActionProcess) -> set[str]:
    """Processes that answer new connections, asked until two have."""
    found: set[str] = set()
    for _ in range(500):
        with grpc.insecure_channel(
            server.grpc_address, options=[("grpc.use_local_subchannel_pool", 1)]
        ) as one:
            try:
                found.add(call_over_grpc(one, "who"))
            except grpc.RpcError as error:
                assert error.code() is grpc.StatusCode.UNAVAILABLE  # noqa: PT017 - a connection may meet the dead
        if len(found) == 2:
            break
    return found


@pytest.mark.slow
def test_a_repeated_call_does_nothing_twice_whichever_worker_gets_it(tmp_path: Path) -> None:
    with serve_actions(tmp_path, *TWO, "--remember", f"sqlite:///{tmp_path}/results.db") as server:
        workers = server.find_workers(2)
        first = [server.call("count", idempotency_key="ada/1/1") for _ in range(20)]
        second = [server.call("count", idempotency_key="ada/1/2") for _ in range(20)]
        assert (set(first), set(second), len(workers)) == ({1}, {2}, 2)
        features = httpx2.get(f"{server.url}/health", timeout=SECONDS).headers["duologue-features"]
        assert "idempotency" in features
        assert server.end() == 0


@pytest.mark.slow
async def test_clients_show_their_certificates_over_https_and_grpc(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    ours, key, roots = tmp_path / "server.pem", tmp_path / "server.key", tmp_path / "roots.pem"
    certificate.cert_chain_pems[0].write_to_path(str(ours))
    certificate.private_key_pem.write_to_path(str(key))
    authority.cert_pem.write_to_path(str(roots))
    client = authority.issue_cert("client.example")
    context = ssl.create_default_context(cafile=str(roots))
    client.configure_cert(context)
    words = ("--ssl-certificate", str(ours), "--ssl-keyfile", str(key), "--ssl-ca-file", str(roots))
    credentials = grpc.ssl_channel_credentials(
        authority.cert_pem.bytes(), client.private_key_pem.bytes(), client.cert_chain_pems[0].bytes()
    )
    with serve_actions(tmp_path, "--grpc-port", "0", *words) as server:
        assert [address.partition("://")[0] for address in server.addresses] == ["https", "grpcs"]
        async with httpx2.AsyncClient(verify=context) as known:
            assert (await known.get(f"{server.url}/health")).status_code == 200
        stranger = ssl.create_default_context(cafile=str(roots))
        async with httpx2.AsyncClient(verify=stranger) as unknown:
            with pytest.raises(httpx2.TransportError):
                await unknown.get(f"{server.url}/health")
        with grpc.secure_channel(server.grpc_address, credentials) as channel:
            assert await asyncio.to_thread(find_health, channel) == HealthCheckResponse.SERVING


@pytest.mark.slow
def test_a_project_that_breaks_is_told_once_by_several_workers(tmp_path: Path) -> None:
    with start_actions(tmp_path, *TWO) as server:
        (tmp_path / "actions.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
        assert server.process.wait(SECONDS) == 1
        assert server.log.count("nothing_of_that_name") == 1
