"""What a component of the trained pipeline is; an author's own one, named by its dotted path, is the same."""

from collections.abc import Mapping, Sequence
from typing import Protocol, Self, runtime_checkable

import msgspec

from duologue.core.values import OpenData
from duologue.ports.sentence_encoder import SentenceEncoder
from duologue.understanding.nlu.message import NluMessage, TrainingExample


class NluResources(msgspec.Struct, frozen=True, kw_only=True):
    """What components of one pipeline have in common."""

    language: str = "en"
    encoder: SentenceEncoder | None = None
    """Turns sentences into vectors; None if the pipeline asks for none, or none is installed."""
    synonyms: Mapping[str, str] = {}
    """Spelling to canonical value."""
    lookups: Mapping[str, tuple[str, ...]] = {}
    regexes: Mapping[str, tuple[str, ...]] = {}
    responses: Mapping[str, tuple[OpenData, ...]] = {}
    """Texts of the retrieval responses, by `<intent>/<key>`."""
    entity_names: tuple[str, ...] = ()
    """Entities that the domain declares."""
    threads: int = 1
    """How many threads training may use."""
    duckling_url: str | None = None
    """Where a Duckling server is, whatever the options of `DucklingEntityExtractor` say."""


class NluComponent(Protocol):
    """One step of a pipeline. After training it is not changed, and is safe to use from several threads."""

    @classmethod
    def create(cls, options: OpenData, resources: NluResources) -> Self:
        """A component with the options of `config.yml` (without `name`), not trained yet.

        Raises:
            DefinitionError: an option cannot be used, or a library is missing; says what and how to mend it.
        """
        ...

    def process(self, message: NluMessage) -> None:
        """Add what it finds to the message. Never raises for anything a user can write."""
        ...


@runtime_checkable
class TrainableComponent(Protocol):
    """A component that learns; one that does not leaves these three out."""

    def train(self, examples: Sequence[TrainingExample]) -> None:
        """Learn; the same examples in the same order always teach the same."""
        ...

    def dump(self) -> Mapping[str, bytes]:
        """What it has learned, as files by name; no pickles. The same for the same training."""
        ...

    def restore(self, files: Mapping[str, bytes]) -> None:
        """Become what was dumped."""
        ...
