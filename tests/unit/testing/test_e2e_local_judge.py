"""The judge without a language model: what it sees, and what it admits not to see."""

from collections.abc import Sequence

import pytest

from duologue.ports.embedder import TextRole, Vector
from duologue.testing.e2e.judges.judge import JudgedReply, NotJudgedError
from duologue.testing.e2e.judges.local_judge import LocalJudge
from duologue.testing.e2e.judges.statements import read_numbers

TRUTH = (
    "A deductible is the amount of money you pay out-of-pocket before your insurance begins to pay. With a $1,000"
    " deductible and damages of $10,000 you pay the first $1,000, and your insurer pays the remaining $9,000. Transfers"
    " to other countries are not free of charge. Call Anna Weber on Monday."
)


async def judge_grounds(reply: str, *grounds: str, languages: Sequence[str] = ("en",)) -> float:
    judged = JudgedReply(question="grounded", asked="?", reply=reply, grounds=grounds or (TRUTH,))
    return (await LocalJudge(languages).judge(judged)).score


async def judge_relevance(asked: str, reply: str, languages: Sequence[str] = ("en",)) -> float:
    judged = JudgedReply(question="relevant", asked=asked, reply=reply)
    return (await LocalJudge(languages).judge(judged)).score


@pytest.mark.parametrize(
    "reply",
    [
        TRUTH,
        "A deductible is the money you pay before the insurance pays.",
        "Good question! You pay the first 1000, the insurer pays 9.000,00. Let me know if you need anything else!",
        "Transfers to another country are never free.",
        "Please call Anna on Monday.",
    ],
)
async def test_what_the_grounds_say_is_grounded(reply: str) -> None:
    assert await judge_grounds(reply) == 1.0


@pytest.mark.parametrize(
    "reply",
    [
        "You pay the first $2,000.",
        "Transfers to other countries are free of charge.",
        "Please call Bernd Weber on Monday.",
        "Dogs and cats are insured against theft.",
    ],
)
async def test_another_number_name_denial_or_subject_is_not_grounded(reply: str) -> None:
    assert await judge_grounds(reply) == 0.0


async def test_the_score_is_the_share_of_the_statements_that_hold() -> None:
    reply = "You pay the first $1,000. The insurer pays the remaining $9,000. Dogs are insured too."
    assert await judge_grounds(reply) == pytest.approx(2 / 3)


async def test_grounds_in_german_are_read_as_german() -> None:
    grounds = "Überweisungen ins Ausland sind nicht kostenlos und dauern drei Tage."
    assert (
        await judge_grounds("Eine Überweisung ins Ausland dauert 3 Tage.", grounds, languages=["de"]) == 0.0
    )
    assert (
        await judge_grounds("Überweisungen ins Ausland sind nicht kostenlos.", grounds, languages=["de"])
        == 1.0
    )
    assert await judge_grounds("Überweisungen ins Ausland sind kostenlos.", grounds, languages=["de"]) == 0.0


async def test_slots_are_grounds_as_well() -> None:
    slots = ('recipient: "Anna"', "amount: 50")
    assert await judge_grounds("The recipient is Anna, and the amount is 50.", *slots) == 1.0
    assert await judge_grounds("The recipient is Anna, and the amount is 60.", *slots) == 0.0


@pytest.mark.parametrize(
    ("asked", "reply", "is_relevant"),
    [
        ("What is a deductible?", "A deductible is what you pay yourself.", True),
        ("How do I block my card?", "To block a card, open the app and choose Cards.", True),
        ("How do I block my card?", "Our branches open at nine o'clock.", False),
        ("How do I block my card?", "I am sorry, I do not know how to block a card.", False),
        ("What does a transfer to Norway cost?", "Something went wrong, please try again later.", False),
    ],
)
async def test_a_reply_that_takes_the_question_up_is_relevant(
    asked: str, reply: str, is_relevant: bool
) -> None:
    assert (await judge_relevance(asked, reply) >= 0.5) is is_relevant


@pytest.mark.parametrize(
    ("judged", "reason"),
    [
        (JudgedReply(question="relevant", asked="and you?", reply="Fine."), "has no words"),
        (
            JudgedReply(question="grounded", asked="x", reply="It costs 5.", grounds=(" ",)),
            "add `ground_truth`",
        ),
        (
            JudgedReply(question="grounded", asked="x", reply="Happy to help!", grounds=("a",)),
            "states nothing",
        ),
    ],
)
async def test_where_it_cannot_tell_it_says_so(judged: JudgedReply, reason: str) -> None:
    with pytest.raises(NotJudgedError, match=reason):
        await LocalJudge().judge(judged)


async def test_an_embedder_lets_it_see_what_is_near_in_meaning() -> None:
    class Topics:
        """Knows one topic: sentences about it point one way, all others another."""

        name = "topics"

        async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
            words = ("password", "log in", "sign in")
            return [(1.0, 0.0) if any(word in text for word in words) else (0.0, 1.0) for text in texts]

        async def close(self) -> None:
            pass

    asked = JudgedReply(
        question="relevant", asked="I lost my password", reply="You can sign in anew by mail."
    )
    assert (await LocalJudge().judge(asked)).score == 0.0
    verdict = await LocalJudge(embedder=Topics()).judge(asked)
    assert (verdict.score, verdict.reason.endswith("it is near in meaning")) == (1.0, True)


async def test_the_same_reply_gets_the_same_verdict_every_time() -> None:
    judged = JudgedReply(
        question="grounded", asked="?", reply="Dogs, cats and horses are insured.", grounds=(TRUTH,)
    )
    verdicts = {repr(await LocalJudge().judge(judged)) for _ in range(5)}
    assert len(verdicts) == 1


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,000 or 1.000 or 1'000 or 1000.00", {"1000"}),
        ("12.50 and 12,5", {"12.5"}),
        ("1.234.567,80", {"1234567.8"}),
        ("on 12/25/2024 at 3:30", {"12", "25", "2024", "3", "30"}),
        ("007", {"7"}),
    ],
)
def test_numbers_are_read_whatever_their_spelling(text: str, numbers: set[str]) -> None:
    assert read_numbers(text) == numbers
