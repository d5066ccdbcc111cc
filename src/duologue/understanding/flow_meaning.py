"""What flows mean: their names, descriptions and examples as vectors, to compare a message with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from duologue.understanding.flow_description import read_description
from duologue.understanding.flow_index import FlowText
from duologue.understanding.lexicon.background import BACKGROUND, SMALL_TALK
from duologue.understanding.lexicon.function_words import DESCRIPTION_WORDS
from duologue.understanding.text_features import split_identifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

_NAME, _DESCRIPTION, _WHOLE, _EXAMPLE, _DETAIL = range(5)
_MOST_EXAMPLES = 60


class Place(NamedTuple):
    """One text of a flow."""

    flow: int
    kind: int
    text: str


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """How alike one message and every flow are; one number for each flow, 0 where the flow has no such text."""

    name: Matrix
    description: Matrix
    whole: Matrix
    example: Matrix
    detail: Matrix
    """Likeness to the nearest thing it asks for."""
    examples: Matrix
    """Likeness to the middle of its examples."""
    usual: float
    """How alike the message is to what has nothing to do with it: texts of quite other flows."""
    background: float
    """How alike it is to the nearest of those other flows."""
    small_talk: float
    """How alike it is to the nearest piece of small talk."""
    known: bool
    """Whether there was anything to compare."""

    @property
    def best(self) -> Matrix:
        """The likeness to whatever is nearest of each flow."""
        import numpy as np

        return np.maximum.reduce([self.name, self.description, self.whole, self.example])

    def nearest(self, count: int) -> list[int]:
        """The flows nearest in meaning, as far as they are nearer than what has nothing to do with the message."""
        import numpy as np

        best = self.best
        order = np.argsort(-best, kind="stable")[:count]
        return [int(number) for number in order if best[number] > self.usual]


class FlowMeaning:
    """The vectors of all flows' texts."""

    def __init__(
        self, places: Sequence[Place], vectors: Matrix, background: Matrix, small_talk: Matrix, flows: int
    ) -> None:
        import numpy as np

        self._flows = flows
        self._vectors = vectors
        self._owners = [
            np.array([p.flow for p in places if p.kind == kind], dtype=np.intp) for kind in range(5)
        ]
        self._rows = [
            np.array([row for row, p in enumerate(places) if p.kind == kind], dtype=np.intp)
            for kind in range(5)
        ]
        self._background = background
        self._small_talk = small_talk
        self._centres = self._find_centres()

    @classmethod
    def build(
        cls, entries: Sequence[FlowText], languages: tuple[str, ...], embed: Callable[[Sequence[str]], Matrix]
    ) -> FlowMeaning:
        """Embed every text of every flow."""
        places = list(list_places(entries, languages))
        return cls.from_vectors(places, embed(list_texts(places)), len(entries))

    @classmethod
    def from_vectors(cls, places: Sequence[Place], vectors: Matrix, flows: int) -> FlowMeaning:
        """`vectors` stand in the order of `list_texts`."""
        ends = len(places), len(places) + len(BACKGROUND)
        return cls(places, vectors[: ends[0]], vectors[ends[0] : ends[1]], vectors[ends[1] :], flows)

    def compare(self, query: Matrix) -> Likeness:
        """Compare one message's vector with everything."""
        import numpy as np

        alike = self._vectors @ query
        background = self._background @ query
        by_kind = [self._best_by_flow(alike, kind) for kind in range(5)]
        return Likeness(
            name=by_kind[_NAME],
            description=by_kind[_DESCRIPTION],
            whole=by_kind[_WHOLE],
            example=by_kind[_EXAMPLE],
            detail=by_kind[_DETAIL],
            examples=self._centres @ query,
            usual=float(np.mean(background)),
            background=float(np.max(background)),
            small_talk=float(np.max(self._small_talk @ query)),
            known=bool(query @ query > 0.5),
        )

    def _best_by_flow(self, alike: Matrix, kind: int) -> Matrix:
        import numpy as np

        best = np.zeros(self._flows, dtype=np.float32)
        np.maximum.at(best, self._owners[kind], alike[self._rows[kind]])
        return best

    def _find_centres(self) -> Matrix:
        import numpy as np

        centres = np.zeros((self._flows, self._vectors.shape[1]), dtype=np.float32)
        np.add.at(centres, self._owners[_EXAMPLE], self._vectors[self._rows[_EXAMPLE]])
        lengths = np.linalg.norm(centres, axis=1, keepdims=True)
        return (centres / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def list_places(entries: Sequence[FlowText], languages: tuple[str, ...]) -> Iterator[Place]:
    """Every text by which a flow can be found, in the order of the flows."""
    ignored = frozenset[str]().union(
        *(DESCRIPTION_WORDS.get(language, frozenset[str]()) for language in languages)
    )
    for number, entry in enumerate(entries):
        spoken_id = " ".join(split_identifier(entry.flow_id))
        wordings = [(entry.name or spoken_id, entry.description, entry.examples)]
        wordings += [(each.name, each.description, each.examples) for each in entry.translations]
        for name, description, examples in wordings:
            parts = read_description(description)
            purpose = " ".join(
                word for word in parts.positive.split() if word.strip(".,:;!?()").lower() not in ignored
            )
            spoken = " ".join(split_identifier(name)) if "_" in name or "-" in name else name
            if spoken:
                yield Place(number, _NAME, spoken)
            if purpose:
                yield Place(number, _DESCRIPTION, purpose)
            if spoken or purpose:
                yield Place(number, _WHOLE, f"{spoken}. {purpose}" if purpose else spoken)
            for example in (*examples, *parts.phrases)[:_MOST_EXAMPLES]:
                yield Place(number, _EXAMPLE, example)
        for detail in entry.details:
            yield Place(number, _DETAIL, detail)


def list_texts(places: Sequence[Place]) -> list[str]:
    """Everything to embed: the places' texts, then what has nothing to do with any flow."""
    return [*(place.text for place in places), *BACKGROUND, *SMALL_TALK]


def as_matrix(vectors: Sequence[Sequence[float]]) -> Matrix:
    """An embedder's vectors for counting with."""
    import numpy as np

    return np.asarray(vectors, dtype=np.float32)
