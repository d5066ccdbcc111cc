"""Language models and embedders by the names that a project gives them, opened when they are asked for."""

import asyncio
import random
from collections.abc import Mapping, Sequence

import msgspec

from duologue.adapters.embedder.router import RoutedEmbedder
from duologue.adapters.language_model.router import RoutedLanguageModel
from duologue.adapters.language_model.routing.attempts import Sleep
from duologue.core.errors import LanguageModelError
from duologue.core.values import OpenData
from duologue.ports.clock import Clock, SystemClock
from duologue.ports.embedder import Embedder
from duologue.ports.language_model import LanguageModel
from duologue.project.endpoints import ModelEntry, ModelGroup
from duologue.project.model_blocks import normalise_model
from duologue.project.problems import suggest_name
from duologue.runtime.model_opening import ModelOpening
from duologue.runtime.model_options import ModelNotUsableError, complete_options

DEFAULT_LANGUAGE_MODEL = ModelEntry(
    provider="openai", options={"model": "gpt-5.1-2025-11-13"}, place="config.yml"
)
"""What a project gets that has a command generator and names no model."""
DEFAULT_EMBEDDER = ModelEntry(
    provider="openai", options={"model": "text-embedding-3-large"}, place="config.yml"
)


class ModelGroups:
    """The models of a project. A group that nobody asks for is not opened."""

    def __init__(
        self,
        groups: Sequence[ModelGroup],
        variables: Mapping[str, str],
        *,
        file: str = "endpoints.yml",
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        """`variables` is the environment; `file` names the endpoints file in messages."""
        self._groups = {group.id: group for group in groups}
        self._variables = variables
        self._file = file
        self._opening = ModelOpening(
            variables, clock=clock or SystemClock(), sleep=sleep, chance=chance or random.Random()
        )
        self._language_models: dict[str, RoutedLanguageModel] = {}
        self._embedders: dict[str, RoutedEmbedder] = {}

    # ---------------------------------------------------------------- by name

    def require_language_model(self, group_id: str) -> LanguageModel:
        """The language model of a group; the same one for everybody who asks.

        Raises:
            ModelNotUsableError: there is no such group, or it cannot be used as it is written.
        """
        return self._open_language_model(self._require_group(group_id))

    def require_embedder(self, group_id: str) -> Embedder:
        """The embedder of a group; the same one for everybody who asks.

        Raises:
            ModelNotUsableError: there is no such group, or it cannot be used as it is written.
        """
        return self._open_embedder(self._require_group(group_id))

    def find_language_model(
        self, block: Mapping[str, object] | None, *, default: ModelEntry | None = DEFAULT_LANGUAGE_MODEL
    ) -> LanguageModel | None:
        """The model of an `llm` block: `{model_group: …}`, or the older `{provider, model, …}`.

        Without a block it is `default`; None if that has no key in the environment, or is None.

        Raises:
            ModelNotUsableError: the block names a model that cannot be used.
        """
        group = self._find_group(block, default)
        return None if group is None else self._open_language_model(group)

    def find_embedder(
        self, block: Mapping[str, object] | None, *, default: ModelEntry | None = None
    ) -> Embedder | None:
        """The embedder of an `embeddings` block, as `find_language_model`.

        Raises:
            ModelNotUsableError: the block names a model that cannot be used.
        """
        group = self._find_group(block, default)
        return None if group is None else self._open_embedder(group)

    # ---------------------------------------------------------------- for all of them

    def warm_up(self) -> None:
        """Import the SDKs of the models asked for so far; blocks, so call it in a thread.

        Raises:
            DefinitionError: a model cannot be opened as it is written.
        """
        self._opening.import_sdks()

    async def check_all(self) -> None:
        """Return if every model asked for so far answers.

        Raises:
            ModelNotUsableError: some do not; one sentence for each, on a line of its own.
        """
        checks = [
            *((name, model.check()) for name, model in self._language_models.items()),
            *((name, embedder.embed(["ok"], "query")) for name, embedder in self._embedders.items()),
        ]
        outcomes = await asyncio.gather(*(check for _, check in checks), return_exceptions=True)
        found: list[str] = []
        for (name, _), outcome in zip(checks, outcomes, strict=True):
            if isinstance(outcome, LanguageModelError):
                found.append(f"{self._describe_place(name)}: {outcome}")
            elif isinstance(outcome, BaseException):
                raise outcome
        if found:
            raise ModelNotUsableError("\n".join(found))

    async def close(self) -> None:
        """Let go of every connection."""
        for opened in (*self._language_models.values(), *self._embedders.values()):
            await opened.close()

    # ---------------------------------------------------------------- finding

    def _require_group(self, group_id: str) -> ModelGroup:
        group = self._groups.get(group_id)
        if group is None:
            hint = suggest_name(group_id, self._groups) or f"Add it under `model_groups` of {self._file}."
            raise ModelNotUsableError(f"There is no model group `{group_id}` in {self._file}. {hint}")
        return group

    def _find_group(
        self, block: Mapping[str, object] | None, default: ModelEntry | None
    ) -> ModelGroup | None:
        if block and block.get("model_group"):
            return self._require_group(str(block["model_group"]))
        if block:
            provider, options = normalise_model(block)
            if provider is None and "model" not in options:
                # Only limits, such as `timeout`: they apply to the default.
                return self._find_default(default, options)
            entry = ModelEntry(provider=provider or "openai", options=options, place="config.yml")
            return _to_group(entry)
        return self._find_default(default, {})

    def _find_default(self, default: ModelEntry | None, options: OpenData) -> ModelGroup | None:
        if default is None:
            return None
        try:
            complete_options(default, self._variables)
        except ModelNotUsableError:
            # Nobody asked for this model by name, so the assistant goes on without one.
            return None
        return _to_group(msgspec.structs.replace(default, options={**default.options, **options}))

    def _describe_place(self, group_id: str) -> str:
        group = self._groups.get(group_id)
        return f"{group.place}: the model group `{group_id}`" if group else "config.yml"

    # ---------------------------------------------------------------- opening

    def _open_language_model(self, group: ModelGroup) -> RoutedLanguageModel:
        if group.id not in self._language_models:
            self._language_models[group.id] = self._opening.open_language_model(group)
        return self._language_models[group.id]

    def _open_embedder(self, group: ModelGroup) -> RoutedEmbedder:
        if group.id not in self._embedders:
            self._embedders[group.id] = self._opening.open_embedder(group)
        return self._embedders[group.id]


def _to_group(entry: ModelEntry) -> ModelGroup:
    """A group of one, whose id is the same for the same options."""
    options = msgspec.json.encode(entry.options, order="deterministic").decode()
    return ModelGroup(id=f"{entry.provider} {options}", models=(entry,), place=entry.place)
