"""The language models of a project, with something of a test's in front of each: a cassette, a log of prompts."""

from collections.abc import Callable
from typing import TypeAlias

from duologue.ports.embedder import Embedder
from duologue.ports.language_model import LanguageModel
from duologue.project.endpoints import ModelEntry
from duologue.project.model_blocks import normalise_model
from duologue.runtime.model_groups import DEFAULT_LANGUAGE_MODEL
from duologue.runtime.project_models import Block, ProjectModels
from duologue.testing.cassette import Cassette, CassetteLanguageModel
from duologue.testing.cassette_embedder import CassetteEmbedder

PROMPT_TIME = r"\b[A-Z][a-z]+day, \d{4}-\d\d-\d\d, \d\d:\d\d \([^()\n]+\)"
"""The time as our own prompts tell it, for the `masks` of a cassette: no message looks like it by chance."""

Wrap: TypeAlias = Callable[[LanguageModel], LanguageModel]


def wrap_models(
    models: ProjectModels, *, cassette: Cassette | None = None, wrap: Wrap | None = None
) -> ProjectModels:
    """The models of a project, each behind the cassette and then behind `wrap`.

    A cassette that replays opens no model, so that no key and no network is needed. Answers are recorded under the
    id of the model's group, or under its provider and name.
    """
    if cassette is not None:
        models = _RecordedModels(models, cassette)
    return models if wrap is None else _SeenModels(models, wrap)


class _RecordedModels:
    def __init__(self, models: ProjectModels, cassette: Cassette) -> None:
        self._models = models
        self._cassette = cassette

    @property
    def _is_replay(self) -> bool:
        return self._cassette.mode == "replay"

    def require_language_model(self, group_id: str) -> LanguageModel:
        model = None if self._is_replay else self._models.require_language_model(group_id)
        return CassetteLanguageModel(model, self._cassette, name=group_id)

    def find_language_model(
        self, block: Block, *, default: ModelEntry | None = DEFAULT_LANGUAGE_MODEL
    ) -> LanguageModel | None:
        name = _name_model(block, default)
        if self._is_replay:
            # Without a block there was a model only if its key was there when the answers were recorded.
            is_there = bool(block) or self._cassette.has_model(name)
            return CassetteLanguageModel(None, self._cassette, name=name) if is_there else None
        model = self._models.find_language_model(block, default=default)
        return None if model is None else CassetteLanguageModel(model, self._cassette, name=name)

    def require_embedder(self, group_id: str) -> Embedder:
        embedder = None if self._is_replay else self._models.require_embedder(group_id)
        return CassetteEmbedder(embedder, self._cassette, name=group_id)

    def find_embedder(self, block: Block, *, default: ModelEntry | None = None) -> Embedder | None:
        name = _name_model(block, default)
        if self._is_replay:
            is_there = bool(block) or default is not None
            return CassetteEmbedder(None, self._cassette, name=name) if is_there else None
        embedder = self._models.find_embedder(block, default=default)
        return None if embedder is None else CassetteEmbedder(embedder, self._cassette, name=name)

    def warm_up(self) -> None:
        if not self._is_replay:
            self._models.warm_up()

    async def check_all(self) -> None:
        if not self._is_replay:
            await self._models.check_all()

    async def close(self) -> None:
        """Write what was recorded, and let go of the models."""
        self._cassette.save()
        await self._models.close()


class _SeenModels:
    def __init__(self, models: ProjectModels, wrap: Wrap) -> None:
        self._models = models
        self._wrap = wrap

    def require_language_model(self, group_id: str) -> LanguageModel:
        return self._wrap(self._models.require_language_model(group_id))

    def find_language_model(
        self, block: Block, *, default: ModelEntry | None = DEFAULT_LANGUAGE_MODEL
    ) -> LanguageModel | None:
        model = self._models.find_language_model(block, default=default)
        return None if model is None else self._wrap(model)

    def require_embedder(self, group_id: str) -> Embedder:
        return self._models.require_embedder(group_id)

    def find_embedder(self, block: Block, *, default: ModelEntry | None = None) -> Embedder | None:
        return self._models.find_embedder(block, default=default)

    def warm_up(self) -> None:
        self._models.warm_up()

    async def check_all(self) -> None:
        await self._models.check_all()

    async def close(self) -> None:
        await self._models.close()


def _name_model(block: Block, default: ModelEntry | None) -> str:
    """A name without anything secret: the options of a model may hold its key."""
    if block and block.get("model_group"):
        return str(block["model_group"])
    provider, options = normalise_model(block or {})
    if default is not None and provider is None and "model" not in options:
        provider, options = default.provider, default.options
    named = options.get("deployment") or options.get("model") or "model"
    return f"{provider or 'openai'}/{named}"
