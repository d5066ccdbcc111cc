"""`duologue actions`, as processes on real ports, keeps every promise of the conformance suite."""

import shutil
from pathlib import Path

import pytest
import trustme

from duologue.testing.conformance.actions.behaviour_checks import REFERENCE_FILE
from duologue.testing.conformance.actions.door import Door
from duologue.testing.conformance.actions.grpc_door import GrpcDoor
from duologue.testing.conformance.actions.http_door import HttpDoor
from duologue.testing.conformance.actions.report import Verdict
from duologue.testing.conformance.actions.suite import run_suite
from tests.http.action_process import serve_actions

pytestmark = pytest.mark.slow


async def assert_keeps_everything(*doors: Door) -> None:
    report = await run_suite(doors)
    for door in doors:
        await door.close()
    assert len(report.find(Verdict.KEPT)) == len(report.findings), report.format_text()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--remember", "sqlite:///results.db"), id="one process"),
        pytest.param(("--remember", "sqlite:///results.db", "--workers", "2"), id="two processes"),
    ],
)
async def test_every_promise_is_kept(tmp_path: Path, words: tuple[str, ...]) -> None:
    shutil.copy(REFERENCE_FILE, tmp_path)
    words = ("--actions", REFERENCE_FILE.stem, "--grpc-port", "0", *words)
    with serve_actions(tmp_path, *words) as server:
        await assert_keeps_everything(HttpDoor(server.url), GrpcDoor(server.grpc_address))


async def test_every_promise_is_kept_over_tls(tmp_path: Path) -> None:
    shutil.copy(REFERENCE_FILE, tmp_path)
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    words = ("--actions", REFERENCE_FILE.stem, "--grpc-port", "0", "--remember", "sqlite:///results.db")
    tls = ("--ssl-certificate", str(tmp_path / "server.pem"), "--ssl-keyfile", str(tmp_path / "server.pem"))
    with serve_actions(tmp_path, *words, *tls) as server:
        assert server.url.startswith("https://")
        await assert_keeps_everything(
            HttpDoor(server.url, cafile=str(tmp_path / "ca.pem")),
            GrpcDoor(server.grpc_address, authorities=authority.cert_pem.bytes()),
        )
