"""A definition becomes a model: the same for the same definition, and nothing is learned twice."""

from pathlib import Path

import msgspec
import pytest

from duologue.core.errors import DefinitionError
from duologue.project.definition import AssistantDefinition, Component
from duologue.training.opening import load_or_train, open_trained
from duologue.training.parts import fingerprint_core, fingerprint_nlu, list_parts
from duologue.training.progress import StepReused, StepTrained, TrainingNews
from duologue.training.trained_model import TrainedModel
from duologue.training.trainer import TrainingOptions, fingerprint_model, train_model
from duologue.training.training_cache import TrainingCache
from tests.unit.project.written_project import read_written
from tests.unit.training.shop_project import FILES, read_shop, with_threshold


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> AssistantDefinition:
    return read_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def trained(definition: AssistantDefinition) -> TrainedModel:
    return train_model(definition)


def name_trained(news: list[TrainingNews]) -> list[str]:
    return [one.name for one in news if isinstance(one, StepTrained)]


def name_reused(news: list[TrainingNews]) -> list[str]:
    return [one.name for one in news if isinstance(one, StepReused)]


def test_a_project_trained_twice_gives_the_same_files(
    definition: AssistantDefinition, trained: TrainedModel
) -> None:
    assert train_model(definition) == trained
    assert {name.partition("/")[0] for name in trained.files} == {"nlu", "core"}
    assert trained.fingerprints == fingerprint_model(definition)


def test_what_comes_out_of_the_cache_is_what_was_trained(
    definition: AssistantDefinition, trained: TrainedModel, tmp_path: Path
) -> None:
    cache = TrainingCache(tmp_path)
    train_model(definition, cache=cache)
    news: list[TrainingNews] = []
    assert train_model(definition, cache=cache, tell=news.append) == trained
    assert name_trained(news) == []
    assert name_reused(news) == ["the pipeline", "the policies"]


def test_a_component_that_did_not_change_is_reused_where_another_did(
    definition: AssistantDefinition, tmp_path: Path
) -> None:
    cache = TrainingCache(tmp_path)
    train_model(definition, cache=cache)
    news: list[TrainingNews] = []
    changed = with_threshold(definition, 0.4)
    again = train_model(changed, cache=cache, tell=news.append)
    assert name_trained(news) == []
    assert name_reused(news) == ["DIETClassifier", "ResponseSelector", "the policies"]
    assert again == train_model(changed)


def test_training_anew_takes_nothing_from_the_cache(definition: AssistantDefinition, tmp_path: Path) -> None:
    cache = TrainingCache(tmp_path)
    train_model(definition, cache=cache)
    news: list[TrainingNews] = []
    train_model(definition, cache=cache, options=TrainingOptions(reuses=False), tell=news.append)
    assert name_reused(news) == []
    assert "DIETClassifier" in name_trained(news)


def test_a_part_can_be_trained_alone(definition: AssistantDefinition, trained: TrainedModel) -> None:
    alone = train_model(definition, options=TrainingOptions(parts=("core",)))
    assert alone.files == {name: file for name, file in trained.files.items() if name.startswith("core/")}
    assert open_trained(alone.files, definition).parser is None


def test_a_trained_model_reads_texts_and_chooses_actions(
    definition: AssistantDefinition, trained: TrainedModel
) -> None:
    model = open_trained(trained.files, definition)
    assert model.parser is not None
    assert model.chooser is not None
    parsed = model.parser.parse("I would like pizza please")
    assert parsed.intents[0].name == "order"
    assert [entity.value for entity in parsed.entities] == ["pizza"]
    faq = model.parser.parse("when do you open")
    assert faq.response_selector["faq"]["response"]["intent_response_key"] == "faq/hours"
    assert faq.response_selector["faq"]["response"]["responses"] == [{"text": "At nine."}]


def test_the_wording_of_a_response_trains_nothing_anew_but_what_reads_it(
    definition: AssistantDefinition,
) -> None:
    domain = definition.domain
    reworded = dict(domain.responses, utter_greet=domain.responses["utter_bye"])
    changed = msgspec.structs.replace(definition, domain=msgspec.structs.replace(domain, responses=reworded))
    assert fingerprint_core(changed) == fingerprint_core(definition)
    assert fingerprint_nlu(changed) == fingerprint_nlu(definition)


def test_an_example_said_twice_teaches_as_if_said_once(definition: AssistantDefinition) -> None:
    data = definition.training_data
    doubled = msgspec.structs.replace(data, examples=(*data.examples, data.examples[0]))
    changed = msgspec.structs.replace(definition, training_data=doubled)
    assert fingerprint_nlu(changed) == fingerprint_nlu(definition)


def test_an_assistant_of_flows_is_not_trained(tmp_path: Path) -> None:
    reading = read_written(
        tmp_path,
        {
            "domain.yml": "responses: {utter_a: [{text: A}]}\n",
            "data/flows.yml": "flows:\n  f:\n    description: d\n    steps: [{action: utter_a}]\n",
            "data/nlu.yml": "nlu:\n- intent: i\n  examples: ['a', 'b']\n",
        },
    )
    assert reading.definition is not None
    assert list_parts(reading.definition) == ()
    assert train_model(reading.definition) == TrainedModel()
    assert load_or_train(reading.definition, cache_folder=tmp_path / "cache").parser is None
    assert not (tmp_path / "cache").exists()


def test_examples_alone_make_a_model_that_only_understands(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if name != "data/stories.yml"}
    reading = read_written(tmp_path, files)
    assert reading.definition is not None
    assert list_parts(reading.definition) == ("nlu",)


def test_a_model_of_another_pipeline_is_refused(
    definition: AssistantDefinition, trained: TrainedModel
) -> None:
    config = msgspec.structs.replace(
        definition.config, pipeline=(Component(name="WhitespaceTokenizer"), Component(name="DIETClassifier"))
    )
    other = msgspec.structs.replace(definition, config=config)
    with pytest.raises(DefinitionError, match="train it again"):
        open_trained(trained.files, other)
