"""An understander that is judged: it asks the assistant's own, compares, and goes on with what the test expects."""

import time
from collections.abc import Sequence
from contextlib import suppress

from duologue.core.commands import Command
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.understanding import Evidence, Understanding
from duologue.dialogue.engine import Understander
from duologue.flows.offers import Offers
from duologue.testing.du.comparison import accept, compare, settle
from duologue.testing.du.expected import ExpectedTurn
from duologue.testing.du.prompt_log import PromptLog
from duologue.testing.du.report import RungAnswer, TurnJudgement
from duologue.understanding.ladder import Ladder, Rung


class JudgedUnderstander:
    """Stands in for the assistant's understander, in any number of conversations at a time.

    Every message is understood as the assistant would, and judged. Then the turn goes on with the commands that the
    test expects, so that a mistake does not spoil what comes after it.
    """

    def __init__(
        self, understander: Understander, *, asks_every_rung: bool = True, prompts: PromptLog | None = None
    ) -> None:
        self._understander = understander
        self._asks_every_rung = asks_every_rung
        self._prompts = prompts
        self._expected: dict[ConversationId, ExpectedTurn] = {}
        self._judgements: dict[ConversationId, TurnJudgement] = {}

    def expect(self, conversation_id: ConversationId, turn: ExpectedTurn) -> None:
        """Judge the next message of a conversation by this turn."""
        self._expected[conversation_id] = turn

    def take_judgement(self, conversation_id: ConversationId) -> TurnJudgement | None:
        """How the last message was understood; None if it came to nobody who could understand it."""
        self._expected.pop(conversation_id, None)
        return self._judgements.pop(conversation_id, None)

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
        """What the test expects of the message, or what the assistant makes of one that is not judged."""
        turn = self._expected.pop(message.conversation_id, None)
        if turn is None or turn.commands is None:
            return await self._understander.understand(message, offers)
        rungs = _list_rungs(self._understander)
        if self._prompts is not None:
            self._prompts.begin()
        began = time.perf_counter()
        understander = Ladder(rungs) if rungs else self._understander
        try:
            understanding = await understander.understand(message, offers)
        except Exception as error:  # it promises not to raise; one that does has not understood
            reason = f"it failed: {type(error).__name__}: {error}"
            understanding = Understanding(evidence=(Evidence(rung="understander", reason=reason),))
        milliseconds = (time.perf_counter() - began) * 1000
        prompts = self._prompts.take() if self._prompts is not None else ()
        wanted, refused = settle(turn.commands, offers)
        comparison = compare(wanted, accept(understanding.commands, offers))
        answers = await _ask(rungs, message, offers, wanted) if self._asks_every_rung else ()
        said = understanding.evidence[0] if understanding.evidence else Evidence(rung="none")
        self._judgements[message.conversation_id] = TurnJudgement(
            turn=turn,
            comparison=comparison,
            refused=refused,
            answered_by=said.rung,
            reason=said.reason,
            milliseconds=milliseconds,
            calls=tuple(call for one in understanding.evidence for call in one.calls),
            rungs=answers,
            prompts=prompts,
        )
        if comparison.is_right:
            return understanding
        return Understanding(commands=turn.commands, evidence=(Evidence(rung="test"),))


async def _ask(
    rungs: "Sequence[_AskedRung]", message: UserMessage, offers: Offers, wanted: Sequence[Command]
) -> tuple[RungAnswer, ...]:
    """What each rung says for itself; those that were asked already are not asked again."""
    answers: list[RungAnswer] = []
    for rung in rungs:
        if not rung.is_asked:
            await rung.ask(message, offers)
        found = rung.found
        answers.append(
            RungAnswer(
                rung=rung.name,
                is_answered=found is not None,
                is_right=found is not None and compare(wanted, accept(found.commands, offers)).is_right,
                milliseconds=rung.milliseconds,
                failure=rung.failure,
            )
        )
    return tuple(answers)


def _list_rungs(understander: Understander) -> "list[_AskedRung]":
    """The rungs of a ladder, those with the same name told apart."""
    rungs = understander.rungs if isinstance(understander, Ladder) else ()
    names = [rung.name for rung in rungs]
    return [
        _AskedRung(
            rung,
            f"{rung.name} {names[:place].count(rung.name) + 1}" if names.count(rung.name) > 1 else rung.name,
        )
        for place, rung in enumerate(rungs)
    ]


class _AskedRung:
    """A rung that remembers what it said to the one message of a turn."""

    def __init__(self, rung: Rung, name: str) -> None:
        self._rung = rung
        self.name = name
        self.is_asked = False
        self.found: Understanding | None = None
        self.failure: str | None = None
        self.milliseconds = 0.0

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        self.is_asked = True
        began = time.perf_counter()
        try:
            self.found = await self._rung.understand(message, offers)
        except Exception as error:
            self.failure = str(error) or type(error).__name__
            raise
        finally:
            self.milliseconds = (time.perf_counter() - began) * 1000
        return self.found

    async def ask(self, message: UserMessage, offers: Offers) -> None:
        """Ask it for itself; that it fails is noted, and nothing else comes of it."""
        with suppress(Exception):
            await self.understand(message, offers)

    def warm_up(self) -> None:
        pass  # the rung behind it has been warmed up
