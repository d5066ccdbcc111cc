"""An intent model learns from few examples, knows what it does not know, and is kept as files."""

from collections.abc import Sequence

import numpy as np
import pytest

from duologue.core.errors import DefinitionError
from duologue.ports.sentence_encoder import EncodedText
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.features.recipe import FeatureRecipe, NgramOptions, PatternOptions
from duologue.understanding.nlu.intents.model import IntentModel
from duologue.understanding.nlu.message import TrainingExample

SENTENCES = {
    "greet": ("hello", "hi there", "good morning", "hey you", "good evening to you"),
    "order_pizza": (
        "I would like a pizza",
        "can I order a large pizza",
        "one margherita please",
        "send me a pizza with mushrooms",
        "I am hungry, bring me a pizza",
    ),
    "opening_hours": (
        "when do you open",
        "are you open on sunday",
        "what are your opening hours",
        "how long are you open today",
        "until when can I come",
    ),
}
EXAMPLES = tuple(
    TrainingExample(text=text, intent=intent) for intent, texts in SENTENCES.items() for text in texts
)
PLAIN = NluResources()


class LetterEncoder:
    """Counts letters: enough of a vector to tell texts apart."""

    name = "letters"
    width = 26
    token_width = 1

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        return [
            EncodedText(
                sentence=np.array([text.count(chr(97 + place)) for place in range(26)], dtype=np.float32),
                tokens=np.zeros((0, 1), dtype=np.float32),
                spans=np.zeros((0, 2), dtype=np.int32),
            )
            for text in texts
        ]


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return IntentModel.train(EXAMPLES, resources=PLAIN)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("hello there", "greet"),
        ("a big pizza with ham please", "order_pizza"),
        ("at what time do you open on saturday", "opening_hours"),
    ],
)
def test_a_sentence_like_the_examples_has_their_intent(model: IntentModel, text: str, intent: str) -> None:
    ranking = model.predict(text)

    assert ranking[0].name == intent
    assert [one.confidence for one in ranking] == sorted((one.confidence for one in ranking), reverse=True)
    assert {one.name for one in ranking} == set(SENTENCES)


def test_an_example_itself_is_beyond_doubt(model: IntentModel) -> None:
    assert all(model.predict(one.text)[0].confidence > 0.8 for one in EXAMPLES)


@pytest.mark.parametrize("text", ["xqzt wvk", "quarterly dividends of aerospace suppliers", "  ", "?!"])
def test_nonsense_and_other_topics_are_no_intent_for_sure(model: IntentModel, text: str) -> None:
    ranking = model.predict(text)

    assert ranking[0].confidence < 0.3
    assert sum(one.confidence for one in ranking) < 0.5


def test_the_same_examples_give_the_same_bytes_and_a_restored_model_says_the_same(
    model: IntentModel,
) -> None:
    files = model.dump()
    restored = IntentModel.restore(files, PLAIN)

    assert IntentModel.train(EXAMPLES, resources=PLAIN).dump() == files
    assert restored.dump() == files
    for text in ("hello my friend", "pizza", "open"):
        before, after = model.predict(text), restored.predict(text)
        assert [one.name for one in before] == [one.name for one in after]
        assert before[0].confidence == pytest.approx(after[0].confidence, abs=0.01)


def test_labels_of_the_callers_own_stand_in_for_intents_and_empty_ones_are_left_out() -> None:
    labels = [f"faq/{one.intent}" if one.intent != "greet" else "" for one in EXAMPLES]

    model = IntentModel.train(EXAMPLES, resources=PLAIN, labels=labels)

    assert model.labels == ("faq/opening_hours", "faq/order_pizza")
    assert model.predict("are you open")[0].name == "faq/opening_hours"


def test_no_examples_teach_nothing_and_one_label_alone_is_learned() -> None:
    nothing = IntentModel.train((), resources=PLAIN)
    alone = IntentModel.train(EXAMPLES[:5], resources=PLAIN)

    assert nothing.predict("hello") == []
    assert IntentModel.restore(nothing.dump(), PLAIN).labels == ()
    assert alone.predict("good morning")[0].name == "greet"
    assert alone.predict("quarterly dividends of suppliers")[0].confidence < 0.5


def test_an_intent_with_one_example_is_found_among_large_ones() -> None:
    rare = TrainingExample(text="let me talk to a human", intent="agent")

    model = IntentModel.train((*EXAMPLES * 4, rare), resources=PLAIN)

    assert model.predict("can I talk to a human")[0].name == "agent"


def test_a_model_asks_its_encoder_and_is_refused_without_it() -> None:
    resources = NluResources(encoder=LetterEncoder())
    files = IntentModel.train(EXAMPLES, resources=resources).dump()

    assert IntentModel.restore(files, resources).predict("hello")[0].name == "greet"
    with pytest.raises(DefinitionError, match="sentence encoder `letters`, and here is none"):
        IntentModel.restore(files, PLAIN)


def test_patterns_tell_intents_apart_that_no_word_does() -> None:
    examples = tuple(
        TrainingExample(text=f"{start}{number}", intent=intent)
        for intent, start in (("parcel", "AB"), ("invoice", "XY"))
        for number in (1234, 2345, 3456, 4567)
    )
    resources = NluResources(regexes={"parcel": (r"AB\d+",), "broken": ("(",)}, lookups={"city": ("Rome",)})

    model = IntentModel.train(
        examples,
        resources=resources,
        recipe=FeatureRecipe(
            ngrams=(NgramOptions(),), patterns=PatternOptions(), use_vectors=False, is_own=False
        ),
    )

    assert model.predict("AB9876")[0].name == "parcel"
