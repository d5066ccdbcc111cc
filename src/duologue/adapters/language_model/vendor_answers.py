"""A vendor's answer, ended in time, with the vendor's errors as ours."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from typing import TypeAlias

from duologue.adapters.language_model.vendor_failures import Vendor
from duologue.core.errors import LanguageModelError
from duologue.core.values import OpenData
from duologue.ports.language_model import AnswerEnd, TextPiece

Answer: TypeAlias = AsyncGenerator[TextPiece | AnswerEnd]
Explain: TypeAlias = Callable[[Exception], LanguageModelError | None]
"""Our error for one of the SDK's that comes before the answer has begun; None if it is a bug and no failure."""

DEFAULT_TIMEOUT = 7.0
"""Seconds for a whole answer."""


async def bound_answer(answer: Answer, *, limit: float, vendor: Vendor, explain: Explain) -> Answer:
    """The answer, or a `LanguageModelError` after `limit` seconds or when the SDK fails."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + limit
    has_begun = False
    try:
        while True:
            item = await _wait(answer, deadline)
            # A flood never waits, so nothing would interrupt it.
            if clock() > deadline:
                raise _OutOfTimeError
            if item is None:
                raise vendor.fail_in_the_middle()
            has_begun = True
            yield item
            if isinstance(item, AnswerEnd):
                return
    except LanguageModelError:
        raise
    except _OutOfTimeError:
        raise vendor.fail_by_time(limit) from None
    except Exception as error:
        explained = explain(error)
        if explained is None:
            raise
        raise (vendor.fail_in_the_middle(error) if has_begun else explained) from error
    finally:
        await answer.aclose()


class _OutOfTimeError(Exception):
    """The limit is reached; SDKs raise `TimeoutError` for reasons of their own."""


async def _wait(answer: Answer, deadline: float) -> TextPiece | AnswerEnd | None:
    scope = asyncio.timeout_at(deadline)
    try:
        async with scope:
            return await anext(answer, None)
    except TimeoutError:
        if scope.expired():
            raise _OutOfTimeError from None
        raise


class Leniency:
    """Leaves out of requests what a model has refused before: an answer is worth more than any of it."""

    def __init__(self, dispensable: Mapping[str, Iterable[str]]) -> None:
        """Of each parameter that an answer can do without, the words by which a refusal names it."""
        self._dispensable = {name: (name, *words) for name, words in dispensable.items()}
        self._refused: set[str] = set()

    def strip(self, body: OpenData) -> OpenData:
        return {name: value for name, value in body.items() if name not in self._refused}

    def learn(self, body: Mapping[str, object], said: str) -> bool:
        """Note what the refusal names; false if it names nothing that the body had and can do without."""
        text = said.casefold()
        for name, words in self._dispensable.items():
            if name in body and name not in self._refused and any(word in text for word in words):
                self._refused.add(name)
                return True
        return False
