"""A language model: a prompt in, text out, piece by piece."""

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from duologue.core.values import OpenData


class ModelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a model."""

    prefix: str
    """The part that is the same from turn to turn. It is sent first, as the system message, so that providers' prompt
    caches hit."""
    prompt: str
    """The part that changes: sent last, as the user's message."""
    schema: OpenData | None = None
    """JSON schema that the answer follows, where the model can be held to one; others ignore it."""
    max_tokens: int | None = None
    """Most tokens of the answer; None leaves it to the model's own options."""
    temperature: float | None = None
    """None leaves it to the model's own options."""
    timeout: float | None = None
    """Seconds for the whole answer; None leaves it to the model's own options."""


class ModelUsage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens that an answer cost, as the provider counts them; 0 where it does not say."""

    input_tokens: int = 0
    """All tokens of the prompt, the cached ones among them."""
    cached_tokens: int = 0
    """Those of them that came from the provider's prompt cache, at a lower price."""
    output_tokens: int = 0


class TextPiece(msgspec.Struct, frozen=True, kw_only=True):
    """The next piece of an answer."""

    text: str


class AnswerEnd(msgspec.Struct, frozen=True, kw_only=True):
    """The last thing of an answer that came to its end."""

    model: str
    """The model that answered, as the provider names it."""
    usage: ModelUsage = ModelUsage()
    finish_reason: str = "stop"
    """`stop`, `length` (cut off by `max_tokens`), `content_filter`, or whatever else the provider says."""


class ModelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer."""

    text: str
    model: str = ""
    usage: ModelUsage = ModelUsage()
    finish_reason: str = "stop"
    is_cut_off: bool = False
    """We stopped reading, because it was longer than anybody asked for."""


class LanguageModel(Protocol):
    """A model, or a group of models that stand in for one another. Safe to use from many tasks at once."""

    @property
    def name(self) -> str:
        """How logs and evidence name it, such as `openai/gpt-5.1`."""
        ...

    def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        """The answer, piece by piece, and an `AnswerEnd` as the last item.

        Closing the iterator early ends the call. An answer without an `AnswerEnd` was cut short.

        Raises:
            LanguageModelError: no answer, or it broke off; `reason` says why.
        """
        ...

    async def check(self) -> None:
        """Return if the model answers with these credentials.

        Raises:
            LanguageModelError: it does not; the text is one sentence for an operator.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


async def read_answer(
    model: LanguageModel, request: ModelRequest, *, max_characters: int = 100_000
) -> ModelAnswer:
    """The whole answer; after `max_characters` the rest is not read.

    Raises:
        LanguageModelError: as `LanguageModel.stream`.
    """
    pieces: list[str] = []
    length = 0
    stream = model.stream(request)
    try:
        async for item in stream:
            if isinstance(item, AnswerEnd):
                return ModelAnswer(
                    text="".join(pieces),
                    model=item.model,
                    usage=item.usage,
                    finish_reason=item.finish_reason,
                )
            pieces.append(item.text[: max_characters - length])
            length += len(item.text)
            if length > max_characters:
                return ModelAnswer(text="".join(pieces), is_cut_off=True, finish_reason="length")
    finally:
        # An async generator that is only dropped would hold its connection until it is collected.
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
    return ModelAnswer(text="".join(pieces), is_cut_off=True, finish_reason="broken off")
