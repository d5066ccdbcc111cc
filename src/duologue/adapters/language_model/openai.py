"""Models of OpenAI, and of every server that speaks its API."""

import asyncio
import difflib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeVar

import msgspec
import openai
from openai import AsyncAPIResponse, AsyncOpenAI

from duologue.adapters.language_model.openai_answer import AnswerReader, read_body, read_events
from duologue.adapters.language_model.openai_client import build_client
from duologue.adapters.language_model.openai_errors import (
    EXPECTED_ERRORS,
    Caller,
    explain_error,
    find_message,
)
from duologue.adapters.language_model.openai_options import (
    ModelOptions,
    OpenAiOptions,
    read_options,
    require_api_base,
)
from duologue.adapters.language_model.openai_parameters import (
    SYSTEM_MESSAGE,
    Parameters,
    find_known_effort,
    find_refused,
)
from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.core.values import OpenData
from duologue.ports.language_model import AnswerEnd, LanguageModel, ModelRequest, TextPiece
from duologue.wire.members import is_list

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_WAIT_FOR_THE_BILL = 1.0
"""Seconds to wait for the usage once the answer is whole."""
_MOST_REFUSALS = 6
_PROBE = ModelRequest(prefix="", prompt="Say OK.", max_tokens=16)
_NAMES_TO_SHOW = 5
# Elsewhere anybody may read the list of models, so that it says nothing about the key.
_WITH_PRIVATE_LISTS = frozenset({"openai", "mistral", "groq", "deepseek", "xai", "cerebras"})


def open_model(options: ModelOptions) -> LanguageModel:
    """The model that a model group describes.

    Raises:
        DefinitionError: an option is missing or cannot be read.
    """
    read = read_options(options)
    if not read.model and read.provider == "huggingface" and read.api_base:
        # An endpoint of one's own serves one model and goes by the name of its server.
        read = msgspec.structs.replace(read, model="tgi")
    if not read.model:
        raise DefinitionError(f"A model of provider {read.provider!r} has no `model`: name the one to use.")
    address = require_api_base(read)
    client = build_client(read, address=address, bearer=read.api_key)
    caller = Caller(name=f"{read.provider}/{read.model}", address=address, api_key=read.api_key)
    return OpenAiLanguageModel(read, client=client, caller=caller)


