"""A pipeline learns from examples, is kept as files, and reads texts."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import pytest

from duologue.core.errors import DefinitionError
from duologue.core.understanding import Entity
from duologue.core.values import OpenData
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.message import NluMessage, Token, TrainingExample
from duologue.understanding.nlu.pipeline import (
    TrainedPipeline,
    load_pipeline,
    needs_encoder,
    train_pipeline,
)


class Entry(msgspec.Struct, frozen=True):
    """One entry of a pipeline."""

    name: str
    options: OpenData = {}


WORDS = (Entry("WhitespaceTokenizer"), Entry("CountVectorsFeaturizer"))
PIPELINE = (
    *WORDS,
    Entry("DIETClassifier", {"epochs": 3, "ranking_length": 2}),
    Entry("EntitySynonymMapper"),
    Entry("ResponseSelector", {"retrieval_intent": "faq"}),
    Entry("FallbackClassifier", {"threshold": 0.2, "ambiguity_threshold": 0.01}),
)
RESOURCES = NluResources(
    synonyms={"roses": "rose"},
    responses={"faq/hours": ({"text": "At nine."},), "faq/delivery": ({"text": "We do."},)},
)
SENTENCES = {
    "greet": ("hello", "hi there", "good morning", "hey you"),
    "leave": ("goodbye", "bye bye", "see you later", "farewell my friend"),
    "faq/hours": ("when do you open", "are you open on sunday", "what are your opening hours"),
    "faq/delivery": ("do you deliver", "can you bring it to my house", "how long does delivery take"),
}


def mark(text: str, word: str) -> tuple[Entity, ...]:
    start = text.index(word)
    return (Entity(entity="flower", value=word, start=start, end=start + len(word)),)


ORDERS = tuple(
    TrainingExample(text=text, intent="order", entities=mark(text, flower))
    for flower in ("roses", "tulips", "lilies")
    for text in (f"I want some {flower} please", f"send me {flower}", f"order {flower} for my mother")
)
EXAMPLES = (
    *ORDERS,
    *(
        TrainingExample(
            text=text, intent=label.partition("/")[0], response_key=label if "/" in label else None
        )
        for label, texts in SENTENCES.items()
        for text in texts
    ),
)


def train(
    entries: Sequence[Entry] = PIPELINE,
    examples: Sequence[TrainingExample] = EXAMPLES,
    resources: NluResources = RESOURCES,
) -> tuple[TrainedPipeline, list[str]]:
    reports: list[str] = []
    return train_pipeline(entries, examples, resources, report=reports.append), reports


@pytest.fixture(scope="module")
def pipeline() -> TrainedPipeline:
    trained, reports = train()
    assert reports == []
    return trained


def test_intents_entities_and_synonyms_are_read(pipeline: TrainedPipeline) -> None:
    parsed = pipeline.parse("please send me roses")
    assert parsed.intents[0].name == "order"
    assert len(parsed.intents) == 2
    (entity,) = parsed.entities
    assert (entity.entity, entity.value, entity.start, entity.end) == ("flower", "rose", 15, 20)
    assert entity.extractor == "DIETClassifier"


def test_the_selector_tells_what_it_chose_in_the_shape_of_rasa(pipeline: TrainedPipeline) -> None:
    told = pipeline.parse("when do you open").response_selector
    assert told["all_retrieval_intents"] == ["faq"]
    assert set(told) == {"all_retrieval_intents", "faq"}
    response = told["faq"]["response"]
    assert response == {
        "responses": [{"text": "At nine."}],
        "confidence": response["confidence"],
        "intent_response_key": "faq/hours",
        "utter_action": "utter_faq/hours",
    }
    ranking = told["faq"]["ranking"]
    assert [one["intent_response_key"] for one in ranking] == ["faq/hours", "faq/delivery"]
    assert ranking[0]["confidence"] == response["confidence"]


def test_a_text_of_blanks_is_left_to_the_fallback(pipeline: TrainedPipeline) -> None:
    for text in ("", "  "):
        parsed = pipeline.parse(text)
        assert [intent.name for intent in parsed.intents] == ["nlu_fallback"]
        assert parsed.entities == ()
        assert parsed.response_selector["faq"] == {
            "response": {
                "responses": None,
                "confidence": 0.0,
                "intent_response_key": None,
                "utter_action": "utter_None",
            },
            "ranking": [],
        }


def test_what_was_dumped_reads_the_same(pipeline: TrainedPipeline) -> None:
    restored = load_pipeline(PIPELINE, pipeline.dump(), RESOURCES)
    for text in ("please send me lilies", "hello you", "do you deliver", "xyzzy"):
        assert restored.parse(text) == pipeline.parse(text)
    assert restored.dump() == pipeline.dump()


def test_the_same_training_gives_the_same_files(pipeline: TrainedPipeline) -> None:
    assert train()[0].dump() == pipeline.dump()


def test_a_model_of_another_pipeline_is_refused(pipeline: TrainedPipeline) -> None:
    with pytest.raises(DefinitionError, match="trained with another pipeline"):
        load_pipeline(PIPELINE[:-1], pipeline.dump(), RESOURCES)


class Keeper:
    """Keeps what was learned, as the cache of `duologue train` does."""

    def __init__(self, kept: Mapping[str, Mapping[str, bytes]]) -> None:
        self.kept = dict(kept)
        self.trained: list[str] = []

    def learn(
        self, name: str, fingerprint: str, learn: Callable[[], Mapping[str, bytes]]
    ) -> Mapping[str, bytes]:
        if fingerprint not in self.kept:
            self.trained.append(name)
            self.kept[fingerprint] = learn()
        return self.kept[fingerprint]


INTENTS = (*WORDS, Entry("DIETClassifier", {"entity_recognition": False}), *PIPELINE[3:])


@pytest.fixture(scope="module")
def kept() -> Mapping[str, Mapping[str, bytes]]:
    """What a first training left."""
    keeper = Keeper({})
    train_pipeline(INTENTS, EXAMPLES, RESOURCES, learn=keeper.learn)
    assert keeper.trained == ["DIETClassifier", "ResponseSelector"]
    return keeper.kept


@pytest.mark.parametrize(
    ("change", "trained"),
    [
        ({}, []),
        ({"resources": NluResources(synonyms=RESOURCES.synonyms)}, []),
        ({"components": (*INTENTS[:-1], Entry("FallbackClassifier", {"threshold": 0.9}))}, []),
        ({"examples": EXAMPLES[:-1]}, ["DIETClassifier", "ResponseSelector"]),
        (
            {"components": (Entry("WhitespaceTokenizer", {"token_pattern": "[a-z]"}), *INTENTS[1:])},
            ["DIETClassifier", "ResponseSelector"],
        ),
        ({"components": (*INTENTS[:4], Entry("ResponseSelector"), INTENTS[5])}, ["ResponseSelector"]),
    ],
)
def test_only_what_changed_is_learned_again(
    kept: Mapping[str, Mapping[str, bytes]], change: OpenData, trained: list[str]
) -> None:
    keeper = Keeper(kept)
    given: OpenData = {"components": INTENTS, "examples": EXAMPLES, "resources": RESOURCES}
    again = train_pipeline(**given | change, learn=keeper.learn)
    assert keeper.trained == trained
    assert again.parse("hello there").intents[0].name in ("greet", "nlu_fallback")


# ------------------------------------------------------------------------------------------------- bad data


@pytest.mark.parametrize(
    "examples",
    [
        (),
        (TrainingExample(text="hello", intent="greet"),),
        (TrainingExample(text="  ", intent="greet"), TrainingExample(text="hi")),
        tuple(TrainingExample(text=text, intent="greet") for text in SENTENCES["greet"]),
        (TrainingExample(text="hi", intent="greet"), TrainingExample(text="hi", intent="leave")),
        (TrainingExample(text="😀", intent="greet"), TrainingExample(text="…", intent="leave")),
    ],
)
def test_little_or_odd_data_is_no_reason_to_fail(examples: tuple[TrainingExample, ...]) -> None:
    trained, _ = train(PIPELINE, examples, NluResources())
    restored = load_pipeline(PIPELINE, trained.dump(), NluResources())
    for text in ("hi", "roses", "😀", ""):
        assert restored.parse(text) == trained.parse(text)


def test_data_without_any_intent_is_told() -> None:
    _, reports = train((*WORDS, Entry("DIETClassifier")), (TrainingExample(text="hello"),), NluResources())
    assert reports == ["No example has an intent; `DIETClassifier` names none."]


def test_an_expression_that_is_none_is_named() -> None:
    resources = NluResources(regexes={"zip": ("[0-9",)})
    entries = (WORDS[0], Entry("RegexFeaturizer"), *WORDS[1:], Entry("DIETClassifier"))
    with pytest.raises(DefinitionError, match=r"The regular expression `\[0-9` of `zip` cannot be used"):
        train(entries, EXAMPLES, resources)
    train(PIPELINE, EXAMPLES[:2], resources)


def test_flags_of_an_expression_may_stand_anywhere_as_in_older_pythons() -> None:
    resources = NluResources(regexes={"zip": (r"d(?i)\d{3}",)}, entity_names=("zip",))
    trained, _ = train((Entry("RegexEntityExtractor", {"case_sensitive": True}),), (), resources)
    assert [entity.value for entity in trained.parse("to D123").entities] == ["D123"]


def test_a_retrieval_intent_without_examples_is_told() -> None:
    _, reports = train((*WORDS, Entry("ResponseSelector", {"retrieval_intent": "chat"})))
    assert reports == [
        "`ResponseSelector` finds no example of the retrieval intent `chat`; it chooses nothing."
    ]


# ----------------------------------------------------------------------------------- what a pipeline can hold


@pytest.mark.parametrize(
    "classifier", ["LogisticRegressionClassifier", "SklearnIntentClassifier", "MitieIntentClassifier"]
)
def test_other_classifiers_name_intents_and_no_entities(classifier: str) -> None:
    trained, _ = train((*WORDS, Entry(classifier, {"ranking_length": 1})))
    parsed = trained.parse("send me roses")
    assert [intent.name for intent in parsed.intents] == ["order"]
    assert parsed.entities == ()


@pytest.mark.parametrize("extractor", ["CRFEntityExtractor", "MitieEntityExtractor"])
def test_other_extractors_find_entities_and_name_no_intents(extractor: str) -> None:
    trained, _ = train((*WORDS, Entry(extractor)))
    parsed = trained.parse("send me tulips")
    assert parsed.intents == ()
    assert [(entity.value, entity.extractor) for entity in parsed.entities] == [("tulips", extractor)]


def test_several_intents_in_one_name_are_told_as_they_are_written() -> None:
    both = [
        TrainingExample(text=text, intent="greet+order") for text in ("hello, roses", "hi, tulips please")
    ]
    tokenizer = Entry("WhitespaceTokenizer", {"intent_tokenization_flag": True, "intent_split_symbol": "+"})
    trained, _ = train((tokenizer, WORDS[1], Entry("DIETClassifier")), [*EXAMPLES, *both])
    assert trained.parse("hi, tulips please").intents[0].name == "greet+order"


def test_responses_texts_can_be_learned_as_well() -> None:
    selector = Entry("ResponseSelector", {"use_text_as_label": True})
    trained, _ = train((*WORDS, selector))
    chosen = trained.parse("nine").response_selector["default"]["response"]
    assert chosen["intent_response_key"] == "faq/hours"


class Letters:
    """A tokenizer of the author's own."""

    @classmethod
    def create(cls, options: OpenData, resources: NluResources) -> "Letters":
        del options, resources
        return cls()

    def process(self, message: NluMessage) -> None:
        message.tokens = tuple(
            Token(text=sign, start=place, end=place + 1) for place, sign in enumerate(message.text)
        )


