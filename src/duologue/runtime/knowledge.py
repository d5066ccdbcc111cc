"""What answers questions of knowledge, wired: the project's documents, and the models that the policy names."""

from duologue.core.search_options import SearchOptions
from duologue.knowledge.generation import AnswerGenerator
from duologue.knowledge.passage_vectors import PassageVectors
from duologue.knowledge.searcher import KnowledgeSearcher
from duologue.ports.language_model import LanguageModel
from duologue.project.definition import AssistantDefinition
from duologue.project.documents import find_search_policy
from duologue.project.endpoints import ModelEntry
from duologue.runtime.usable_models import UsableModels

DEFAULT_MODEL = ModelEntry(provider="openai", options={"model": "gpt-5-mini-2025-08-07"}, place="config.yml")
"""What a project gets whose policy names no model, if there is a key for it."""


def open_knowledge(
    definition: AssistantDefinition, models: UsableModels | None = None
) -> KnowledgeSearcher | None:
    """What answers from the project's documents; None if no policy searches them, or there are none.

    Where no model can be used, the documents' own words are the answer.

    Raises:
        DefinitionError: a model cannot be used, and must be.
    """
    found = find_search_policy(definition.config)
    if found is None or not definition.documents:
        return None
    _, options = found
    model = _find_model(options, models) if models is not None else None
    embedder = models.find_embedder(options.embeddings) if models is not None else None
    template = definition.prompt_templates.get(options.template_path or "")
    return KnowledgeSearcher(
        definition.documents,
        (definition.config.language, *definition.config.additional_languages),
        options,
        generator=AnswerGenerator(model, options, template=template) if model is not None else None,
        vectors=PassageVectors(embedder) if embedder is not None else None,
    )


def _find_model(options: SearchOptions, models: UsableModels) -> LanguageModel | None:
    if not options.use_generative_llm:
        return None
    if not options.llm:
        return models.find_unnamed_model(DEFAULT_MODEL)
    return models.find_language_model(options.llm)
