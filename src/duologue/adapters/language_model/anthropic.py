"""Anthropic's models."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from duologue.adapters.language_model.vendor_answers import Answer, Leniency, bound_answer
from duologue.adapters.language_model.vendor_failures import Vendor, list_texts, load_authorities
from duologue.adapters.language_model.vendor_options import VendorOptions, read_vendor_options
from duologue.core.errors import DefinitionError, LanguageModelError
from duologue.core.values import OpenData
from duologue.ports.language_model import AnswerEnd, LanguageModel, ModelRequest, ModelUsage, TextPiece

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_MAX_TOKENS = 1024
"""The API wants a bound; this one is far above what an answer to one of our prompts needs."""
_FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
_DISPENSABLE = {
    "output_config": ("output_format", "structured output", "json_schema", "schema"),
    "temperature": (),
    "top_p": (),
    "top_k": (),
    "thinking": (),
    "extra_body": ("extra inputs", "not permitted"),
}


def open_model(options: Mapping[str, object]) -> LanguageModel:
    """The model that a model group describes.

    Raises:
        DefinitionError: the SDK is not installed, or an option cannot be read.
    """
    try:
        from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
    except ImportError:
        raise DefinitionError(
            'Models of Anthropic need an extra: pip install "duologue[anthropic]".'
        ) from None
    read = read_vendor_options(options, provider="anthropic")
    address = read.api_base.rstrip("/").removesuffix("/messages").removesuffix("/v1")
    client = AsyncAnthropic(
        api_key=read.api_key,
        base_url=address or "https://api.anthropic.com",
        # Time is bounded for the whole answer, and the router does the retries.
        timeout=None,
        max_retries=0,
        http_client=DefaultAsyncHttpxClient(timeout=None, verify=load_authorities(read.ca_bundle)),
    )
    return AnthropicLanguageModel(read, client)


class AnthropicLanguageModel:
    """One model behind Anthropic's Messages API."""

    def __init__(self, options: VendorOptions, client: "AsyncAnthropic") -> None:
        self._options = options
        self._client = client
        self._vendor = Vendor(name=options.name, secrets=(options.api_key,))
        self._leniency = Leniency(_DISPENSABLE)

    @property
    def name(self) -> str:
        return self._options.name

    def stream(self, request: ModelRequest) -> Answer:
        """See `LanguageModel.stream`."""
        return bound_answer(
            self._answer(request),
            limit=request.timeout or self._options.timeout,
            vendor=self._vendor,
            explain=lambda error: self._explain(error, request),
        )

    async def check(self) -> None:
        probe = ModelRequest(prefix="", prompt="")
        try:
            await self._client.models.retrieve(self._options.model, timeout=self._options.timeout)
        except Exception as error:
            explained = self._explain(error, probe)
            if explained is None:
                raise
            raise explained from error

    async def close(self) -> None:
        await self._client.close()

    async def _answer(self, request: ModelRequest) -> Answer:
        stream = await self._begin(request)
        model, finish_reason, usage = self._options.model, "", ModelUsage()
        try:
            async for event in stream:
                match event.type:
                    case "message_start":
                        model, usage = event.message.model, _count(event.message.usage)
                    case "content_block_delta":
                        if event.delta.type == "text_delta" and event.delta.text:
                            yield TextPiece(text=event.delta.text)
                    case "message_delta":
                        reason = event.delta.stop_reason or ""
                        finish_reason = _FINISH_REASONS.get(reason, reason)
                        usage = ModelUsage(
                            input_tokens=usage.input_tokens,
                            cached_tokens=usage.cached_tokens,
                            output_tokens=event.usage.output_tokens,
                        )
                    case "message_stop":
                        yield AnswerEnd(model=model, usage=usage, finish_reason=finish_reason or "stop")
                        return
                    case _:
                        pass
        finally:
            await stream.close()

    async def _begin(self, request: ModelRequest) -> Any:  # a stream of the SDK's events
        from anthropic import BadRequestError

        while True:
            body = self._leniency.strip(self._build(request))
            try:
                return await self._client.messages.create(**body, stream=True)
            except BadRequestError as error:
                if not self._leniency.learn(body, str(error)):
                    raise

    def _build(self, request: ModelRequest) -> OpenData:
        options = self._options
        extra = {**options.extra}
        body: OpenData = {
            "model": options.model,
            "max_tokens": request.max_tokens or options.max_tokens or _MAX_TOKENS,
            "messages": [{"role": "user", "content": request.prompt}],
        }
        if request.prefix:
            # What comes before this mark is kept, and costs a tenth when it is sent again.
            marked = {"type": "text", "text": request.prefix, "cache_control": {"type": "ephemeral"}}
            body["system"] = [marked]
        temperature = options.temperature if request.temperature is None else request.temperature
        if temperature is not None:
            body["temperature"] = temperature
        if request.schema is not None:
            body["output_config"] = {"format": {"type": "json_schema", "schema": request.schema}}
        for name in ("top_p", "top_k", "thinking", "metadata", "service_tier", "extra_headers"):
            if name in extra:
                body[name] = extra.pop(name)
        stop = extra.pop("stop", None) or extra.pop("stop_sequences", None)
        if stop:
            body["stop_sequences"] = [stop] if isinstance(stop, str) else stop
        if extra:
            body["extra_body"] = extra
        return body

    def _explain(self, error: Exception, request: ModelRequest) -> LanguageModelError | None:
        from anthropic import APIStatusError

        if isinstance(error, APIStatusError):
            return self._vendor.fail_by_status(
                error.status_code,
                said=_find_message(error.body),
                headers=error.response.headers,
                texts=list_texts(request),
            )
        return self._vendor.fail_to_connect(error) if _is_expected(error) else None


def _is_expected(error: Exception) -> bool:
    import httpx
    from anthropic import AnthropicError

    # The SDK hands on what is no JSON as it is found.
    return isinstance(error, AnthropicError | httpx.HTTPError | httpx.InvalidURL | OSError | ValueError)


def _find_message(body: object) -> str:
    """The provider's own sentence; nothing if its answer is a web page."""
    match body:
        case {"error": {"message": str(message)}}:
            return message
        case _:
            return ""


def _count(usage: Any) -> ModelUsage:  # the SDK's counts, of which some are None
    cached = usage.cache_read_input_tokens or 0
    written = usage.cache_creation_input_tokens or 0
    return ModelUsage(
        input_tokens=usage.input_tokens + cached + written,
        cached_tokens=cached,
        output_tokens=usage.output_tokens,
    )
