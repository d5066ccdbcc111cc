"""Sentences become vectors; near in meaning is near in direction."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

Vector: TypeAlias = Sequence[float]
"""One sentence's direction, of length 1."""
TextRole: TypeAlias = Literal["query", "passage"]
"""What a user says, or what it is compared with; some models read the two differently."""


class Embedder(Protocol):
    """Embeds sentences. Safe to use from many tasks at once."""

    @property
    def name(self) -> str:
        """Tells its vectors from those of every other embedder; part of the key under which they are cached."""
        ...

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        """One vector of length 1 for each text, in order, all of the same dimension.

        Raises:
            LanguageModelError: a remote model failed; `reason` says why.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