class OpenAiLanguageModel:
    """One model behind an API like OpenAI's."""

    def __init__(
        self,
        options: OpenAiOptions,
        *,
        client: AsyncOpenAI,
        caller: Caller,
        close_credential: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._options = options
        self._client = client
        self._close_credential = close_credential
        self._parameters = Parameters(options)
        # The SDK loads each of its parts on first use; that must not be the first user's wait.
        self._chat = client.chat.completions.with_streaming_response
        self._plain = client.completions.with_streaming_response
        self._caller = caller
        self._model = options.model
        """What answers; learned from the first answer where the project does not say it."""

    @property
    def name(self) -> str:
        return self._caller.name

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextPiece | AnswerEnd]:
        """See `LanguageModel.stream`; the time limit is that of the whole answer."""
        limit = request.timeout or self._options.timeout
        clock = asyncio.get_running_loop().time
        deadline = clock() + limit
        reader = AnswerReader(caller=self._caller, model=self._model or self._options.deployment)
        response = await self._begin(request, limit=limit, deadline=deadline)
        texts = _read_texts(response, reader, self._caller)
        try:
            until = deadline
            while True:
                try:
                    text = await _wait(anext(texts, None), until)
                except TimeoutError:
                    if reader.is_finished:
                        break
                    raise self._caller.fail_by_time(limit) from None
                if text is None:
                    break
                if text:
                    yield TextPiece(text=text)
                if reader.is_finished and until == deadline:
                    until = min(deadline, clock() + _WAIT_FOR_THE_BILL)
        except EXPECTED_ERRORS as error:
            # What fails after the answer is whole takes nothing from it.
            if not reader.is_finished:
                raise self._explain(error, request, has_begun=True) from None
        finally:
            await texts.aclose()
            await response.close()
        if not reader.is_finished:
            what = f"at {self._caller.place} ended its answer in the middle."
            raise self._caller.fail(ModelFailure.BROKEN_OFF, what)
        self._model = self._model or reader.model
        yield reader.end

    async def check(self) -> None:
        """See `LanguageModel.check`: the list of models where that is enough, else the shortest answer there is."""
        listed = await self._list_models()
        if self._options.model in listed and self._options.provider in _WITH_PRIVATE_LISTS:
            return
        try:
            async for _ in self.stream(_PROBE):
                pass
        except LanguageModelError as error:
            if error.reason is not ModelFailure.UNKNOWN_MODEL or not listed:
                raise
            raise LanguageModelError(
                f"{error} The server has {_name_nearest(self._options.model, listed)}.",
                reason=error.reason,
                model=error.model,
            ) from None

    async def close(self) -> None:
        await self._client.close()
        if self._close_credential is not None:
            await self._close_credential()

    async def _begin(
        self, request: ModelRequest, *, limit: float, deadline: float
    ) -> AsyncAPIResponse[Any]:  # the SDK's type of what it would have parsed; we read the bytes
        """The answer of a server that accepts the request, if need be without what it refuses."""
        refused, effort = self._parameters.refused, self._parameters.effort
        for _ in range(_MOST_REFUSALS):
            body = self._parameters.build(request, model=self._model, refused=refused, effort=effort)
            try:
                response = await _wait(self._send(request, body, refused), deadline)
            except TimeoutError:
                raise self._caller.fail_by_time(limit) from None
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                said = find_message(error)
                name = find_refused(body, said=said, field=error.param or "", code=error.code or "")
                if name is None or name in refused:
                    raise self._explain(error, request) from None
                known = find_known_effort(said) if name == "reasoning_effort" else None
                if known is not None and known != body[name]:
                    effort = known
                else:
                    effort = None if name == "reasoning_effort" else effort
                    refused |= {name}
            except EXPECTED_ERRORS as error:
                raise self._explain(error, request) from None
            else:
                self._remember(refused, effort)
                return response
        raise self._caller.fail(ModelFailure.BAD_REQUEST, "refuses one parameter after the other.")

    async def _send(
        self, request: ModelRequest, body: OpenData, refused: frozenset[str]
    ) -> AsyncAPIResponse[Any]:
        """The response as soon as its headers are there; the caller closes it."""
        model = self._options.deployment or self._options.model
        joined = f"{request.prefix}\n\n{request.prompt}" if request.prefix else request.prompt
        # Every parameter goes as `extra_body`, for projects may name more than the SDK knows.
        if not self._options.use_chat_completions_endpoint:
            return await self._plain.create(model=model, prompt=joined, extra_body=body).__aenter__()
        messages: list[Any] = [{"role": "user", "content": joined}]
        if request.prefix and SYSTEM_MESSAGE not in refused:
            messages = [
                {"role": "system", "content": request.prefix},
                {"role": "user", "content": request.prompt},
            ]
        return await self._chat.create(model=model, messages=messages, extra_body=body).__aenter__()

    def _remember(self, refused: frozenset[str], effort: str | None) -> None:
        new = refused - self._parameters.refused
        if new:
            _log.warning(
                "language_model.parameters_refused", extra={"model": self.name, "names": sorted(new)}
            )
        self._parameters.refused |= refused
        self._parameters.effort = effort

    def _explain(
        self, error: Exception, request: ModelRequest, *, has_begun: bool = False
    ) -> LanguageModelError:
        texts = (request.prompt, request.prefix)
        return explain_error(error, self._caller, texts=texts, has_begun=has_begun)

    async def _list_models(self) -> list[str]:
        """What the server says it has; nothing if it does not say.

        Raises:
            LanguageModelError: it cannot be reached, or refuses the key.
        """
        if self._options.deployment:
            return []
        deadline = asyncio.get_running_loop().time() + self._options.timeout
        try:
            page = await _wait(self._client.models.list(), deadline)
        except TimeoutError:
            raise self._caller.fail_by_time(self._options.timeout) from None
        except (openai.APIConnectionError, openai.AuthenticationError) as error:
            raise explain_error(error, self._caller) from None
        except EXPECTED_ERRORS:
            return []
        # The SDK believes whatever JSON it gets.
        found: Any = getattr(page, "data", None)
        return [str(getattr(model, "id", "")) for model in found] if is_list(found) else []


async def _wait(step: Awaitable[_Result], deadline: float) -> _Result:
    async with asyncio.timeout_at(deadline):
        return await step


async def _read_texts(
    response: AsyncAPIResponse[Any], reader: AnswerReader, caller: Caller
) -> AsyncGenerator[str]:
    """The texts of the response's events."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        what = f"is not at {caller.place}: a web page is; look at its `api_base`."
        raise caller.fail(ModelFailure.UNAVAILABLE, what)
    try:
        if kind == "application/json":
            yield reader.read_whole(await read_body(response.iter_bytes()))
            return
        async with aclosing(read_events(response.iter_bytes())) as events:
            async for event in events:
                yield reader.read(event)
    except ValueError as error:
        # No JSON, JSON of another form, or no end to it.
        if not reader.is_finished:
            what = f"at {caller.place} answers with something that is no answer of a language model."
            raise caller.fail(ModelFailure.BROKEN_OFF, what) from error


def _name_nearest(model: str, listed: list[str]) -> str:
    near = difflib.get_close_matches(model, listed, n=_NAMES_TO_SHOW, cutoff=0.4) or sorted(listed)
    shown = ", ".join(near[:_NAMES_TO_SHOW])
    return (
        shown
        if len(listed) <= _NAMES_TO_SHOW
        else f"{shown} and {len(listed) - len(near[:_NAMES_TO_SHOW])} more"
    )
