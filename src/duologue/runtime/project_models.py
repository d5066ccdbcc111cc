"""What those who need a language model ask the models of a project for."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from duologue.ports.embedder import Embedder
from duologue.ports.language_model import LanguageModel
from duologue.project.endpoints import ModelEntry
from duologue.runtime.model_groups import DEFAULT_LANGUAGE_MODEL, ModelGroups

Block: TypeAlias = Mapping[str, object] | None
"""An `llm` or `embeddings` block of a project: `{model_group: …}`, a model written out, or none."""


class ProjectModels(Protocol):
    """What `ModelGroups` offers to those who ask for models."""

    def require_language_model(self, group_id: str) -> LanguageModel: ...

    def require_embedder(self, group_id: str) -> Embedder: ...

    def find_language_model(
        self, block: Block, *, default: ModelEntry | None = DEFAULT_LANGUAGE_MODEL
    ) -> LanguageModel | None: ...

    def find_embedder(self, block: Block, *, default: ModelEntry | None = None) -> Embedder | None: ...

    def warm_up(self) -> None: ...

    async def check_all(self) -> None: ...

    async def close(self) -> None: ...


WrapModels: TypeAlias = Callable[[ModelGroups], ProjectModels]
"""Puts something in front of the models, such as a recording."""
