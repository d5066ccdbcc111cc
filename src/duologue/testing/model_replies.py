"""What a scripted model server is asked, what it answers, and the wire between the two."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from duologue.core.values import OpenData
from duologue.ports.language_model import ModelUsage


class ReceivedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it reached the server, and what it means whatever the provider."""

    kind: Literal["answer", "embeddings", "models", "other"]
    method: str
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    """Names in lower case."""
    body: OpenData = {}
    api_key: str = ""
    model: str = ""
    prefix: str = ""
    """The system message."""
    prompt: str = ""
    """The user's message."""
    texts: tuple[str, ...] = ()
    """What is to be embedded."""
    schema: OpenData | None = None
    """The JSON schema that the answer is held to."""
    max_tokens: int | None = None
    temperature: float | None = None
    is_streamed: bool = False


class Fault(StrEnum):
    """How an answer goes wrong; `ScriptedReply.fault_after` says when."""

    STALL = "stall"
    """Nothing more comes; the connection stays open until the client ends it."""
    CUT = "cut"
    """The answer ends as if it were whole, but without its last message."""
    CLOSE = "close"
    """The connection is closed in the middle."""
    RESET = "reset"
    """The connection is torn down (TCP reset)."""
    GARBAGE = "garbage"
    """Bytes that are no such protocol, then the connection is closed."""


class ScriptedReply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of the server, whole or broken on purpose."""

    text: str = ""
    pieces: tuple[str, ...] = ()
    """The answer as it is streamed; without them `text` is streamed word by word."""
    pause: float = 0.0
    """Seconds before each piece."""
    delay: float = 0.0
    """Seconds before the server says anything."""
    is_endless: bool = False
    """The pieces are repeated for ever."""
    usage: ModelUsage = ModelUsage(input_tokens=12, output_tokens=3)
    finish_reason: str = "stop"
    model: str = ""
    """The model that answered; empty for the one that was asked for."""
    status: int = 200
    error: str = ""
    """The provider's own sentence about `status`."""
    error_code: str = ""
    """The provider's own word for it, such as `model_not_found`."""
    error_field: str = ""
    """The parameter that the provider refuses."""
    headers: Mapping[str, str] = {}
    fault: Fault | None = None
    fault_after: int | None = None
    """How many pieces come before the fault; None: it comes before any header of the response."""
    raw: bytes | None = None
    """Sent as the whole body, in place of everything above but `status`, `headers`, `delay` and `fault`."""
    content_type: str = ""
    """Sent in place of the right one."""

    def list_pieces(self) -> Sequence[str]:
        """The answer in the pieces in which it is streamed."""
        if self.pieces:
            return self.pieces
        words = self.text.split(" ")
        return [*(word + " " for word in words[:-1]), words[-1]] if self.text else []

    @property
    def whole_text(self) -> str:
        """The answer in one piece."""
        return "".join(self.list_pieces())


def refuse(
    status: int, error: str = "", *, code: str = "", field: str = "", retry_after: float | None = None
) -> ScriptedReply:
    """A reply that is an error of the provider."""
    return ScriptedReply(
        status=status,
        error=error or f"refused with {status}",
        error_code=code,
        error_field=field,
        headers={} if retry_after is None else {"retry-after": f"{retry_after:g}"},
    )


class ModelWire(Protocol):
    """How one provider's API spells requests and answers; the server plays replies and faults through it."""

    @property
    def path(self) -> str:
        """What `ModelServer.url` ends in, such as `/v1`."""
        ...

    @property
    def stream_type(self) -> str:
        """Content type of a streamed answer."""
        ...

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> ReceivedRequest:
        """What the request asks for; `kind` is `other` if the API has no such place."""
        ...

    def write_start(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        """What a streamed answer begins with; may be empty."""
        ...

    def write_piece(self, request: ReceivedRequest, reply: ScriptedReply, text: str) -> bytes:
        """One piece of a streamed answer."""
        ...

    def write_end(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        """What a streamed answer ends with: why it ends, and what it cost."""
        ...

    def write_whole(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        """An answer that is not streamed."""
        ...

    def write_error(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        """The body of an error."""
        ...

    def write_models(self, request: ReceivedRequest, models: Sequence[str]) -> bytes:
        """What there is, or the one model that is asked about."""
        ...

    def write_embeddings(
        self, request: ReceivedRequest, vectors: Sequence[Sequence[float]], tokens: int
    ) -> bytes:
        """The vectors of `request.texts`."""
        ...
