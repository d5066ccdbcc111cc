"""Calls over HTTPS, with and without a certificate of our own."""

import asyncio
import os
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from duologue.adapters.action_runner.http import HttpActionRunner
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import ActionError, DefinitionError
from tests.unit.adapters.action_runner.played_server import PlayedServer, connect, make_call


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def cafile(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def make_server_tls(authority: trustme.CA, *, name: str = "localhost", asks: bool = False) -> ssl.SSLContext:
    """What a server needs; `asks` for certificates of its clients."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    if asks:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def test_a_server_whose_authority_is_named_is_trusted(authority: trustme.CA, cafile: str) -> None:
    async with (
        PlayedServer().run(make_server_tls(authority)) as server,
        connect(server.url, cafile=cafile) as runner,
    ):
        for _ in range(3):
            assert (await runner.run(make_call())).events
    assert server.connections == 2


async def test_a_server_that_nobody_vouches_for_gets_nothing(authority: trustme.CA) -> None:
    async with PlayedServer().run(make_server_tls(authority)) as server, connect(server.url) as runner:
        with pytest.raises(ActionError, match=r"certificate is not trusted \(.*\); name the authority that"):
            await runner.run(make_call())
    assert server.requests == []


async def test_a_server_of_another_name_gets_nothing(authority: trustme.CA, cafile: str) -> None:
    async with (
        PlayedServer().run(make_server_tls(authority, name="elsewhere.example")) as server,
        connect(server.url, cafile=cafile) as runner,
    ):
        with pytest.raises(ActionError, match=r"certificate is not trusted .*localhost"):
            await runner.run(make_call())
    assert server.requests == []


async def test_a_server_that_speaks_plainly_is_no_secure_one(cafile: str) -> None:
    async with (
        PlayedServer(b"HTTP/1.1 400 Bad Request\r\n\r\n").run() as server,
        connect(server.url.replace("http:", "https:"), cafile=cafile, seconds=0.3, retries=0) as runner,
    ):
        server.answers = [b"HTTP/1.1 400 Bad Request\r\n\r\n"]
        with pytest.raises(ActionError, match=r"cannot be reached|did not answer"):
            await runner.run(make_call())
    assert server.requests == []


async def test_a_secure_server_is_no_plain_one(authority: trustme.CA) -> None:
    async with (
        PlayedServer().run(make_server_tls(authority)) as server,
        connect(server.url.replace("https:", "http:")) as runner,
    ):
        with pytest.raises(ActionError, match="gave no whole answer"):
            await runner.run(make_call())
    assert server.requests == []


@pytest.mark.parametrize("is_encrypted", [False, True])
async def test_a_server_that_asks_who_we_are_is_told(
    authority: trustme.CA, cafile: str, tmp_path: Path, is_encrypted: bool
) -> None:
    certificate, key = write_own(authority, tmp_path, password=b"pa55" if is_encrypted else None)
    async with (
        PlayedServer().run(make_server_tls(authority, asks=True)) as server,
        connect(
            server.url,
            cafile=cafile,
            client_certificate=certificate,
            client_key=key,
            client_key_password="pa55" if is_encrypted else None,
        ) as runner,
    ):
        assert (await runner.run(make_call())).events


async def test_a_server_that_hangs_up_may_want_another_certificate(
    authority: trustme.CA, cafile: str, tmp_path: Path
) -> None:
    certificate, key = write_own(trustme.CA(), tmp_path)
    async with (
        PlayedServer().run(make_server_tls(authority, asks=True)) as server,
        connect(server.url, cafile=cafile, client_certificate=certificate, client_key=key) as runner,
    ):
        with pytest.raises(ActionError, match="it may also want another `client_certificate`"):
            await runner.run(make_call())
    assert server.requests == []


def refuse_one_client(listener: socket.socket, tls: ssl.SSLContext) -> None:
    """Shake hands as OpenSSL does: with a word about what is wrong."""
    accepted, _ = listener.accept()
    with tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False) as secure:
        with pytest.raises(ssl.SSLError):
            secure.do_handshake()
        with suppress(ConnectionError):  # to close on unread bytes would take the word back
            while os.read(secure.fileno(), 65_536):
                pass


async def test_a_server_that_says_that_it_does_not_take_our_certificate_is_named(
    authority: trustme.CA, cafile: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://localhost:{listener.getsockname()[1]}/webhook"
        refusal = asyncio.to_thread(refuse_one_client, listener, make_server_tls(authority, asks=True))
        async with connect(url, cafile=cafile, retries=0) as runner:
            with pytest.raises(
                ActionError, match="does not take our certificate, so 'action_one' was not run"
            ):
                await asyncio.gather(runner.run(make_call()), refusal)


def write_own(authority: trustme.CA, folder: Path, *, password: bytes | None = None) -> tuple[str, str]:
    """A certificate of ours and its key, in files."""
    issued = authority.issue_cert("assistant.example")
    certificate, key = folder / "own.pem", folder / "own.key"
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    content = issued.private_key_pem.bytes()
    if password is not None:
        loaded = load_pem_private_key(content, None)
        encryption = BestAvailableEncryption(password)
        content = loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    key.write_bytes(content)
    return str(certificate), str(key)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"client_key": "own.key"}, "a `client_key` without a `client_certificate`"),
        (
            {"client_certificate": "own.pem", "client_key": "own.key"},
            "`client_certificate` .* cannot be used .*password of its key",
        ),
        ({"client_certificate": "none.pem"}, "none.pem, cannot be used .*No such file"),
        ({"cafile": "empty.pem"}, "`cafile` of `action_endpoint`, .*empty.pem, cannot be used"),
    ],
)
def test_files_of_certificates_are_looked_at_at_the_start(
    authority: trustme.CA, tmp_path: Path, options: dict[str, str], sentence: str
) -> None:
    write_own(authority, tmp_path, password=b"pa55")
    (tmp_path / "empty.pem").write_text("")
    paths: dict[str, Any] = {name: str(tmp_path / file) for name, file in options.items()}
    with pytest.raises(DefinitionError, match=sentence):
        HttpActionRunner(ActionServerOptions(url="https://bank/webhook", **paths))
