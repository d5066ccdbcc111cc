"""Replies whose words were made up for this conversation: who made them, and what they may know."""

from collections.abc import Iterator, Sequence

import msgspec

from duologue.core import events as ev
from duologue.core.messages import BotMessage
from duologue.core.values import OpenData
from duologue.project.e2e_tests import JudgedAssertion
from duologue.testing.e2e.checks import Failure, tell_replies
from duologue.testing.e2e.judges.judge import Judge, JudgedReply, NotJudgedError
from duologue.testing.e2e.turn_record import TurnRecord, format_value

SOURCE_KEY = "utter_source"
"""Metadata of a bot event: the component or action that made the words."""
GROUND_KEYS = ("search_results", "documents", "sources", "domain_ground_truth")
"""Metadata of a bot event: what the words were made from."""
_GENERATING_ACTIONS = frozenset({"action_trigger_search", "action_trigger_chitchat"})


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a judge said about one assertion."""

    line: int
    question: str
    threshold: float
    judge: str
    score: float | None = None
    """None if it came to no verdict."""
    reason: str

    @property
    def is_missing(self) -> bool:
        return self.score is None


class SourcedReply(msgspec.Struct, frozen=True, kw_only=True):
    """One reply with where it comes from."""

    message: BotMessage
    metadata: OpenData
    action: str
    """The action that said it."""

    @property
    def source(self) -> str:
        """What the reply itself names as its source."""
        return str(self.metadata.get(SOURCE_KEY) or "")


def list_sourced_replies(turn: TurnRecord) -> tuple[SourcedReply, ...]:
    """All replies of a turn."""
    replies: list[SourcedReply] = []
    action = ""
    for event in turn.events:
        if isinstance(event, ev.ActionExecuted):
            action = event.name
        elif isinstance(event, ev.BotSpoke):
            metadata = {**event.message.metadata, **event.metadata}
            replies.append(SourcedReply(message=event.message, metadata=metadata, action=action))
    return tuple(replies)


async def judge_reply(
    assertion: JudgedAssertion, turn: TurnRecord, judge: Judge
) -> tuple[list[Failure], Judgement | None]:
    """The failures of the assertion, and what the judge said; there is nothing to judge without a fitting reply."""
    replies = [reply for reply in list_sourced_replies(turn) if _fits(reply, assertion)]
    text = "\n".join(reply.message.text for reply in replies if reply.message.text)
    if not text:
        return [_miss(assertion, turn)], None
    asked = JudgedReply(
        question=assertion.question,
        asked=turn.text or "",
        reply=text,
        grounds=_collect_grounds(assertion, replies, turn) if assertion.question == "grounded" else (),
    )
    judgement = await _ask(judge, asked, assertion)
    if judgement.score is None or judgement.score >= assertion.threshold:
        return [], judgement
    failure = Failure(
        line=assertion.line,
        expected=f"a reply that is {assertion.question} to {assertion.threshold:g} or more",
        happened=f"the judge ({judge.name}) says {judgement.score:.2f}: {judgement.reason}",
    )
    return [failure], judgement


async def _ask(judge: Judge, asked: JudgedReply, assertion: JudgedAssertion) -> Judgement:
    score: float | None = None
    try:
        verdict = await judge.judge(asked)
        score, reason = verdict.score, verdict.reason
    except NotJudgedError as error:
        reason = str(error)
    except Exception as error:  # a judge that breaks has judged nothing; the test goes on and says so
        reason = f"The judge failed ({type(error).__name__}: {error})."
    return Judgement(
        line=assertion.line,
        question=assertion.question,
        threshold=assertion.threshold,
        judge=judge.name,
        score=score,
        reason=reason,
    )


def _fits(reply: SourcedReply, assertion: JudgedAssertion) -> bool:
    if assertion.utter_name is not None and reply.message.response != assertion.utter_name:
        return False
    if assertion.utter_source is not None:
        return assertion.utter_source in (reply.source, reply.action)
    is_generated = bool(reply.source) or reply.action in _GENERATING_ACTIONS
    return is_generated or assertion.utter_name is not None


def _miss(assertion: JudgedAssertion, turn: TurnRecord) -> Failure:
    parts = ["a generated reply to judge"]
    if assertion.utter_name is not None:
        parts.append(f"made of {assertion.utter_name}")
    if assertion.utter_source is not None:
        parts.append(f"by {assertion.utter_source}")
    return Failure(line=assertion.line, expected=" ".join(parts), happened=tell_replies(turn))


def _collect_grounds(
    assertion: JudgedAssertion, replies: Sequence[SourcedReply], turn: TurnRecord
) -> tuple[str, ...]:
    """The truth that the test names; else what the replies were made from, with the slots and the user's words."""
    if assertion.ground_truth:
        return (assertion.ground_truth,)
    slots = [f"{name}: {format_value(value)}" for name, value in turn.slots.items() if value is not None]
    grounds = [text for reply in replies for text in _list_origins(reply, turn)] + slots
    return (*dict.fromkeys(grounds), turn.text or "") if grounds else ()


def _list_origins(reply: SourcedReply, turn: TurnRecord) -> Iterator[str]:
    for key in GROUND_KEYS:
        yield from _list_texts(reply.metadata.get(key))
    for variation in turn.domain.responses.get(reply.message.response or "", ()):
        if variation.text:
            yield variation.text


def _list_texts(data: object) -> Iterator[str]:
    """Every text in open data, whatever a component calls its parts."""
    match data:
        case str():
            yield data
        case dict():
            for value in data.values():  # pyright: ignore[reportUnknownVariableType] - open data
                yield from _list_texts(value)  # pyright: ignore[reportUnknownArgumentType]
        case list() | tuple():
            for value in data:  # pyright: ignore[reportUnknownVariableType] - open data
                yield from _list_texts(value)  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return
