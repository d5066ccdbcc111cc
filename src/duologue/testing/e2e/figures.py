"""What understanding the messages of the tests took: which rung answered, how long, and at what cost."""

import math
from collections.abc import Iterable, Sequence

import msgspec

from duologue.core import events as ev
from duologue.testing.e2e.turn_record import TurnRecord

NO_RUNG = "none"


class TurnFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the user."""

    line: int
    rung: str
    """Which rung of the ladder answered."""
    calls: int = 0
    """Calls of language models, those that failed too."""
    failed_calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    dropped: int = 0
    understanding_milliseconds: float = 0.0
    milliseconds: float = 0.0
    """The whole turn."""
    is_failed: bool = False
    """The test failed at this message."""


class RungFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one rung did."""

    rung: str
    turns: int
    in_passed: int
    in_failed: int
    failed_there: int
    """Tests that failed at a message which this rung understood."""


class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds that half, nine tenths and 99 of 100 did not exceed."""

    p50: float = 0.0
    p90: float = 0.0
    p99: float = 0.0
    most: float = 0.0


class RunFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All messages of a run."""

    turns: int
    rungs: tuple[RungFigures, ...]
    turns_without_model: int
    calls: int
    failed_calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    dropped: int
    understanding: Percentiles
    turn: Percentiles


def measure_turn(turn: TurnRecord) -> list[TurnFigures]:
    """The figures of the message, if it was understood at all: a paused conversation is not listened to."""
    spoken = next((event for event in turn.events if isinstance(event, ev.UserSpoke)), None)
    if spoken is None:
        return []
    evidence = spoken.understanding.evidence
    calls = [call for one in evidence for call in one.calls]
    return [
        TurnFigures(
            line=turn.line,
            # Rungs that failed stand after the one that answered.
            rung=evidence[0].rung if evidence else NO_RUNG,
            calls=len(calls),
            failed_calls=sum(call.failure is not None for call in calls),
            input_tokens=sum(call.input_tokens for call in calls),
            cached_tokens=sum(call.cached_tokens for call in calls),
            output_tokens=sum(call.output_tokens for call in calls),
            dropped=sum(one.dropped for one in evidence),
            understanding_milliseconds=max((one.milliseconds for one in evidence), default=0.0),
            milliseconds=turn.milliseconds,
        )
    ]


def sum_up(turns: Iterable[tuple[TurnFigures, bool]]) -> RunFigures:
    """The figures of a run, from those of its turns, each with whether its case passed."""
    pairs = list(turns)
    figures = [turn for turn, _ in pairs]
    return RunFigures(
        turns=len(figures),
        rungs=_count_rungs(pairs),
        turns_without_model=sum(not turn.calls for turn in figures),
        calls=sum(turn.calls for turn in figures),
        failed_calls=sum(turn.failed_calls for turn in figures),
        input_tokens=sum(turn.input_tokens for turn in figures),
        cached_tokens=sum(turn.cached_tokens for turn in figures),
        output_tokens=sum(turn.output_tokens for turn in figures),
        dropped=sum(turn.dropped for turn in figures),
        understanding=find_percentiles([turn.understanding_milliseconds for turn in figures]),
        turn=find_percentiles([turn.milliseconds for turn in figures]),
    )


def _count_rungs(pairs: Sequence[tuple[TurnFigures, bool]]) -> tuple[RungFigures, ...]:
    names = dict.fromkeys(turn.rung for turn, _ in pairs)
    counted = [
        RungFigures(
            rung=name,
            turns=sum(turn.rung == name for turn, _ in pairs),
            in_passed=sum(turn.rung == name and is_passed for turn, is_passed in pairs),
            in_failed=sum(turn.rung == name and not is_passed for turn, is_passed in pairs),
            failed_there=sum(turn.rung == name and turn.is_failed for turn, _ in pairs),
        )
        for name in names
    ]
    return tuple(sorted(counted, key=lambda rung: (-rung.turns, rung.rung)))


def find_percentiles(values: Sequence[float]) -> Percentiles:
    """Percentiles by the nearest rank: each is a value that was measured."""
    if not values:
        return Percentiles()
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 3)

    return Percentiles(p50=at(0.5), p90=at(0.9), p99=at(0.99), most=at(1.0))
