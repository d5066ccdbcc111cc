"""What stands between us and a provider in a company's network: its own authority, and its proxy."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trustme


class Authority:
    """A company's own certificate authority, and what trusts it or was certified by it."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.bundle = folder / "company-ca.pem"
        self._authority.cert_pem.write_to_path(self.bundle)

    def certify(self, *hosts: str) -> ssl.SSLContext:
        """The server's side of TLS for these hosts."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*hosts).configure_cert(context)
        return context


class Proxy:
    """An HTTP proxy that knows every host: it is the server at one port of this machine."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self.asked_for: list[str] = []
        """The first line of every request to it."""
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: a tunnel for CONNECT, else the request is passed on as it is."""
        head = await reader.readuntil(b"\r\n\r\n")
        first = head.split(b"\r\n", 1)[0].decode()
        self.asked_for.append(first)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        if first.startswith("CONNECT "):
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            far_writer.write(head)
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


@asynccontextmanager
async def run_proxy(target_port: int) -> AsyncGenerator[Proxy]:
    """A proxy that runs as long as the block."""
    proxy = Proxy(target_port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
