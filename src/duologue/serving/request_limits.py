"""Bounds on what a client may send: how much, and how slowly."""

import asyncio
import time

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class RequestLimits:
    """ASGI middleware that refuses bodies too large (413) and clients too slow (408)."""

    def __init__(self, app: ASGIApp, *, largest_body: int, seconds: float) -> None:
        self.app = app
        self.largest_body = largest_body
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, _Bounded(receive, self.largest_body, self.seconds), send)


class _Bounded:
    """A `receive` that counts."""

    def __init__(self, receive: Receive, largest_body: int, seconds: float) -> None:
        self._receive = receive
        self._largest_body = largest_body
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._size = 0
        self._is_complete = False

    async def __call__(self) -> Message:
        if self._is_complete:
            # What comes after the body is the news that the client left; it may take for ever.
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, self._deadline - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            detail = f"The request was not complete within {self._seconds:g} seconds."
            raise HTTPException(408, detail, headers={"Connection": "close"}) from None
        self._size += len(message.get("body", b""))
        self._is_complete = not message.get("more_body", False)
        if self._size > self._largest_body:
            detail = f"The body is larger than {self._largest_body} bytes."
            raise HTTPException(413, detail, headers={"Connection": "close"})
        return message
