"""What became of a run of tests of understanding."""

from collections.abc import Iterable

import msgspec

from duologue.core.commands import Command
from duologue.core.understanding import ModelCall
from duologue.testing.du.comparison import Comparison, name_kind
from duologue.testing.du.expected import ExpectedCase, ExpectedTurn
from duologue.testing.e2e.checks import Failure
from duologue.testing.e2e.figures import Percentiles, find_percentiles
from duologue.testing.e2e.stub_actions import ActionTrouble


class RungAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one rung of the ladder says to a message when it is asked alone."""

    rung: str
    is_answered: bool
    """False if it was not sure enough and left the message to the rung below."""
    is_right: bool = False
    milliseconds: float = 0.0
    failure: str | None = None
    """Why it failed, if it did."""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """What a language model was asked for a message, and what it said."""

    model: str
    prefix: str
    prompt: str
    answer: str = ""
    failure: str | None = None


class TurnJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """How one message was understood."""

    turn: ExpectedTurn
    comparison: Comparison
    refused: tuple[Command, ...] = ()
    """Expected commands that the flows do not offer in this state: a slip of the test, or of the flows."""
    answered_by: str = ""
    """The rung that answered."""
    reason: str = ""
    milliseconds: float = 0.0
    is_read: bool = True
    """False if it never came to the understander, because it is empty or too long or nobody listens any more."""
    calls: tuple[ModelCall, ...] = ()
    rungs: tuple[RungAnswer, ...] = ()
    prompts: tuple[Prompt, ...] = ()

    @property
    def is_right(self) -> bool:
        return self.comparison.is_right


class DuCaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one test case."""

    expected: ExpectedCase
    turns: tuple[TurnJudgement, ...] = ()
    """The messages that were judged."""
    failures: tuple[Failure, ...] = ()
    """What the assistant should have said or done and did not, although it went on with the expected commands."""
    turns_left: int = 0
    """Messages to be judged that were not sent, because the conversation failed before."""
    transcript: tuple[str, ...] = ()
    milliseconds: float = 0.0

    @property
    def is_passed(self) -> bool:
        return not self.failures and all(turn.is_right for turn in self.turns)


class CommandScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well one kind of command is understood."""

    kind: str
    expected: int = 0
    understood: int = 0
    right: int = 0

    @property
    def precision(self) -> float | None:
        """The share of what was understood that was meant; None if it was never understood."""
        return self.right / self.understood if self.understood else None

    @property
    def recall(self) -> float | None:
        """The share of what was meant that was understood; None if it was never meant."""
        return self.right / self.expected if self.expected else None

    @property
    def f1(self) -> float:
        both = self.expected + self.understood
        return 2 * self.right / both if both else 1.0


class RungScore(msgspec.Struct, frozen=True, kw_only=True):
    """How one rung of the ladder does when it is asked every message."""

    rung: str
    asked: int = 0
    answered: int = 0
    right: int = 0
    failed: int = 0
    milliseconds: float = 0.0
    """The median."""


class TokenPercentiles(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens a message: of the prompt, those of it that came from a provider's cache, and of the answer."""

    input: Percentiles
    cached: Percentiles
    output: Percentiles


class DuReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all test cases."""

    results: tuple[DuCaseResult, ...]
    cases_left: int = 0
    action_troubles: tuple[ActionTrouble, ...] = ()
    """Custom actions that were needed and did not run to their end."""
    milliseconds: float = 0.0
    problems: tuple[str, ...] = ()
    """Why the run counts as failed although every test passed, such as a cassette without an answer."""

    @property
    def passed(self) -> tuple[DuCaseResult, ...]:
        return tuple(result for result in self.results if result.is_passed)

    @property
    def failed(self) -> tuple[DuCaseResult, ...]:
        return tuple(result for result in self.results if not result.is_passed)

    @property
    def missing_actions(self) -> tuple[str, ...]:
        """Custom actions that nobody could run."""
        return tuple(trouble.action for trouble in self.action_troubles if trouble.is_missing)

    @property
    def turns(self) -> tuple[TurnJudgement, ...]:
        """Every message that was judged."""
        return tuple(turn for result in self.results for turn in result.turns)

    @property
    def right_turns(self) -> int:
        return sum(turn.is_right for turn in self.turns)

    @property
    def accuracy(self) -> float | None:
        """The share of messages that were understood wholly; None if none was judged."""
        return self.right_turns / len(self.turns) if self.turns else None

    @property
    def read_turns(self) -> tuple[TurnJudgement, ...]:
        """Those that came to the understander."""
        return tuple(turn for turn in self.turns if turn.is_read)

    @property
    def turns_without_model(self) -> int:
        """Messages for which no language model was asked."""
        return sum(not turn.calls for turn in self.read_turns)

    @property
    def latency(self) -> Percentiles:
        """Milliseconds that understanding a message took."""
        return find_percentiles([turn.milliseconds for turn in self.read_turns])

    @property
    def tokens(self) -> "TokenPercentiles":
        """Of the messages for which a language model was asked."""
        asked = [turn.calls for turn in self.turns if turn.calls]
        return TokenPercentiles(
            input=find_percentiles([sum(call.input_tokens for call in calls) for calls in asked]),
            cached=find_percentiles([sum(call.cached_tokens for call in calls) for calls in asked]),
            output=find_percentiles([sum(call.output_tokens for call in calls) for calls in asked]),
        )

    @property
    def exit_code(self) -> int:
        """0 if every test passed, for the shell."""
        return 1 if self.failed or self.problems else 0

    def score_commands(self) -> tuple[CommandScore, ...]:
        """A score for each kind of command, the most frequent first."""
        expected = _count(kind for turn in self.turns for kind in map(name_kind, turn.comparison.expected))
        understood = _count(
            kind for turn in self.turns for kind in map(name_kind, turn.comparison.understood)
        )
        right = _count(kind for turn in self.turns for kind in map(name_kind, turn.comparison.right))
        scores = [
            CommandScore(
                kind=kind,
                expected=expected.get(kind, 0),
                understood=understood.get(kind, 0),
                right=right.get(kind, 0),
            )
            for kind in expected | understood
        ]
        return tuple(sorted(scores, key=lambda score: (-score.expected, -score.understood, score.kind)))

    def score_rungs(self) -> tuple[RungScore, ...]:
        """A score for each rung of the ladder, the first one asked first; none if they were not asked."""
        answers: dict[str, list[RungAnswer]] = {}
        for turn in self.turns:
            for answer in turn.rungs:
                answers.setdefault(answer.rung, []).append(answer)
        return tuple(
            RungScore(
                rung=rung,
                asked=len(asked),
                answered=sum(answer.is_answered for answer in asked),
                right=sum(answer.is_right for answer in asked),
                failed=sum(answer.failure is not None for answer in asked),
                milliseconds=find_percentiles([answer.milliseconds for answer in asked]).p50,
            )
            for rung, asked in answers.items()
        )


def _count(kinds: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    return counts
