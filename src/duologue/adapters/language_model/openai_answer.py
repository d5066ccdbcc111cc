"""The bytes of an answer in OpenAI's format, streamed or whole, read without trusting them."""

from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from duologue.adapters.language_model.openai_errors import Caller, explain_status
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import AnswerEnd, ModelUsage

MOST_BYTES = 64 * 1024 * 1024
"""Of one event, or of an answer that is not streamed; a server that sends more is not a language model."""
_END = b"[DONE]"


class _Part(msgspec.Struct):
    text: str | None = None


class _Delta(msgspec.Struct):
    content: str | list[_Part] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    message: _Delta | None = None
    text: str | None = None
    finish_reason: str | None = None
    index: int | None = 0


class _PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    prompt_cache_hit_tokens: int | None = None


class _Complaint(msgspec.Struct):
    message: str | None = None
    code: str | int | None = None


class _Chunk(msgspec.Struct):
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: _Complaint | str | None = None


_decode = msgspec.json.Decoder(_Chunk, strict=False).decode


class AnswerReader:
    """Reads one answer, event by event."""

    def __init__(self, *, caller: Caller, model: str) -> None:
        self._caller = caller
        self._usage = ModelUsage()
        self._reason = ""
        self.model = model
        """The model that answers, as it names itself."""
        self.is_finished = False
        """The model has said all that it wants to say; its bill may still come."""

    def read(self, event: bytes) -> str:
        """The text of one event, often none.

        Raises:
            LanguageModelError: the server says in the middle of it that it cannot go on.
            msgspec.MsgspecError: that is no event of an answer.
        """
        if event.strip() == _END:
            self.is_finished = True
            return ""
        chunk = _decode(event)
        if chunk.error is not None:
            raise self._explain(chunk.error)
        if chunk.model:
            self.model = chunk.model
        if chunk.usage is not None:
            self._usage = _read_usage(chunk.usage)
        text = ""
        for choice in chunk.choices or []:
            if not choice.index:
                text += _read_text(choice)
                self._reason = choice.finish_reason or self._reason
        self.is_finished = self.is_finished or bool(self._reason)
        return text

    def read_whole(self, body: bytes) -> str:
        """The text of an answer that came in one piece; raises as `read` does."""
        text = self.read(body)
        self.is_finished = True
        return text

    @property
    def end(self) -> AnswerEnd:
        return AnswerEnd(model=self.model, usage=self._usage, finish_reason=self._reason or "stop")

    def _explain(self, complaint: _Complaint | str) -> LanguageModelError:
        code = complaint.code if isinstance(complaint, _Complaint) else None
        if isinstance(code, int) or (code or "").isdecimal():
            return explain_status(int(code or 0), self._caller)
        what = f"at {self._caller.place} broke off its answer with an error of its own."
        return self._caller.fail(ModelFailure.BROKEN_OFF, what)


async def read_events(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """The data of each server-sent event.

    Raises:
        ValueError: an event has no end.
    """
    buffer = bytearray()
    data: list[bytes] = []
    async for piece in pieces:
        searched = len(buffer)
        buffer += piece
        if len(buffer) > MOST_BYTES:
            raise ValueError("an event without an end")
        if buffer.find(b"\n", searched) < 0:
            continue
        *lines, rest = bytes(buffer).split(b"\n")
        buffer = bytearray(rest)
        for line in lines:
            stripped = line.removesuffix(b"\r")
            if stripped.startswith(b"data:"):
                data.append(stripped[5:].removeprefix(b" "))
            elif not stripped and data:
                yield b"\n".join(data)
                data = []
    # A last event may lack its empty line.
    if bytes(buffer).startswith(b"data:"):
        data.append(bytes(buffer[5:]).strip())
    if data:
        yield b"\n".join(data)


async def read_body(pieces: AsyncIterator[bytes]) -> bytes:
    """The whole body.

    Raises:
        ValueError: it has no end.
    """
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > MOST_BYTES:
            raise ValueError("an answer without an end")
    return bytes(body)


def _read_text(choice: _Choice) -> str:
    if choice.text is not None:
        return choice.text
    delta = choice.delta or choice.message
    if delta is None or delta.content is None:
        return ""
    if isinstance(delta.content, str):
        return delta.content
    return "".join(part.text or "" for part in delta.content)


def _read_usage(usage: _Usage) -> ModelUsage:
    details = usage.prompt_tokens_details
    cached = details.cached_tokens if details is not None else usage.prompt_cache_hit_tokens
    return ModelUsage(
        input_tokens=max(usage.prompt_tokens or 0, 0),
        cached_tokens=max(cached or 0, 0),
        output_tokens=max(usage.completion_tokens or 0, 0),
    )
