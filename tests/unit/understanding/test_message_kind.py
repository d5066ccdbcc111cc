"""Whether a message asks to know something in general, or wants something done."""

import pytest

from duologue.understanding.message_kind import judge_message

GENERAL = 0.6


@pytest.mark.parametrize(
    "text",
    [
        "what are the fees for a transfer abroad?",
        "How does a standing order work",
        "how long does delivery usually take?",
        "do you ship to Norway",
        "Does the insurance cover water damage?",
        "I'd like to know how interest is calculated",
        "hi, what is the difference between the two plans",
        "Wie funktioniert die Rückgabe?",
    ],
)
def test_questions_of_general_knowledge_are_told_from_wishes(text: str) -> None:
    assert judge_message(text, languages=("en", "de")).asks_generally >= GENERAL


@pytest.mark.parametrize(
    "text",
    [
        "what's my balance?",
        "can you block my card?",
        "transfer 50 euros to Anna",
        "how do I get my money back for my order?",
        "why was my card declined?",
        "I would like a new card",
        "Könnten Sie bitte meine Karte sperren?",
        "hello",
        "",
    ],
)
def test_wishes_and_own_affairs_are_no_general_questions(text: str) -> None:
    assert judge_message(text, languages=("en", "de")).asks_generally < GENERAL


def test_a_greeting_is_small_talk() -> None:
    assert judge_message("hello there, thanks!").is_small_talk == 1.0
    assert judge_message("block my card").is_small_talk == 0.0
