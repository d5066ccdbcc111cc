"""Keeps what language models were asked for one message, and what they said."""

from collections.abc import AsyncIterator
from contextvars import ContextVar

from duologue.ports.language_model import AnswerEnd, LanguageModel, ModelRequest, TextPiece
from duologue.testing.du.report import Prompt


class PromptLog:
    """Sees every request to the models that it wraps; those of different messages are kept apart."""

    def __init__(self) -> None:
        self._current: ContextVar[list[Prompt] | None] = ContextVar("prompts", default=None)

    def begin(self) -> None:
        """Start a message: what this task and those that it starts ask from now on belongs to it."""
        self._current.set([])

    def take(self) -> tuple[Prompt, ...]:
        """What was asked since `begin`."""
        prompts = self._current.get() or ()
        self._current.set(None)
        return tuple(prompts)

    def note(self, prompt: Prompt) -> None:
        prompts = self._current.get()
        if prompts is not None:
            prompts.append(prompt)

    def wrap(self, model: LanguageModel) -> LanguageModel:
        """The model, with everything that it is asked kept here."""
        return _LoggedModel(model, self)


class _LoggedModel:
    def __init__(self, model: LanguageModel, log: PromptLog) -> None:
        self._model = model
        self._log = log

    @property
    def name(self) -> str:
        return self._model.name

    async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        answer: list[str] = []
        failure: str | None = "The answer was not read to its end."
        stream = self._model.stream(request)
        try:
            async for item in stream:
                if isinstance(item, AnswerEnd):
                    failure = None
                else:
                    answer.append(item.text)
                yield item
        except Exception as error:
            failure = str(error)
            raise
        finally:
            self._log.note(
                Prompt(
                    model=self.name,
                    prefix=request.prefix,
                    prompt=request.prompt,
                    answer="".join(answer),
                    failure=failure,
                )
            )
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()

    async def check(self) -> None:
        await self._model.check()

    async def close(self) -> None:
        await self._model.close()
