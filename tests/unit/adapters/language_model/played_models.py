"""Models that do what a test wants, and hands of a clock that a test turns."""

from collections.abc import AsyncIterator, Sequence

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.embedder import TextRole, Vector
from duologue.ports.language_model import AnswerEnd, ModelRequest, ModelUsage, TextPiece

REQUEST = ModelRequest(prefix="prefix", prompt="prompt", timeout=10.0)


class TurnedClock:
    """A clock that only a test, or somebody who sleeps by it, moves."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.naps: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds


class Cut:
    """An answer that gives some text and then ends without its end."""


def fail(
    reason: ModelFailure = ModelFailure.UNAVAILABLE, retry_after: float | None = None
) -> LanguageModelError:
    return LanguageModelError(f"It is {reason}.", reason=reason, model="played", retry_after=retry_after)


class PlayedModel:
    """Answers, or fails, in turn; the last thing goes on for ever."""

    def __init__(
        self,
        name: str,
        clock: TurnedClock,
        *script: str | LanguageModelError | type[Cut],
        seconds: float = 0.0,
        tokens: int = 10,
    ) -> None:
        self.name = name
        self.clock = clock
        self.script = [*script] or [name]
        self.seconds = seconds
        self.tokens = tokens
        self.requests: list[ModelRequest] = []
        self.is_closed = False

    async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        step = self._take(request)
        if step is Cut:
            yield TextPiece(text="half")
            return
        yield TextPiece(text=str(step))
        usage = ModelUsage(input_tokens=self.tokens)
        yield AnswerEnd(model=self.name, usage=usage)

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        self._take(ModelRequest(prefix=role, prompt=" ".join(texts)))
        return [[1.0] for _ in texts]

    async def check(self) -> None:
        self._take(REQUEST)

    async def close(self) -> None:
        self.is_closed = True

    def _take(self, request: ModelRequest) -> object:
        self.requests.append(request)
        self.clock.time += self.seconds
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, LanguageModelError):
            raise step
        return step
