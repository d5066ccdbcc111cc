"""The body of a call: inflated within bounds, and judged before any action sees it."""

import json
import zlib
from typing import Any

import msgspec

from duologue.wire.members import is_object

INVALID = "Invalid body request"
"""What action servers have always answered to a body that is no call."""
# Zlib's own number for a gzip envelope.
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_TEXTS = ("next_action", "sender_id", "domain_digest", "idempotency_key")
_OBJECTS = ("tracker", "domain")


class InvalidBodyError(Exception):
    """The body is no call; `status` is the HTTP status that says so."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


# A call is open JSON: callers of all ages add fields of their own, hence `Any`.
def parse_call(body: bytes, encoding: str, largest: int) -> dict[str, Any]:
    """The call in a body.

    Args:
        encoding: the header `Content-Encoding`.
        largest: bytes that the inflated body may have.

    Raises:
        InvalidBodyError: with what is wrong.
    """
    call = _decode(_inflate(body, encoding.strip().casefold(), largest))
    if call is None:
        raise InvalidBodyError(INVALID)
    if not is_object(call):
        raise InvalidBodyError(f"{INVALID}: a call is a JSON object.")
    for name in _TEXTS:
        if not isinstance(call.get(name), str | None):
            raise InvalidBodyError(f"{INVALID}: `{name}` must be a text.")
    for name in _OBJECTS:
        if not isinstance(call.get(name), dict | None):
            raise InvalidBodyError(f"{INVALID}: `{name}` must be an object.")
    return call


def _inflate(body: bytes, encoding: str, largest: int) -> bytes:
    match encoding:
        case "" | "identity":
            return body
        case "deflate":
            # Some clients send the bare stream, without the envelope that the standard asks for.
            window = zlib.MAX_WBITS if body[:1] and body[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS
        case "gzip" | "x-gzip":
            window = _GZIP_WINDOW
        case _:
            raise InvalidBodyError(
                f"{INVALID}: Content-Encoding {encoding!r} is not known here; send deflate, gzip or none.",
                415,
            )
    inflater = zlib.decompressobj(window)
    try:
        inflated = inflater.decompress(body, largest + 1)
    except zlib.error as error:
        raise InvalidBodyError(f"{INVALID}: it is not {encoding} data.") from error
    if len(inflated) > largest:
        raise InvalidBodyError(f"The body is larger than {largest} bytes when it is inflated.", 413)
    if not inflater.eof:
        raise InvalidBodyError(f"{INVALID}: its {encoding} data ends too soon.")
    return inflated


def _decode(body: bytes) -> object:
    if not body.strip():
        return None
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Python's own reader takes what Python's own writer makes of odd values: NaN, half a surrogate pair.
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise InvalidBodyError(f"{INVALID}: it is not JSON ({error}).") from error
