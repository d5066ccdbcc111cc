"""Google's Gemini models, by API key or through Vertex AI."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

from duologue.adapters.language_model.gemini_client import GeminiClient, open_client
from duologue.adapters.language_model.vendor_answers import Answer, Leniency, bound_answer
from duologue.adapters.language_model.vendor_failures import list_texts
from duologue.adapters.language_model.vendor_options import VendorOptions, read_vendor_options
from duologue.core.errors import DefinitionError, LanguageModelError
from duologue.core.values import OpenData
from duologue.ports.language_model import AnswerEnd, LanguageModel, ModelRequest, ModelUsage, TextPiece

_FILTERED = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY"}
)
_FINISH_REASONS = {"STOP": "stop", "MAX_TOKENS": "length"} | dict.fromkeys(_FILTERED, "content_filter")
_DISPENSABLE = {
    "thinking_config": ("thinking",),
    "response_json_schema": ("schema", "response_json", "responsejson", "json mode"),
    "response_mime_type": ("mime",),
    "temperature": (),
    "top_p": ("topp",),
    "top_k": ("topk",),
    "seed": (),
}
# What entries of other providers have, and Google's SDK would refuse.
_NOT_GOOGLES = frozenset({"reasoning_effort", "logit_bias", "n", "user"})
_HIGH_EFFORTS = frozenset({"medium", "high", "xhigh"})


def open_model(options: Mapping[str, object]) -> LanguageModel:
    """The model that a model group describes.

    Raises:
        DefinitionError: the SDK is not installed, or an option cannot be read.
    """
    read = read_vendor_options(options, provider="gemini")
    client, extra = open_client(read)
    model = GeminiLanguageModel(read, extra, client)
    model.validate()
    return model


class GeminiLanguageModel:
    """One Gemini model."""

    def __init__(self, options: VendorOptions, extra: OpenData, client: GeminiClient) -> None:
        self._options = options
        self._extra = extra
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

    def validate(self) -> None:
        """Return if the SDK takes the options.

        Raises:
            DefinitionError: it does not.
        """
        from google.genai.types import GenerateContentConfig
        from pydantic import ValidationError

        try:
            GenerateContentConfig.model_validate(self._build(ModelRequest(prefix="", prompt="")))
        except ValidationError as error:
            names = ", ".join(f"`{found['loc'][0]}`" for found in error.errors())
            raise DefinitionError(
                f"The model {self.name} has options that Google's SDK does not take: {names}."
            ) from None

    async def check(self) -> None:
        try:
            await self._client.models.get(model=self._options.model)
        except Exception as error:
            explained = self._client.explain(error)
            if explained is None:
                raise
            raise explained from error

    async def close(self) -> None:
        await self._client.close()

    async def _answer(self, request: ModelRequest) -> Answer:
        model, finish_reason, usage = self._options.model, "", ModelUsage()
        async with AsyncExitStack() as stack:
            async for chunk in await self._begin(request, stack):
                model = chunk.model_version or model
                if chunk.usage_metadata is not None:
                    usage = _count(chunk.usage_metadata)
                if text := _read_text(chunk):
                    yield TextPiece(text=text)
                finish_reason = _read_finish(chunk) or finish_reason
        if finish_reason:
            yield AnswerEnd(model=model, usage=usage, finish_reason=finish_reason)

    async def _begin(self, request: ModelRequest, stack: AsyncExitStack) -> AsyncIterator[Any]:
        from google.genai.errors import ClientError
        from google.genai.types import GenerateContentConfig

        while True:
            config = self._leniency.strip(self._build(request))
            typed = GenerateContentConfig.model_validate(config)
            stream = self._client.stream(self._options.model, request.prompt, typed)
            try:
                return await stack.enter_async_context(stream)
            except ClientError as error:
                if error.code != 400 or not self._leniency.learn(config, error.message or ""):
                    raise

    def _build(self, request: ModelRequest) -> OpenData:
        options = self._options
        extra = {name: value for name, value in self._extra.items() if name not in _NOT_GOOGLES}
        effort = self._extra.get("reasoning_effort")
        config: OpenData = {**({} if effort in _HIGH_EFFORTS else _think_little(options.model)), **extra}
        if request.prefix:
            config["system_instruction"] = request.prefix
        temperature = options.temperature if request.temperature is None else request.temperature
        if temperature is not None:
            config["temperature"] = temperature
        if most := request.max_tokens or options.max_tokens:
            config["max_output_tokens"] = most
        if stop := config.pop("stop", None):
            config["stop_sequences"] = [stop] if isinstance(stop, str) else stop
        if request.schema is not None:
            config["response_mime_type"] = "application/json"
            config["response_json_schema"] = request.schema
        return config

    def _explain(self, error: Exception, request: ModelRequest) -> LanguageModelError | None:
        return self._client.explain(error, list_texts(request))


def _think_little(model: str) -> OpenData:
    """Our prompts need no long thinking, and a user waits; a model that must think refuses, and is let."""
    if "2.5-flash" in model:
        return {"thinking_config": {"thinking_budget": 0}}
    if "gemini-3" in model:
        return {"thinking_config": {"thinking_level": "LOW"}}
    return {}


def _read_text(chunk: Any) -> str:
    parts: Any = (
        chunk.candidates[0].content.parts if chunk.candidates and chunk.candidates[0].content else None
    )
    return "".join(part.text for part in parts or () if part.text and not part.thought)


def _read_finish(chunk: Any) -> str:
    if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason is not None:
        return "content_filter"
    if not chunk.candidates or chunk.candidates[0].finish_reason is None:
        return ""
    reason = str(chunk.candidates[0].finish_reason.value)
    return _FINISH_REASONS.get(reason, reason.lower())


def _count(usage: Any) -> ModelUsage:  # the SDK's counts, of which some are None
    return ModelUsage(
        input_tokens=usage.prompt_token_count or 0,
        cached_tokens=usage.cached_content_token_count or 0,
        output_tokens=(usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
    )