class Counter:
    """Learns how many tokens it saw."""

    def __init__(self) -> None:
        self.count = 0

    @classmethod
    def create(cls, options: OpenData, resources: NluResources) -> "Counter":
        del options, resources
        return cls()

    def train(self, examples: Sequence[TrainingExample]) -> None:
        self.count = sum(len(example.tokens) for example in examples)

    def process(self, message: NluMessage) -> None:
        message.entities.append(Entity(entity="count", value=self.count))

    def dump(self) -> dict[str, bytes]:
        return {"count": str(self.count).encode()}

    def restore(self, files: Mapping[str, bytes]) -> None:
        self.count = int(files["count"])


def test_components_of_the_authors_own_split_learn_and_are_kept() -> None:
    entries = (Entry(f"{__name__}.Letters"), Entry(f"{__name__}.Counter"))
    trained, _ = train(entries, (TrainingExample(text="hello", intent="greet"),))
    restored = load_pipeline(entries, trained.dump(), RESOURCES)
    assert restored.parse("x").entities == (Entity(entity="count", value=5),)


def test_a_pipeline_says_whether_it_needs_the_encoder_and_whether_it_can_block() -> None:
    assert needs_encoder((), "en")
    assert not needs_encoder((), "de")
    assert not needs_encoder(PIPELINE, "en")
    with_vectors = (*WORDS, Entry("LanguageModelFeaturizer"), Entry("DIETClassifier"))
    assert needs_encoder(with_vectors, "en-GB")
    assert not needs_encoder(with_vectors, "de")
    assert train((Entry("DucklingEntityExtractor"),))[0].can_block
    assert not train((Entry("KeywordIntentClassifier"),))[0].can_block


def test_an_encoder_that_is_missing_is_told_once() -> None:
    entries = (*WORDS, Entry("LanguageModelFeaturizer"), Entry("LogisticRegressionClassifier"))
    _, reports = train(entries)
    assert reports == [
        "`LanguageModelFeaturizer`: no sentence encoder is there, so intents are learned from words alone; "
        'install one with `pip install "duologue[nlu]"`.'
    ]
