"""Models of AWS Bedrock, through its Converse API."""

from collections.abc import Mapping
from typing import Any

import msgspec

from duologue.adapters.language_model.bedrock_client import BedrockClient, open_client
from duologue.adapters.language_model.vendor_answers import Answer, Leniency, bound_answer
from duologue.adapters.language_model.vendor_failures import list_texts
from duologue.adapters.language_model.vendor_options import VendorOptions, read_vendor_options
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.core.values import OpenData
from duologue.ports.language_model import (
    AnswerEnd,
    LanguageModel,
    ModelRequest,
    ModelUsage,
    TextPiece,
    read_answer,
)

_FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
}
_CACHE_MARK = "cachePoint"
_DISPENSABLE = {
    "outputConfig": ("output config", "textformat", "json_schema", "schema", "structured output"),
    "additionalModelRequestFields": ("additional", "extraneous"),
    _CACHE_MARK: ("caching", "cache"),
}
_PROBE = ModelRequest(prefix="", prompt="Say OK.", max_tokens=16)


def open_model(options: Mapping[str, object]) -> LanguageModel:
    """The model that a model group describes.

    Raises:
        DefinitionError: the SDK is not installed, or an option cannot be read.
    """
    read = read_vendor_options(options, provider="bedrock")
    client, extra = open_client(read)
    return BedrockLanguageModel(read, extra, client)


class BedrockLanguageModel:
    """One model, or inference profile, of Bedrock."""

    def __init__(self, options: VendorOptions, extra: OpenData, client: BedrockClient) -> None:
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

    async def check(self) -> None:
        # The API of models is another service, for which the same credentials often have no right.
        await read_answer(self, _PROBE)

    async def close(self) -> None:
        await self._client.close()

    async def _answer(self, request: ModelRequest) -> Answer:
        stream = await self._begin(request)
        finish_reason, usage = "", ModelUsage()
        try:
            async for event in stream:
                match event:
                    case {"contentBlockDelta": {"delta": {"text": str(text)}}} if text:
                        yield TextPiece(text=text)
                    case {"messageStop": {"stopReason": str(reason)}}:
                        finish_reason = _FINISH_REASONS.get(reason, reason)
                    case {"metadata": {"usage": counts}}:
                        usage = _count(counts)
                    case _:
                        pass
        except Exception as error:
            raise self._explain_break(error, request) from error
        finally:
            stream.close()
        if finish_reason:
            yield AnswerEnd(model=self._options.model, usage=usage, finish_reason=finish_reason)

    async def _begin(self, request: ModelRequest) -> Any:  # the SDK's events
        from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

        client = await self._client.get()
        while True:
            body = self._leniency.strip(self._build(request))
            try:
                return (await client.converse_stream(**_to_call(body)))["stream"]
            except ClientError as error:
                answer: Any = error.response
                is_refused = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") in (400, 403)
                if not (is_refused and self._leniency.learn(body, str(error))):
                    raise

    def _build(self, request: ModelRequest) -> OpenData:
        options = self._options
        extra = {**self._extra}
        stop = extra.pop("stop", None)
        temperature = options.temperature if request.temperature is None else request.temperature
        limits = {
            "maxTokens": request.max_tokens or options.max_tokens,
            "temperature": temperature,
            "topP": extra.pop("top_p", None),
            "stopSequences": [stop] if isinstance(stop, str) else stop,
        }
        body: OpenData = {
            "modelId": options.model,
            "messages": [{"role": "user", "content": [{"text": request.prompt}]}],
            "inferenceConfig": {name: value for name, value in limits.items() if value is not None},
        }
        if request.prefix:
            body["system"] = [{"text": request.prefix}]
            if _keeps_prefixes(options.model):
                body[_CACHE_MARK] = {"type": "default"}
        if request.schema is not None:
            schema = {"name": "answer", "schema": msgspec.json.encode(request.schema).decode()}
            body["outputConfig"] = {
                "textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}
            }
        if extra:
            body["additionalModelRequestFields"] = extra
        return body

    def _explain_break(self, error: Exception, request: ModelRequest) -> Exception:
        """The error as ours; the driver forgets what it has read when the connection fails, so we cannot tell."""
        explained = self._explain(error, request)
        if explained is None:
            return error
        is_gone = explained.reason is ModelFailure.UNAVAILABLE
        return self._client.vendor.fail_in_the_middle(error) if is_gone else explained

    def _explain(self, error: Exception, request: ModelRequest) -> LanguageModelError | None:
        return self._client.explain(error, list_texts(request))


def _keeps_prefixes(model: str) -> bool:
    return "claude" in model or "nova" in model


def _to_call(body: OpenData) -> OpenData:
    """The arguments of the call: the mark that keeps the prefix stands behind it."""
    call = {**body}
    mark = call.pop(_CACHE_MARK, None)
    if mark and "system" in call:
        call["system"] = [*call["system"], {_CACHE_MARK: mark}]
    return call


def _count(counts: Mapping[str, int]) -> ModelUsage:
    cached = counts.get("cacheReadInputTokens", 0)
    written = counts.get("cacheWriteInputTokens", 0)
    return ModelUsage(
        input_tokens=counts.get("inputTokens", 0) + cached + written,
        cached_tokens=cached,
        output_tokens=counts.get("outputTokens", 0),
    )
