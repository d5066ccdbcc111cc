"""Where questions of knowledge are answered from."""

from typing import Protocol

import msgspec

from duologue.core.state import Line
from duologue.core.values import SlotValue


class KnowledgeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A question, and what was said before it."""

    question: str
    earlier: tuple[Line, ...] = ()
    """The conversation up to the question, the latest line last."""
    slots: dict[str, SlotValue] = {}
    """Slots of the project that are set."""


class KnowledgeReply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, and what it was made from."""

    text: str
    sources: tuple[str, ...] = ()
    """Names of the documents that the answer rests on, each once."""
    search_query: str = ""
    """What was searched with."""
    search_results: tuple[str, ...] = ()
    """The passages that were found, the best first."""


class KnowledgeSource(Protocol):
    """Answers questions. Safe to use from many tasks at once."""

    async def answer(self, query: KnowledgeQuery) -> KnowledgeReply | None:
        """The answer, or None where the source knows none.

        An answer of a language model that fails is made without it; the caller never waits without bound.
        """
        ...

    async def close(self) -> None:
        """Stop what still runs in the background; models belong to whoever gave them."""
        ...
