"""The action server over gRPC."""

import asyncio
from pathlib import Path

import grpc

from duologue.action_server.grpc_health import Health
from duologue.action_server.grpc_service import GrpcActionService
from duologue.action_server.options import ActionServingOptions
from duologue.action_server.service import ActionService
from duologue.serving.admission import Admission
from duologue.serving.errors import AddressUnusableError, CertificateUnusableError

# Callers may ask for a sign of life this often while an action runs.
_SHORTEST_PING_SECONDS = 10
_LONGEST_METADATA = 64 * 1024
_CUT_OFF_SECONDS = 1.0


class GrpcServer:
    """A server that listens."""

    def __init__(self, server: grpc.aio.Server, health: Health, admission: Admission, *, port: int) -> None:
        self.port = port
        self._server = server
        self._health = health
        self._admission = admission

    async def begin_draining(self) -> None:
        """Say over `grpc.health.v1` that nothing more should be sent; calls are still taken."""
        self._admission.begin_draining()
        await self._health.drain()

    async def stop(self, grace: float) -> None:
        """Take nothing new, wait up to `grace` seconds for the calls under way, and cut off what is left then."""
        await self.begin_draining()
        # Its own limit comes later than ours, which has words for those who are cut off.
        stopping = asyncio.create_task(self._server.stop(grace + _CUT_OFF_SECONDS))
        if not await self._admission.wait_until_idle(grace):
            self._admission.begin_closing()
            self._admission.cut_off()
        await self._health.end()
        await stopping


async def start_grpc(service: ActionService, address: str, options: ActionServingOptions) -> GrpcServer:
    """Listen on `host:port`; several processes may listen on the same port, which spreads connections over them.

    Raises:
        AddressUnusableError: the port is taken, or the interface is not of this machine.
        CertificateUnusableError: the files for TLS are not what they should be.
    """
    admission = Admission(seconds=options.response_seconds)
    server = grpc.aio.server(
        options=[
            ("grpc.so_reuseport", 1),
            ("grpc.max_receive_message_length", options.largest_body),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_metadata_size", _LONGEST_METADATA),
            ("grpc.http2.min_recv_ping_interval_without_data_ms", _SHORTEST_PING_SECONDS * 1000),
            ("grpc.keepalive_permit_without_calls", 1),
        ],
    )
    calls = GrpcActionService(service, admission, barge_in_seconds=options.barge_in_seconds)
    health = Health()
    server.add_generic_rpc_handlers(
        (calls.build_handler(), calls.build_json_handler(), health.build_handler())
    )
    port = _bind(server, address, options)
    await server.start()
    return GrpcServer(server, health, admission, port=port)


def _bind(server: grpc.aio.Server, address: str, options: ActionServingOptions) -> int:
    try:
        if options.certificate is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, load_server_credentials(options))
    except RuntimeError as error:
        raise AddressUnusableError(
            f"The server cannot listen on {address} for gRPC; another program may have the port, or the interface "
            "is not of this machine."
        ) from error


def load_server_credentials(options: ActionServingOptions) -> grpc.ServerCredentials:
    """The certificate, and whose clients are let in.

    Raises:
        CertificateUnusableError: a file cannot be read.
    """
    certificate = options.certificate
    assert certificate is not None
    key = _decrypt_key(options, _read_file(options.key or certificate))
    authorities = options.client_authorities
    return grpc.ssl_server_credentials(
        [(key, _read_file(certificate))],
        root_certificates=_read_file(authorities) if authorities is not None else None,
        require_client_auth=authorities is not None,
    )


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateUnusableError(
            f"The file {path} cannot be read: {error.strerror or error}."
        ) from error


def _decrypt_key(options: ActionServingOptions, key: bytes) -> bytes:
    if b"ENCRYPTED" not in key:
        return key
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError as error:
        raise CertificateUnusableError(
            "The key has a password, which gRPC cannot read; install the package `cryptography`, or store the key "
            "without a password."
        ) from error
    private = serialization.load_pem_private_key(key, (options.key_password or "").encode())
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
