"""Models of every other provider, through any-llm."""

from collections.abc import Mapping
from typing import Any

from duologue.adapters.language_model.any_llm_client import AnyLlmClient, open_client
from duologue.adapters.language_model.vendor_answers import Answer, Leniency, bound_answer
from duologue.adapters.language_model.vendor_failures import list_texts
from duologue.adapters.language_model.vendor_options import VendorOptions, read_vendor_options
from duologue.core.errors import LanguageModelError
from duologue.core.values import OpenData
from duologue.ports.language_model import (
    AnswerEnd,
    LanguageModel,
    ModelRequest,
    ModelUsage,
    TextPiece,
    read_answer,
)

_DISPENSABLE = {
    "response_format": ("json_schema", "structured output", "schema"),
    "stream_options": ("include_usage",),
    "temperature": (),
    "top_p": (),
    "seed": (),
    "max_tokens": (),
}
_PROBE = ModelRequest(prefix="", prompt="Say OK.", max_tokens=16)


def open_model(options: Mapping[str, object]) -> LanguageModel:
    """The model that a model group describes.

    Raises:
        DefinitionError: the library or an SDK is not installed, or an option cannot be read.
    """
    read = read_vendor_options(options, provider="any")
    return AnyLlmLanguageModel(read, open_client(read))


class AnyLlmLanguageModel:
    """One model of one of any-llm's providers."""

    def __init__(self, options: VendorOptions, client: AnyLlmClient) -> None:
        self._options = options
        self._client = client
        self._leniency = Leniency(_DISPENSABLE)

    @property
    def name(self) -> str:
        return self._options.name

    def stream(self, request: ModelRequest) -> Answer:
        """See `LanguageModel.stream`."""
        return bound_answer(
            self._answer(request),
            limit=request.timeout or self._options.timeout,
            vendor=self._client.vendor,
            explain=lambda error: self._explain(error, request),
        )

    async def check(self) -> None:
        await read_answer(self, _PROBE)

    async def close(self) -> None:
        await self._client.close()

    async def _answer(self, request: ModelRequest) -> Answer:
        chunks = await self._begin(request)
        model, finish_reason, usage = self._options.model, "", ModelUsage()
        try:
            async for chunk in chunks:
                model = getattr(chunk, "model", None) or model
                if getattr(chunk, "usage", None) is not None:
                    usage = _count(chunk.usage)
                for choice in chunk.choices or ():
                    if choice.delta.content:
                        yield TextPiece(text=choice.delta.content)
                    finish_reason = choice.finish_reason or finish_reason
        finally:
            await _close_stream(chunks)
        if finish_reason:
            yield AnswerEnd(model=model, usage=usage, finish_reason=finish_reason)

    async def _begin(self, request: ModelRequest) -> Any:  # the library's chunks, of one class or another
        from any_llm.exceptions import AnyLLMError, InvalidRequestError, UnsupportedParameterError

        while True:
            body = self._leniency.strip(self._build(request))
            try:
                return await self._client.sdk.acompletion(**body)
            except (InvalidRequestError, UnsupportedParameterError) as error:
                refusal: AnyLLMError = error
                if not self._leniency.learn(body, refusal.message):
                    raise

    def _build(self, request: ModelRequest) -> OpenData:
        options = self._options
        messages = [{"role": "system", "content": request.prefix}] if request.prefix else []
        body: OpenData = {
            **options.extra,
            "model": options.model,
            "messages": [*messages, {"role": "user", "content": request.prompt}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        temperature = options.temperature if request.temperature is None else request.temperature
        if temperature is not None:
            body["temperature"] = temperature
        if most := request.max_tokens or options.max_tokens:
            body["max_tokens"] = most
        if request.schema is not None:
            named = {"name": "answer", "schema": request.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        return body

    def _explain(self, error: Exception, request: ModelRequest) -> LanguageModelError | None:
        return self._client.explain(error, list_texts(request))


async def _close_stream(chunks: Any) -> None:
    for name in ("aclose", "close"):
        if (close := getattr(chunks, name, None)) is not None:
            await close()
            return


def _count(usage: Any) -> ModelUsage:
    details = getattr(usage, "prompt_tokens_details", None)
    return ModelUsage(
        input_tokens=usage.prompt_tokens or 0,
        cached_tokens=getattr(details, "cached_tokens", None) or 0,
        output_tokens=usage.completion_tokens or 0,
    )
