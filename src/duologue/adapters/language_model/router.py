"""Several language models as one: retries, cool-downs, and a strategy that chooses."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from duologue.adapters.language_model.routing.attempts import Attempt, Attempts, Sleep, time_out
from duologue.adapters.language_model.routing.replicas import Replicas
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import AnswerEnd, LanguageModel, ModelRequest, TextPiece


class RoutedLanguageModel:
    """A group of models behind the one port. A lone model gains its retries and its fuse."""

    def __init__(
        self,
        name: str,
        replicas: Replicas[LanguageModel],
        *,
        timeout: float | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`timeout` bounds a request that names no bound of its own, retries included."""
        self._name = name
        self._replicas = replicas
        self._timeout = timeout
        self._sleep = sleep

    @property
    def name(self) -> str:
        return self._name

    async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        timeout = self._timeout if request.timeout is None else request.timeout
        attempts = Attempts(self._replicas, name=self._name, timeout=timeout, sleep=self._sleep)
        while True:
            attempt = await attempts.begin()
            has_text = False
            try:
                async for item in self._ask(attempt, request):
                    if isinstance(item, AnswerEnd):
                        await attempts.succeed(
                            attempt, tokens=item.usage.input_tokens + item.usage.output_tokens
                        )
                        yield item
                        return
                    has_text = has_text or bool(item.text)
                    yield item
            except LanguageModelError as error:
                attempts.fail(attempt, error)
                # What was given cannot be taken back, and another answer would not continue it.
                if has_text:
                    raise
            finally:
                attempts.leave(attempt, is_answering=has_text)

    async def _ask(
        self, attempt: Attempt[LanguageModel], request: ModelRequest
    ) -> AsyncGenerator[TextPiece | AnswerEnd]:
        """One model's answer, ended in time even if the model does not keep to it."""
        stream = attempt.model.stream(msgspec.structs.replace(request, timeout=attempt.timeout))
        limit = attempt.patience
        try:
            while True:
                async with asyncio.timeout(self._count_down(attempt.started, limit)):
                    item = await anext(stream, None)
                if item is None:
                    raise _broken_off(attempt.model.name)
                limit = attempt.timeout
                yield item
        except TimeoutError:
            raise time_out(attempt.model.name) from None
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()

    def _count_down(self, started: float, limit: float | None) -> float | None:
        """Seconds that are left."""
        return None if limit is None else max(0.0, limit - (self._replicas.clock.monotonic() - started))

    async def check(self) -> None:
        """Return if every model of the group answers."""
        checks = (model.check() for model in self._replicas.models)
        for outcome in await asyncio.gather(*checks, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def close(self) -> None:
        for model in self._replicas.models:
            await model.close()
        await self._replicas.close()


def _broken_off(name: str) -> LanguageModelError:
    return LanguageModelError(f"The answer of {name} broke off.", reason=ModelFailure.BROKEN_OFF, model=name)
