"""What answers questions of knowledge, wired: the project's documents, and the models that the policy names."""

import asyncio
import logging
from collections.abc import Sequence

from duologue.core.errors import DefinitionError
from duologue.knowledge.generation import AnswerGenerator
from duologue.knowledge.passage_vectors import PassageVectors
from duologue.knowledge.searcher import KnowledgeSearcher
from duologue.ports.embedder import Embedder
from duologue.ports.language_model import LanguageModel
from duologue.project.definition import AssistantDefinition
from duologue.project.documents import find_search_policy
from duologue.project.endpoints import ModelEntry, ModelGroup
from duologue.runtime.model_groups import ModelGroups
from duologue.runtime.model_options import ModelNotUsableError
from duologue.runtime.project_models import Block, ProjectModels, WrapModels
from duologue.runtime.settings import Settings

DEFAULT_MODEL = ModelEntry(provider="openai", options={"model": "gpt-5-mini-2025-08-07"}, place="config.yml")
"""What a project gets whose policy names no model, if there is a key for it."""

_log = logging.getLogger(__name__)


class OpenKnowledge:
    """What answers questions, and the models behind it."""

    def __init__(self, source: KnowledgeSearcher | None, models: ProjectModels | None = None) -> None:
        self.source = source
        """None if the project has nothing to answer questions from."""
        self._models = models
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Index the documents beside the start of the server, so that neither waits for the other."""
        if self.source is not None:
            self._task = asyncio.create_task(self._get_ready(self.source))

    async def _get_ready(self, source: KnowledgeSearcher) -> None:
        if self._models is not None:
            try:
                await asyncio.to_thread(self._models.warm_up)
            except DefinitionError as error:
                _log.warning("knowledge.model_not_ready", extra={"reason": str(error)})
        await source.prepare()

    async def close(self) -> None:
        """Stop what still runs, and let go of the models."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.source is not None:
            await self.source.close()
        if self._models is not None:
            await self._models.close()


async def open_project_knowledge(
    definition: AssistantDefinition,
    groups: Sequence[ModelGroup],
    settings: Settings,
    *,
    endpoints_file: str = "endpoints.yml",
    wrap_models: WrapModels | None = None,
) -> OpenKnowledge:
    """What answers from the project's documents, with the models that its policy names.

    Raises:
        DefinitionError: the settings ask for a check, and a model cannot be used or does not answer.
    """
    if find_search_policy(definition.config) is None or not definition.documents:
        return OpenKnowledge(None)
    if not settings.use_language_models:
        return OpenKnowledge(open_knowledge(definition))
    groups_of_project = ModelGroups(groups, settings.variables, file=endpoints_file)
    models = wrap_models(groups_of_project) if wrap_models is not None else groups_of_project
    source = open_knowledge(definition, models, has_to_work=settings.check_language_models)
    if settings.check_language_models:
        try:
            await models.check_all()
        except BaseException:
            await models.close()
            raise
    return OpenKnowledge(source, models)


def open_knowledge(
    definition: AssistantDefinition, models: ProjectModels | None = None, *, has_to_work: bool = False
) -> KnowledgeSearcher | None:
    """What answers from the project's documents; None if no policy searches them, or there are none.

    A model that cannot be used as it is written is told in one sentence, and the documents' own words are the answer.

    Raises:
        ModelNotUsableError: a model `has_to_work`, and cannot be used.
    """
    found = find_search_policy(definition.config)
    if found is None or not definition.documents:
        return None
    _, options = found
    model = embedder = None
    if models is not None:
        finder = _ModelFinder(models, has_to_work)
        model = finder.find_language_model(options.llm or None) if options.use_generative_llm else None
        embedder = finder.find_embedder(options.embeddings) if options.embeddings else None
    template = definition.prompt_templates.get(options.template_path or "")
    return KnowledgeSearcher(
        definition.documents,
        (definition.config.language, *definition.config.additional_languages),
        options,
        generator=AnswerGenerator(model, options, template=template) if model is not None else None,
        vectors=PassageVectors(embedder) if embedder is not None else None,
    )


class _ModelFinder:
    """Finds models; one that cannot be used is told, or raised where it has to work."""

    def __init__(self, models: ProjectModels, has_to_work: bool) -> None:
        self._models = models
        self._has_to_work = has_to_work

    def find_language_model(self, block: Block) -> LanguageModel | None:
        try:
            return self._models.find_language_model(block, default=DEFAULT_MODEL)
        except ModelNotUsableError as error:
            return self._do_without(error)

    def find_embedder(self, block: Block) -> Embedder | None:
        try:
            return self._models.find_embedder(block)
        except ModelNotUsableError as error:
            return self._do_without(error)

    def _do_without(self, error: ModelNotUsableError) -> None:
        if self._has_to_work:
            raise error
        _log.warning("knowledge.model_not_usable", extra={"reason": str(error)})
