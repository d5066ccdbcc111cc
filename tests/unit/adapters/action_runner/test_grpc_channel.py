"""Addresses, certificates and headers of gRPC action servers."""

from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from duologue.adapters.action_runner.grpc import GrpcActionRunner
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import ActionError, DefinitionError
from tests.unit.adapters.action_runner.played_grpc_server import PlayedServer, started
from tests.unit.adapters.action_runner.test_grpc import calling, make_call


class Certificates:
    """An authority, a certificate of the server and one of a client, as files."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.server = self.authority.issue_cert("127.0.0.1", "localhost")
        client = self.authority.issue_cert("assistant")
        self.cafile = str(folder / "ca.pem")
        self.chain = str(folder / "client.pem")
        self.key = str(folder / "client.key")
        self.both = str(folder / "both.pem")
        self.locked_key = str(folder / "locked.key")
        self.authority.cert_pem.write_to_path(self.cafile)
        client.cert_chain_pems[0].write_to_path(self.chain)
        client.private_key_pem.write_to_path(self.key)
        client.private_key_and_cert_chain_pem.write_to_path(self.both)
        key = serialization.load_pem_private_key(client.private_key_pem.bytes(), None)
        Path(self.locked_key).write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"open"),
            )
        )

    def credentials(self, *, asks_clients: bool) -> grpc.ServerCredentials:
        pair = (self.server.private_key_pem.bytes(), self.server.cert_chain_pems[0].bytes())
        authority = self.authority.cert_pem.bytes() if asks_clients else None
        return grpc.ssl_server_credentials([pair], authority, require_client_auth=asks_clients)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


async def test_a_server_with_a_certificate_of_our_authority_is_called(certificates: Certificates) -> None:
    async with (
        started(PlayedServer(), certificates.credentials(asks_clients=False)) as server,
        calling(f"grpcs://localhost:{server.port}", cafile=certificates.cafile) as runner,
    ):
        await runner.run(make_call())
    assert len(server.requests) == 1


async def test_a_server_with_a_certificate_of_somebody_else_is_not(certificates: Certificates) -> None:
    async with (
        started(PlayedServer(), certificates.credentials(asks_clients=False)) as server,
        calling(f"grpcs://localhost:{server.port}", retries=0) as runner,
    ):
        with pytest.raises(ActionError, match=r"cannot be reached.*certificates"):
            await runner.run(make_call())
    assert server.requests == []


@pytest.mark.parametrize("way", ["two files", "one file", "a key with a password"])
async def test_a_server_that_asks_for_our_certificate_gets_it(certificates: Certificates, way: str) -> None:
    options: dict[str, Any] = {
        "two files": {"client_certificate": certificates.chain, "client_key": certificates.key},
        "one file": {"client_certificate": certificates.both},
        "a key with a password": {
            "client_certificate": certificates.chain,
            "client_key": certificates.locked_key,
            "client_key_password": "open",
        },
    }[way]
    async with started(PlayedServer(), certificates.credentials(asks_clients=True)) as server:
        url = f"grpcs://localhost:{server.port}"
        async with calling(url, cafile=certificates.cafile, **options) as runner:
            await runner.run(make_call())
    assert len(server.requests) == 1


def make(**options: Any) -> GrpcActionRunner:
    return GrpcActionRunner(ActionServerOptions(**{"url": "grpc://bank:5055", **options}))


@pytest.mark.parametrize("url", ["grpc://", "grpc://bank:x", "http://bank:5055", "bank:5055", "grpc://[bank"])
def test_an_address_of_no_gRPC_server_is_refused_at_the_start(url: str) -> None:  # noqa: N802
    with pytest.raises(DefinitionError, match=r"endpoints.yml.*grpc://host:5055"):
        make(url=url)


@pytest.mark.parametrize("name", ["cafile", "client_certificate"])
def test_a_file_that_is_not_there_is_refused_at_the_start(name: str) -> None:
    with pytest.raises(DefinitionError, match=f"{name}.*nowhere.pem"):
        make(url="grpcs://bank:5055", **{name: "nowhere.pem"})


def test_a_cafile_without_a_certificate_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(DefinitionError, match="cafile"):
        make(url="grpcs://bank:5055", cafile=str(tmp_path / "ca.pem"))


def test_a_key_that_is_not_of_the_certificate_is_refused_at_the_start(
    certificates: Certificates, tmp_path: Path
) -> None:
    other = tmp_path / "other.key"
    certificates.server.private_key_pem.write_to_path(str(other))
    with pytest.raises(DefinitionError, match="client_certificate"):
        make(url="grpcs://bank:5055", client_certificate=certificates.chain, client_key=str(other))


def test_a_wrong_password_of_a_key_is_refused_at_the_start(certificates: Certificates) -> None:
    with pytest.raises(DefinitionError, match="client_certificate"):
        make(
            url="grpcs://bank:5055",
            client_certificate=certificates.chain,
            client_key=certificates.locked_key,
            client_key_password="shut",
        )


@pytest.mark.parametrize("headers", [{"grpc-x": "1"}, {"x y": "1"}, {"x": "ä"}, {"x-bin": "1"}])
def test_a_header_that_metadata_cannot_carry_is_refused_at_the_start(headers: dict[str, str]) -> None:
    with pytest.raises(DefinitionError, match="gRPC cannot send the header"):
        make(headers=headers)
