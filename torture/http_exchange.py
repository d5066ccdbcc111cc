"""Just enough of HTTP/1.1 to ask a question and read the answer; it costs a tenth of a real client."""

import asyncio

import msgspec

HOST = "127.0.0.1"


class ExchangeError(Exception):
    """There was no answer: the connection was refused or broken, or what came is no HTTP."""


class HttpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answered."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


class HttpConnection:
    """One connection, one question at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.is_usable = True

    @classmethod
    async def open(cls, port: int) -> "HttpConnection":
        """Connect to a port of this machine."""
        try:
            return cls(*await asyncio.open_connection(HOST, port))
        except OSError as error:
            raise ExchangeError(f"cannot connect ({type(error).__name__})") from error

    async def get(self, path: str) -> HttpAnswer:
        return await self._exchange(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    async def post(self, path: str, body: bytes) -> HttpAnswer:
        """Send JSON and wait for the answer, for ever if need be."""
        return await self._exchange(make_post(path, body))

    async def _exchange(self, request: bytes) -> HttpAnswer:
        self.is_usable = False  # until the whole answer was read
        try:
            self._writer.write(request)
            answer = await self._read()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            raise ExchangeError(f"broken off ({type(error).__name__})") from error
        self.is_usable = answer.headers.get("connection", "") != "close"
        return answer

    async def _read(self) -> HttpAnswer:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await self._reader.readexactly(int(headers.get("content-length", "none")))
        return HttpAnswer(status=int(first.split(" ")[1]), headers=headers, body=body)

    def send_and_leave(self, path: str, body: bytes) -> None:
        """Ask, and do not wait for the answer."""
        self.is_usable = False
        self._writer.write(make_post(path, body))
        self._writer.close()

    def close(self) -> None:
        self._writer.close()


def make_post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
