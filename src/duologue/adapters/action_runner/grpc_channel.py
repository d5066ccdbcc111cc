"""How a gRPC action server is reached: address, certificates, metadata, and how a connection is kept."""

import base64
import re
import ssl
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import grpc

from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.adapters.action_runner.tls import load_tls
from duologue.core.errors import DefinitionError

DEFAULT_PORT = 5055

_METADATA_NAME = re.compile(r"[a-z0-9_.-]+")
_METADATA_TEXT = re.compile(r"[ -~]*")
# Servers built on gRPC's own library hang up on clients that ask for a sign of life more often than every five minutes
# while an action runs. What is cut off sooner is noticed by the time-out of the call, which then gets a new connection.
_KEEPALIVE_SECONDS = 310
_ANSWER_SECONDS = 20
_CONNECT_SECONDS = 10


def open_channel(options: ActionServerOptions) -> grpc.aio.Channel:
    """A channel to the server. It connects when it is first used, and again whenever the connection breaks.

    Raises:
        DefinitionError: the address or a file of certificates is of no use.
    """
    parts = _parse_address(options)
    compression = grpc.Compression.Gzip if options.compress else grpc.Compression.NoCompression
    settings: list[tuple[str, int]] = [
        ("grpc.max_receive_message_length", options.largest_answer),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 64 * 1024),
        ("grpc.keepalive_time_ms", _KEEPALIVE_SECONDS * 1000),
        ("grpc.keepalive_timeout_ms", _ANSWER_SECONDS * 1000),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 1000),
        ("grpc.min_reconnect_backoff_ms", _CONNECT_SECONDS * 1000),
        # Channels to the same address would share one connection otherwise, a broken one too.
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_http_proxy", 0),
        ("grpc.service_config_disable_resolution", 1),
    ]
    target = _format_target(parts)
    if parts.scheme == "grpc":
        return grpc.aio.insecure_channel(target, settings, compression)
    return grpc.aio.secure_channel(target, load_credentials(options), settings, compression)


def check_address(options: ActionServerOptions) -> None:
    """Refuse an address and files that cannot work, before any call.

    Raises:
        DefinitionError: what is wrong with them.
    """
    if _parse_address(options).scheme == "grpcs":
        load_credentials(options)


def _parse_address(options: ActionServerOptions) -> SplitResult:
    try:
        parts = urlsplit(options.url)
        is_usable = parts.scheme in {"grpc", "grpcs"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, is_usable = urlsplit(""), False
    if not is_usable:
        raise DefinitionError(
            f"The `url` of `action_endpoint` ({options.place}) is no address of a gRPC server; "
            "write it as grpc://host:5055, or grpcs://host:5055 for TLS."
        )
    return parts


def _format_target(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or DEFAULT_PORT}"


def load_credentials(options: ActionServerOptions) -> grpc.ChannelCredentials:
    """Authorities, and our own certificate where there is one.

    Raises:
        DefinitionError: a file cannot be read, or is not what it should be.
    """
    # What gRPC cannot use it would only call a server that cannot be reached.
    context = load_tls(options)
    authorities = _read_authorities(options, context)
    if options.client_certificate is None:
        return grpc.ssl_channel_credentials(authorities)
    chain = Path(options.client_certificate).read_bytes()
    key = Path(options.client_key).read_bytes() if options.client_key is not None else chain
    return grpc.ssl_channel_credentials(authorities, _decrypt_key(options, key), chain)


def _read_authorities(options: ActionServerOptions, context: ssl.SSLContext) -> bytes | None:
    if options.cafile is not None:
        return Path(options.cafile).read_bytes()
    # gRPC brings a list of its own; people put the authorities of their company into the system's.
    system = context.get_ca_certs(binary_form=True)
    return "".join(ssl.DER_cert_to_PEM_cert(item) for item in system).encode() or None


def _decrypt_key(options: ActionServerOptions, key: bytes) -> bytes:
    if b"ENCRYPTED" not in key:
        return key
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError as error:
        raise DefinitionError(
            f"The `client_key` of `action_endpoint` ({options.place}) has a password, which gRPC cannot read; "
            "install the package `cryptography`, or store the key without a password."
        ) from error
    private = serialization.load_pem_private_key(key, (options.client_key_password or "").encode())
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def format_metadata(options: ActionServerOptions) -> dict[str, str]:
    """What goes with every call: headers, parameters (a token among them), and the user's name and password.

    Raises:
        DefinitionError: metadata cannot carry one of them.
    """
    metadata = {name.lower(): value for name, value in {**options.params, **options.headers}.items()}
    if options.auth is not None:
        pair = base64.b64encode(":".join(options.auth).encode()).decode()
        metadata["authorization"] = f"Basic {pair}"
    for name, value in metadata.items():
        is_reserved = name.startswith("grpc-") or name.endswith("-bin")
        if is_reserved or not _METADATA_NAME.fullmatch(name) or not _METADATA_TEXT.fullmatch(value):
            raise DefinitionError(
                f"gRPC cannot send the header {name!r} of `action_endpoint` ({options.place}); "
                "use letters, digits, `-`, `_` and `.` in its name, and ASCII in its value."
            )
    return metadata
