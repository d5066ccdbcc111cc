"""Which intent a message has, learned from a project's own examples."""

import pytest

from duologue.understanding.intent_classifier import IntentClassifier

EXAMPLES = [
    *(
        ("check_balance", text)
        for text in (
            "what's my balance",
            "how much money do I have",
            "show me my account balance",
            "what is left on my account",
            "balance please",
        )
    ),
    *(
        ("block_card", text)
        for text in (
            "I lost my card",
            "please block my credit card",
            "someone stole my bank card",
            "freeze my card",
            "my card is gone",
        )
    ),
    *(
        ("opening_hours", text)
        for text in (
            "when do you open",
            "are you open on sunday",
            "what are your opening hours",
            "how late are you open today",
            "is the branch open tomorrow",
        )
    ),
]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("could you tell me my current balance", "check_balance"),
        ("my debit card was stolen yesterday", "block_card"),
        ("are your branches open on saturdays", "opening_hours"),
    ],
)
def test_a_sentence_like_the_examples_gets_their_intent(text: str, intent: str) -> None:
    best, second, *_ = IntentClassifier.train(EXAMPLES).predict(text)
    assert best.name == intent
    assert best.confidence > 2 * second.confidence


def test_a_word_that_no_example_has_is_understood_by_its_meaning() -> None:
    assert IntentClassifier.train(EXAMPLES).predict("my wallet got pickpocketed")[0].name == "block_card"


@pytest.mark.parametrize("text", ["the recipe needs two eggs", "who won the match", "zzz", ""])
def test_what_no_example_is_like_gets_little_confidence(text: str) -> None:
    ranked = IntentClassifier.train(EXAMPLES).predict(text)
    assert ranked[0].confidence < 0.4


def test_every_intent_is_ranked_and_confidences_stay_below_one() -> None:
    ranked = IntentClassifier.train(EXAMPLES).predict("block my card")
    assert {intent.name for intent in ranked} == {"check_balance", "block_card", "opening_hours"}
    assert sum(intent.confidence for intent in ranked) <= 1.001


def test_the_same_examples_make_the_same_classifier() -> None:
    first, second = IntentClassifier.train(EXAMPLES), IntentClassifier.train(EXAMPLES)
    assert first.predict("is my card blocked") == second.predict("is my card blocked")


def test_one_intent_alone_and_none_at_all_are_fine() -> None:
    assert IntentClassifier.train(EXAMPLES[:5]).predict("my balance")[0].name == "check_balance"
    assert IntentClassifier.train([]).predict("my balance") == ()
