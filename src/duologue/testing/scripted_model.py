"""A language model that answers as a test tells it to, and remembers what it was asked."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeAlias

from duologue.core.errors import LanguageModelError
from duologue.ports.language_model import AnswerEnd, ModelAnswer, ModelRequest, ModelUsage, TextPiece

Told: TypeAlias = str | ModelAnswer | LanguageModelError
"""A text, a whole answer with its usage, or the error to raise; an answer that is cut off ends without an end."""
ScriptedAnswer: TypeAlias = Told | Callable[[ModelRequest], Told]
"""What the model says to one request; a function computes it from the request."""

_PIECE = re.compile(r"\S+\s*|\s+")
_CHARACTERS_PER_TOKEN = 4


class ScriptedLanguageModel:
    """A `LanguageModel` that gives the answers of the script, in order. The script must be used up.

    A request that the script does not foresee is an error, so that no test reaches a real model: see
    `assert_complete`. Tokens are counted roughly, and a prefix that was sent before counts as cached, as with a
    provider's prompt cache.
    """

    def __init__(self, *answers: ScriptedAnswer, name: str = "scripted/model") -> None:
        self._script = list(answers)
        self._unexpected: list[str] = []
        self._prefixes: set[str] = set()
        self._name = name
        self.requests: list[ModelRequest] = []
        """Every request it was asked, in order."""
        self.is_closed = False

    @property
    def name(self) -> str:
        return self._name

    def expect(self, *answers: ScriptedAnswer) -> None:
        """Append to the script."""
        self._script.extend(answers)

    async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        """The next answer of the script, a word at a time.

        Raises:
            LanguageModelError: the script says so.
            AssertionError: the script has no more; `assert_complete` says so too, if the error was swallowed.
        """
        told = self._take(request)
        if isinstance(told, LanguageModelError):
            raise told
        answer = ModelAnswer(text=told) if isinstance(told, str) else told
        usage = answer.usage if answer.usage != ModelUsage() else self._count(request, answer.text)
        self._prefixes.add(request.prefix)
        for piece in split_pieces(answer.text):
            yield TextPiece(text=piece)
        if not answer.is_cut_off:
            yield AnswerEnd(model=answer.model or self._name, usage=usage, finish_reason=answer.finish_reason)

    async def check(self) -> None:
        pass

    async def close(self) -> None:
        self.is_closed = True

    def assert_complete(self) -> None:
        """Raise `AssertionError` unless every answer was used and nothing else was asked."""
        assert not self._unexpected, (
            f"the model was asked what the script does not foresee: {self._unexpected}"
        )
        assert not self._script, f"{len(self._script)} answers were never asked for: {self._script}"

    def _take(self, request: ModelRequest) -> Told:
        self.requests.append(request)
        if not self._script:
            self._unexpected.append(request.prompt)
            raise AssertionError(f"the script has no answer left for {request.prompt!r}")
        answer = self._script.pop(0)
        return answer(request) if callable(answer) else answer

    def _count(self, request: ModelRequest, text: str) -> ModelUsage:
        prefix = count_tokens(request.prefix)
        return ModelUsage(
            input_tokens=prefix + count_tokens(request.prompt),
            cached_tokens=prefix if request.prefix in self._prefixes else 0,
            output_tokens=count_tokens(text),
        )


def split_pieces(text: str) -> Iterator[str]:
    """The text a word at a time, each with the white space behind it."""
    return (piece.group() for piece in _PIECE.finditer(text))


def count_tokens(text: str) -> int:
    """About as many tokens as a model would count: one for four characters."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)
