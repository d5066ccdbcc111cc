"""The policy's options decide what answers; a model that cannot be used is told, and done without."""

import pytest

from duologue.core.documents import Document
from duologue.core.domain import Domain
from duologue.core.values import OpenData
from duologue.ports.knowledge_source import KnowledgeQuery
from duologue.ports.language_model import LanguageModel
from duologue.project.definition import AssistantConfig, AssistantDefinition, Component
from duologue.runtime.knowledge import DEFAULT_MODEL, open_knowledge
from duologue.runtime.model_groups import ModelGroups
from duologue.runtime.model_options import ModelNotUsableError
from duologue.runtime.project_models import Block
from duologue.runtime.usable_models import UsableModels
from duologue.testing.scripted_model import ScriptedLanguageModel
from tests.unit.knowledge.embedders import ThingEmbedder

HOURS = Document(source="hours.txt", text="The library is open from ten to six.")
QUERY = KnowledgeQuery(question="When is the library open?")


class OneModel:
    """`ProjectModels` that finds the same model whatever is asked for, and remembers what was."""

    def __init__(self, model: LanguageModel | None = None, *, is_unusable: bool = False) -> None:
        self.model = model
        self.is_unusable = is_unusable
        self.asked: list[tuple[str, Block, object]] = []

    def find_language_model(self, block: Block, *, default: object = None) -> LanguageModel | None:
        self.asked.append(("llm", block, default))
        if self.is_unusable:
            raise ModelNotUsableError("There is no model group `big` in endpoints.yml.")
        return self.model

    def find_embedder(self, block: Block, *, default: object = None) -> ThingEmbedder:
        self.asked.append(("embeddings", block, default))
        return ThingEmbedder()

    def require_language_model(self, group_id: str) -> LanguageModel:
        raise AssertionError(group_id)

    def require_embedder(self, group_id: str) -> ThingEmbedder:
        raise AssertionError(group_id)

    def warm_up(self) -> None: ...

    async def check_all(self) -> None: ...

    async def close(self) -> None: ...


def define(
    *documents: Document, policy: str = "EnterpriseSearchPolicy", **options: object
) -> AssistantDefinition:
    given: OpenData = dict(options)
    config = AssistantConfig(policies=(Component(name="FlowPolicy"), Component(name=policy, options=given)))
    return AssistantDefinition(config=config, domain=Domain(), documents=documents)


async def test_without_models_the_documents_are_quoted() -> None:
    source = open_knowledge(define(HOURS))

    assert source is not None
    reply = await source.answer(QUERY)
    assert reply is not None
    assert reply.text == HOURS.text


@pytest.mark.parametrize("definition", [define(), define(HOURS, policy="IntentlessPolicy")])
def test_without_documents_or_policy_there_is_no_source(definition: AssistantDefinition) -> None:
    assert open_knowledge(definition, UsableModels(OneModel())) is None


async def test_the_model_that_the_policy_names_words_the_answer() -> None:
    models = OneModel(ScriptedLanguageModel("From ten to six."))
    definition = define(HOURS, llm={"model_group": "big"}, embeddings={"model_group": "vectors"})
    source = open_knowledge(definition, UsableModels(models))

    assert source is not None
    reply = await source.answer(QUERY)
    assert reply is not None
    assert reply.text == "From ten to six."
    assert [(what, block) for what, block, _ in models.asked] == [
        ("llm", {"model_group": "big"}),
        ("embeddings", {"model_group": "vectors"}),
    ]


def test_a_policy_that_names_no_model_gets_the_usual_one() -> None:
    models = OneModel()

    assert open_knowledge(define(HOURS), UsableModels(models)) is not None
    assert models.asked == [("llm", None, DEFAULT_MODEL)]


def test_a_project_may_want_no_model() -> None:
    models = OneModel()
    definition = define(HOURS, use_generative_llm=False, llm={"model_group": "big"})

    assert open_knowledge(definition, UsableModels(models)) is not None
    assert models.asked == []


@pytest.mark.parametrize("models", [UsableModels(None), UsableModels(ModelGroups((), {}))])
async def test_without_a_key_the_documents_are_quoted_without_a_word(
    models: UsableModels, caplog: pytest.LogCaptureFixture
) -> None:
    source = open_knowledge(define(HOURS), models)

    assert source is not None
    assert await source.answer(QUERY) is not None
    assert caplog.records == []


async def test_a_model_that_cannot_be_used_is_told_and_done_without(caplog: pytest.LogCaptureFixture) -> None:
    models = UsableModels(OneModel(is_unusable=True))
    source = open_knowledge(define(HOURS, llm={"model_group": "big"}), models)

    assert [record.message for record in caplog.records] == ["language_model.not_usable"]
    assert source is not None
    assert await source.answer(QUERY) is not None


def test_a_model_that_must_answer_and_cannot_be_used_ends_the_start() -> None:
    models = UsableModels(OneModel(is_unusable=True), must_answer=True)

    with pytest.raises(ModelNotUsableError, match="big"):
        open_knowledge(define(HOURS, llm={"model_group": "big"}), models)
