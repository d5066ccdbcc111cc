"""Embedders for tests, without a model."""

from collections.abc import Sequence

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.embedder import TextRole, Vector

THINGS = (("price", "fee", "cost", "cents", "euro"), ("open", "hour", "shut"), ("loan", "borrow"))


class ThingEmbedder:
    """Texts about the same things are near one another, whatever words they use."""

    name = "things"

    def __init__(self) -> None:
        self.is_broken = False
        self.calls: list[tuple[TextRole, int]] = []

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        self.calls.append((role, len(texts)))
        if self.is_broken:
            raise LanguageModelError("no", reason=ModelFailure.UNAVAILABLE, model=self.name)
        return [_embed(text.lower()) for text in texts]

    async def close(self) -> None: ...


def _embed(text: str) -> Vector:
    counts = [float(sum(text.count(word) for word in words)) for words in THINGS] + [0.1]
    length = sum(count * count for count in counts) ** 0.5
    return [count / length for count in counts]
