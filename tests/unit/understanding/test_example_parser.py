"""A project's examples are enough to know intents and entities."""

from duologue.project.definition import IntentExample, TrainingData
from duologue.understanding.example_parser import ExampleParser

GREETINGS = ("hello", "hi there", "good morning", "hey", "good evening to you")
TRANSFERS = (
    "send money to a friend",
    "transfer some money",
    "I want to send money",
    "make a transfer to my savings",
    "please transfer money to her account",
)
QUESTIONS = ("which cities do you serve", "what cities are there")


def make_parser() -> ExampleParser:
    examples = [IntentExample(intent="greet", text=text) for text in GREETINGS]
    examples += [IntentExample(intent="transfer", text=text) for text in TRANSFERS]
    examples += [IntentExample(intent=f"faq/{number}", text=text) for number, text in enumerate(QUESTIONS)]
    data = TrainingData(examples=tuple(examples), lookups={"account": ("savings", "current account")})
    return ExampleParser(data, entities=("account",), languages=("en-GB",))


def test_a_text_like_the_examples_has_their_intent() -> None:
    parsed = make_parser().parse("I would like to transfer money to my savings")

    assert parsed.intents[0].name == "transfer"
    assert parsed.intents[0].confidence > 0.5
    assert [(entity.entity, entity.value) for entity in parsed.entities] == [("account", "savings")]


def test_a_text_like_none_of_them_has_no_sure_intent() -> None:
    assert make_parser().parse("purple elephants dance badly").intents[0].confidence < 0.3


def test_retrieval_intents_are_one_intent() -> None:
    assert make_parser().parse("which cities do you serve").intents[0].name == "faq"


def test_a_project_without_examples_still_has_its_tables() -> None:
    data = TrainingData(lookups={"account": ("savings",)})
    parsed = ExampleParser(data, entities=(), languages=("en",)).parse("my savings")

    assert parsed.intents == ()
    assert [entity.value for entity in parsed.entities] == ["savings"]
