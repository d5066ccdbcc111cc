"""Keywords name intents; doubt makes way for the fallback."""

import pytest

from duologue.core.nlu_options import FallbackOptions, KeywordOptions
from duologue.core.understanding import Intent
from duologue.understanding.nlu.components.fallback import FallbackClassifier
from duologue.understanding.nlu.components.keywords import KeywordIntentClassifier
from duologue.understanding.nlu.message import NluMessage, TrainingExample

EXAMPLES = [
    TrainingExample(text=text, intent=intent)
    for intent, text in [
        ("greet", "hello"),
        ("leave", "bye"),
        ("leave", "c++"),
        ("pay", "pay"),
        ("pay_back", "pay back"),
        ("greet", "hey"),
        ("leave", "hey"),
    ]
]


def classify(text: str, *known: Intent, case_sensitive: bool = True) -> tuple[list[Intent], list[str]]:
    reports: list[str] = []
    trained = KeywordIntentClassifier(KeywordOptions(case_sensitive=case_sensitive), reports.append)
    trained.train(EXAMPLES)
    classifier = KeywordIntentClassifier(KeywordOptions(case_sensitive=case_sensitive), reports.append)
    classifier.restore(trained.dump())
    message = NluMessage(text=text, intents=list(known))
    classifier.process(message)
    return message.intents, reports


def test_a_keyword_in_the_message_names_its_intent() -> None:
    assert classify("well hello there")[0] == [Intent(name="greet", confidence=1.0)]
    assert classify("othello")[0] == []
    assert classify("HELLO")[0] == []
    assert classify("HELLO", case_sensitive=False)[0] == [Intent(name="greet")]


def test_a_keyword_goes_before_what_a_classifier_said() -> None:
    before = (Intent(name="pay", confidence=0.6), Intent(name="greet", confidence=0.2))
    assert classify("hello", *before)[0] == [Intent(name="greet"), before[0]]
    assert classify("anything", *before)[0] == list(before)


def test_keywords_that_are_not_clear_are_left_out() -> None:
    intents, reports = classify("pay hey")
    assert intents == []
    assert [report.split("`")[1] for report in reports] == ["hey", "pay"]


@pytest.mark.parametrize(
    ("confidences", "is_doubtful"),
    [((0.9, 0.05), False), ((0.29,), True), ((0.5, 0.45), True), ((0.5, 0.4), False), ((), True)],
)
def test_an_intent_in_doubt_makes_way(confidences: tuple[float, ...], is_doubtful: bool) -> None:
    ranking = [Intent(name=f"i{place}", confidence=value) for place, value in enumerate(confidences)]
    message = NluMessage(text="…", intents=list(ranking))
    FallbackClassifier(FallbackOptions(threshold=0.3, ambiguity_threshold=0.09)).process(message)
    fallback = [Intent(name="nlu_fallback", confidence=0.3)] if is_doubtful else []
    assert message.intents == [*fallback, *ranking]
