"""A TLS door in front of a server that speaks none itself."""

import asyncio
import ssl
import threading
from contextlib import suppress
from pathlib import Path


class TlsFront:
    """Listens with TLS at one port of 127.0.0.1 and passes everything on to another, in a thread of its own.

    Args:
        folder: has server.pem and server.key.
    """

    def __init__(self, folder: Path, *, port: int, behind: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._port = port
        self._behind = behind
        self._loop = asyncio.new_event_loop()
        self._is_open = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        """Return when it listens."""
        self._thread.start()
        self._is_open.wait()

    def stop(self) -> None:
        """Close the door."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._relay, "127.0.0.1", self._port, ssl=self._context)
        )
        self._is_open.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        # Connections close in steps of the loop.
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))
        finally:
            inner_writer.transport.abort()
            writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
