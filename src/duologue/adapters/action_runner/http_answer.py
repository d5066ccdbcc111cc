"""An answer over HTTP: read to its end, but never further than it may go."""

import asyncio
import contextlib
import zlib

import aiohttp
import msgspec

LARGE = 256 * 1024
"""Bytes of an answer beyond which it waits for its turn: so memory stays bounded, however many large ones come."""
_WITH_BODY = frozenset({200, 400, 404, 449})
"""Statuses whose bodies say more; the others' are not read."""


class BrokenOffError(Exception):
    """No whole answer came; the text says how it ended."""


class TooLargeError(Exception):
    """The answer is larger than it may be."""


class HttpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back."""

    status: int
    headers: dict[str, str]
    """Names are in lower case."""
    body: bytes


async def read_answer(
    response: aiohttp.ClientResponse, *, largest: int, turns: asyncio.Semaphore
) -> HttpAnswer:
    """The answer with a body of at most `largest` bytes; a large one takes one of the `turns`.

    Raises:
        BrokenOffError: it is damaged.
        TooLargeError: it is too large.
    """
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = b""
    if response.status in _WITH_BODY:
        body = await _read_body(response, largest, turns)
        coding = headers.get("content-encoding", "identity").strip().lower()
        if body and coding != "identity":
            body = await asyncio.to_thread(_inflate, body, coding, largest)
    return HttpAnswer(status=response.status, headers=headers, body=body)


async def _read_body(response: aiohttp.ClientResponse, largest: int, turns: asyncio.Semaphore) -> bytes:
    if (response.content_length or 0) > largest:
        response.close()
        raise TooLargeError
    chunks: list[bytes] = []
    size = 0
    async with contextlib.AsyncExitStack() as stack:
        async for chunk in response.content.iter_any():
            was_small = size <= LARGE
            size += len(chunk)
            if size > largest:
                response.close()
                raise TooLargeError
            chunks.append(chunk)
            if was_small and size > LARGE:  # nothing more is taken off the network meanwhile
                await stack.enter_async_context(turns)
    return b"".join(chunks)


def _inflate(body: bytes, coding: str, largest: int) -> bytes:
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise BrokenOffError("its answer is compressed in a way that nobody asked for")
    # By the standard `deflate` has a header, which some servers leave out.
    for bits in (zlib.MAX_WBITS + 32, -zlib.MAX_WBITS):
        with contextlib.suppress(zlib.error):
            inflater = zlib.decompressobj(bits)
            inflated = inflater.decompress(body, largest + 1)
            if len(inflated) > largest:
                raise TooLargeError
            if inflater.eof:
                return inflated
    raise BrokenOffError("its compressed answer is damaged")
