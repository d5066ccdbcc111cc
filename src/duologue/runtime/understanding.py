"""The ladder of an assistant, wired: what answers without a model, and the model that the project names."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from duologue.core.errors import DefinitionError, LanguageModelError
from duologue.core.generator_options import GeneratorOptions
from duologue.flows.flow import Flows
from duologue.ports.embedder import Embedder
from duologue.ports.language_model import LanguageModel
from duologue.project.definition import AssistantDefinition
from duologue.project.endpoints import ModelGroup
from duologue.runtime.model_groups import ModelGroups
from duologue.runtime.model_options import ModelNotUsableError
from duologue.runtime.project_models import ProjectModels, WrapModels
from duologue.runtime.settings import Settings
from duologue.understanding.answer_rung import AnswerRung, PayloadRung
from duologue.understanding.certain_rung import CertainRung
from duologue.understanding.flow_matcher import FlowMatcher
from duologue.understanding.flow_texts import build_matcher, list_wordings
from duologue.understanding.generators.model_rung import TIME_LIMIT, ModelRung
from duologue.understanding.generators.options import find_generator
from duologue.understanding.known_values import KnownValues
from duologue.understanding.ladder import Ladder, Rung
from duologue.understanding.local_rung import LocalRung

_SEARCH_POLICY = "EnterpriseSearchPolicy"
_CONSTRAINED_PROVIDERS = frozenset({"self-hosted", "ollama"})
"""Servers that hold a model to a schema at once; a provider that first compiles each new schema would cost seconds."""

_log = logging.getLogger(__name__)


class LocalParts:
    """What answers without a model; the pieces that the rungs of an assistant have in common."""

    def __init__(self, definition: AssistantDefinition, flows: Flows) -> None:
        config = definition.config
        self.languages = (config.language, *config.additional_languages)
        data = definition.training_data
        sentences = [(example.intent, example.text) for example in data.examples]
        self.matcher: FlowMatcher = build_matcher(flows, sentences, self.languages)
        self.local = LocalRung(
            matcher=self.matcher,
            wordings=list_wordings(flows, sentences),
            known_values=KnownValues.from_data(
                ((example.text, mark) for example in data.examples for mark in example.entities),
                data.lookups,
                data.synonyms,
            ),
            languages=self.languages,
            today=date.today,
            has_search=any(policy.name == _SEARCH_POLICY for policy in config.policies or ()),
        )

    def list_certain_rungs(self) -> tuple[Rung, ...]:
        """What is exact, and certain answers to the question just asked."""
        return (PayloadRung(), AnswerRung(self.languages, date.today))


def build_understander(definition: AssistantDefinition, flows: Flows) -> Ladder:
    """The ladder of an assistant without a language model: payloads, certain answers, the local understander."""
    parts = LocalParts(definition, flows)
    return Ladder((*parts.list_certain_rungs(), parts.local))


def build_ladder_with_model(
    definition: AssistantDefinition,
    flows: Flows,
    model: LanguageModel,
    options: GeneratorOptions | None = None,
    *,
    embedder: Embedder | None = None,
    vector_folder: Path | None = None,
    takes_schema: bool = False,
    time_limit: float = TIME_LIMIT,
) -> Ladder:
    """The ladder with a language model: asked where nothing is certain; where it fails, the local understander answers."""
    options = options or find_generator(definition.config.pipeline or ()) or GeneratorOptions()
    parts = LocalParts(definition, flows)
    rung = ModelRung(
        model,
        options,
        flows=flows,
        domain=definition.domain,
        ranker=parts.matcher,
        embedder=embedder,
        vector_folder=vector_folder,
        template=definition.prompt_templates.get(options.template_path or ""),
        takes_schema=takes_schema,
        time_limit=time_limit,
    )
    filters = (CertainRung(parts.local),) if options.minimize_num_calls else ()
    return Ladder((*parts.list_certain_rungs(), *filters, rung, parts.local))


class OpenUnderstanding:
    """The ladder of an assistant, and the language models behind it."""

    def __init__(self, ladder: Ladder, models: ProjectModels | None = None) -> None:
        self.ladder = ladder
        self._models = models
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Make the models ready beside the start of the server, so that neither waits for the other."""
        if self._models is not None:
            self._task = asyncio.create_task(self._get_ready(self._models))

    async def _get_ready(self, models: ProjectModels) -> None:
        try:
            await asyncio.to_thread(models.warm_up)
            await models.check_all()
        except (DefinitionError, LanguageModelError) as error:
            for sentence in str(error).splitlines():
                _log.warning("language_model.not_ready", extra={"reason": sentence})
        await self.ladder.prepare()

    async def close(self) -> None:
        """Let go of the models."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._models is not None:
            await self._models.close()


async def open_understanding(
    definition: AssistantDefinition,
    flows: Flows,
    groups: Sequence[ModelGroup],
    settings: Settings,
    *,
    endpoints_file: str = "endpoints.yml",
    vector_folder: Path | None = None,
    wrap_models: WrapModels | None = None,
) -> OpenUnderstanding:
    """The ladder that the project asks for.

    A model that cannot be used as it is written is told in one sentence, and the assistant goes on without it, unless
    the settings ask for a check at the start. `wrap_models` puts something in front of the models; vectors of flows are
    then computed anew, so that it sees every call.

    Raises:
        DefinitionError: the settings ask for a check, and a model does not answer.
    """
    options = find_generator(definition.config.pipeline or ())
    if options is None or not settings.use_language_models:
        return OpenUnderstanding(build_understander(definition, flows))
    models: ProjectModels = ModelGroups(groups, settings.variables, file=endpoints_file)
    if wrap_models is not None:
        models, vector_folder = wrap_models(models), None
    try:
        model = models.find_language_model(options.llm or None)
        embedder = models.find_embedder(options.flow_retrieval.embeddings or None)
    except ModelNotUsableError as error:
        if settings.check_language_models:
            raise
        _log.warning("language_model.not_usable", extra={"reason": str(error)})
        return OpenUnderstanding(build_understander(definition, flows))
    if model is None:
        _log.warning(
            "language_model.not_usable",
            extra={"reason": f"`{options.name}` names no model, and there is no key for the usual one."},
        )
        return OpenUnderstanding(build_understander(definition, flows))
    ladder = build_ladder_with_model(
        definition,
        flows,
        model,
        options,
        embedder=embedder,
        vector_folder=vector_folder,
        takes_schema=_takes_schema(options, {group.id: group for group in groups}),
    )
    understanding = OpenUnderstanding(ladder, models)
    if settings.check_language_models:
        try:
            await models.check_all()
        except BaseException:
            await models.close()
            raise
    return understanding


def _takes_schema(options: GeneratorOptions, groups: Mapping[str, ModelGroup]) -> bool:
    group = groups.get(options.model_group or "")
    providers = (
        [entry.provider for entry in group.models] if group else [str(options.llm.get("provider", ""))]
    )
    return all(provider in _CONSTRAINED_PROVIDERS for provider in providers)
