"""The judge without a language model: it compares words, numbers, names and denials, and always says the same.

It cannot follow an inference, a paraphrase that shares no word, or who did what to whom. With an embedder it also sees
sentences that are near in meaning.
"""

import re
from collections.abc import Sequence
from typing import assert_never

from duologue.core.errors import DuologueError
from duologue.ports.embedder import Embedder, Vector
from duologue.testing.e2e.judges.judge import NO_GROUNDS, JudgedReply, NotJudgedError, Verdict
from duologue.testing.e2e.judges.statements import Statement, StatementReader, find_missing
from duologue.understanding.text_features import fold

LEAST_COVERED = 0.6
"""Share of a statement's words that the grounds must hold."""
_LEAST_COVERED_IF_NEAR = 0.3
_NEAR = 0.85
"""Cosine from which a statement counts as said by a sentence of the grounds."""
_EVASIONS = re.compile(
    r"\bi (do not|don't|dont) (know|have (that|this|any|enough|the) (information|answer))|\bi('m| am) not sure"
    r"|\bi (can not|cannot|can't|am unable to|'m unable to) (answer|help|assist|find)|not (directly )?addressed"
    r"|\bno information\b|something went wrong|try again later|did not understand|didn't understand"
    r"|\bich weiss (es |das )?nicht|keine informationen|nicht beantworten|\bje ne sais pas|\bno (lo )?se\b|\bnon (lo )?so\b",
)
_ELSEWHERE = (
    "The weather is going to be sunny tomorrow.",
    "She painted the kitchen door last summer.",
    "The train to the coast leaves from platform four.",
    "Add two eggs and stir the dough slowly.",
    "The old museum shows stones from the moon.",
)
"""Sentences about other things: how near they are to a question tells how an embedder measures."""


class LocalJudge:
    """Deterministic, and reaches nothing outside the process, unless the embedder does."""

    def __init__(self, languages: Sequence[str] = ("en",), embedder: Embedder | None = None) -> None:
        self._reader = StatementReader(languages)
        self._embedder = embedder

    @property
    def name(self) -> str:
        return f"local, with {self._embedder.name}" if self._embedder else "local"

    async def judge(self, judged: JudgedReply) -> Verdict:
        """How much of the question the reply takes up, or which share of its statements the grounds hold."""
        try:
            match judged.question:
                case "relevant":
                    return await self._judge_relevance(judged)
                case "grounded":
                    return await self._judge_grounds(judged)
                case _:
                    assert_never(judged.question)
        except NotJudgedError:
            raise
        except DuologueError as error:
            raise NotJudgedError(f"The embedder failed: {error}") from error

    async def close(self) -> None:
        if self._embedder is not None:
            await self._embedder.close()

    async def _judge_relevance(self, judged: JudgedReply) -> Verdict:
        if _EVASIONS.search(fold(judged.reply)):
            return Verdict(score=0.0, reason="the reply evades the question")
        asked = self._reader.read_sentence(judged.asked)
        wanted = asked.words | asked.numbers
        if not wanted:
            raise NotJudgedError("The user's message has no words that could be compared with the reply.")
        said = self._reader.read_sentence(judged.reply)
        missing = find_missing(wanted, said.words | said.numbers)
        # One word taken up is a sign, and all of them are seldom needed: the root lies between.
        score = ((len(wanted) - len(missing)) / len(wanted)) ** 0.5
        near = await self._measure_nearness(judged)
        reason = (
            f"of what was asked the reply leaves out {asked.spell(missing)}" if missing else "all is taken up"
        )
        if near > score:
            return Verdict(score=near, reason=f"{reason}; it is near in meaning")
        return Verdict(score=score, reason=reason)

    async def _measure_nearness(self, judged: JudgedReply) -> float:
        """How much nearer the reply is to the question than sentences about other things are; 0 to 1."""
        if self._embedder is None:
            return 0.0
        (question,) = await self._embedder.embed([judged.asked], "query")
        reply, *others = await self._embedder.embed([judged.reply, *_ELSEWHERE], "passage")
        usual = sum(_cosine(question, other) for other in others) / len(others)
        return min(1.0, max(0.0, 2 * (_cosine(question, reply) - usual) / max(1e-6, 1 - usual)))

    async def _judge_grounds(self, judged: JudgedReply) -> Verdict:
        if not any(ground.strip() for ground in judged.grounds):
            raise NotJudgedError(NO_GROUNDS)
        claims = [one for one in self._reader.read(judged.reply) if one.is_claim]
        if not claims:
            raise NotJudgedError("The reply states nothing that could be checked.")
        grounds = [one for ground in judged.grounds for one in self._reader.read(ground)]
        nearness = await self._find_nearest(claims, grounds)
        doubts = [
            doubt
            for claim, near in zip(claims, nearness, strict=True)
            if (doubt := _find_doubt(claim, grounds, near)) is not None
        ]
        score = 1 - len(doubts) / len(claims)
        return Verdict(score=score, reason="; ".join(doubts) or "the grounds hold every statement")

    async def _find_nearest(
        self, claims: Sequence[Statement], grounds: Sequence[Statement]
    ) -> Sequence[float]:
        if self._embedder is None:
            return [0.0] * len(claims)
        said = await self._embedder.embed([claim.text for claim in claims], "query")
        known = await self._embedder.embed([ground.text for ground in grounds], "passage")
        return [max(_cosine(one, other) for other in known) for one in said]


def _find_doubt(claim: Statement, grounds: Sequence[Statement], near: float) -> str | None:
    """Why the grounds do not hold the statement; None if they do."""
    known = frozenset(word for ground in grounds for word in ground.words)
    invented = claim.numbers - {number for ground in grounds for number in ground.numbers}
    if invented:
        return f"{_quote(claim)} has the number {', '.join(sorted(invented))}, which the grounds do not"
    strangers = find_missing(claim.names, known)
    if strangers:
        return f"{_quote(claim)} names {claim.spell(strangers)}, whom or what the grounds do not"
    missing = find_missing(claim.words, known)
    covered = 1 - len(missing) / len(claim.words) if claim.words else 1.0
    if covered < (_LEAST_COVERED_IF_NEAR if near >= _NEAR else LEAST_COVERED):
        return f"{_quote(claim)} is not in the grounds ({claim.spell(missing)})"
    if _is_denied(claim, grounds):
        return f"{_quote(claim)} says the opposite of the grounds"
    return None


def _is_denied(claim: Statement, grounds: Sequence[Statement]) -> bool:
    """Whether the sentences that are about the same all deny what is said, or say what is denied."""
    if not claim.words:
        return False
    shares = [1 - len(find_missing(claim.words, ground.words)) / len(claim.words) for ground in grounds]
    best = max(shares)
    same = [ground for ground, share in zip(grounds, shares, strict=True) if share >= best - 0.05]
    return best >= LEAST_COVERED and all(ground.is_negated != claim.is_negated for ground in same)


def _quote(claim: Statement) -> str:
    return f"“{claim.text}”"


def _cosine(one: Vector, other: Vector) -> float:
    return sum(left * right for left, right in zip(one, other, strict=True))
