"""What a server does that streams: over gRPC, where it has `WebhookStream`."""

import asyncio
from typing import Any

from duologue.testing.conformance.actions.answers import Outcome, Streamed, StreamEvent, StreamStep
from duologue.testing.conformance.actions.calls import describe_call
from duologue.testing.conformance.actions.check import (
    OVER_GRPC,
    Check,
    Part,
    read_slots,
    require,
    require_outcome,
    require_slots,
    require_texts,
)
from duologue.testing.conformance.actions.door import Door, LeaveError
from duologue.testing.conformance.actions.protocol_checks import UNKNOWN

MOST_TICKS = 200
"""How many pieces `conformance_stream_long` gives to a listener who stays."""
_LATE_PIECES = 5
"""Pieces that may be on their way when the server hears that nobody listens."""


async def _streams_a_message(door: Door) -> None:
    streamed = await _hear(door, "conformance_stream")
    _require_one_message(streamed, "conformance_stream")
    pieces = streamed.find_pieces()
    require(pieces == ["one ", "two ", "three"], f"conformance_stream streams {pieces}.")
    require_slots(streamed.answer, {"streamed": True}, "conformance_stream")
    require(
        not streamed.answer.responses,
        "conformance_stream has what it streamed among its responses once more.",
    )


async def _streams_nothing_but_the_result(door: Door) -> None:
    streamed = await _hear(door, "conformance_say")
    steps = [event.step for event in streamed.events]
    require(
        steps == [StreamStep.RESULT], f"conformance_say streams {_name(steps)} instead of a final_result."
    )
    require_texts(streamed.answer, ["Hello."], "conformance_say")


async def _streams_pieces_as_they_are_made(door: Door) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    heard: list[float] = []

    async def leave_after_five(event: StreamEvent) -> None:
        if event.step is StreamStep.PIECE:
            heard.append(loop.time() - started)
        if len(heard) == 5:
            raise LeaveError

    await door.stream(describe_call("conformance_stream_long"), leave_after_five)
    require(len(heard) == 5, f"conformance_stream_long streams {len(heard)} pieces to a listener who stays.")
    require(
        heard[0] < 5,
        f"The first piece of conformance_stream_long arrives after {heard[0]:.1f} s: with the last.",
    )
    await door.check_health()
    await _streams_a_message(door)


async def _stops_when_told(door: Door) -> None:
    heard_before = 0
    heard_after = 0

    async def interrupt(event: StreamEvent) -> None:
        nonlocal heard_before, heard_after
        if event.step is not StreamStep.PIECE:
            return
        if heard_before == 3:
            heard_after += 1
            return
        heard_before += 1
        if heard_before == 3:
            await door.acknowledge(event.response_id)

    streamed = await door.stream(describe_call("conformance_stream_long"), interrupt)
    require_outcome(streamed.answer, Outcome.RESULT, "conformance_stream_long, interrupted,")
    ticks = read_slots(streamed.answer, "conformance_stream_long").get("ticks", MOST_TICKS)
    require(ticks < MOST_TICKS, "conformance_stream_long goes on to its end, though nobody listens any more.")
    require(
        heard_after <= _LATE_PIECES,
        f"{heard_after} pieces arrive after the server was told that nobody listens.",
    )


async def _takes_a_word_about_no_stream(door: Door) -> None:
    await door.acknowledge("conformance-no-such-stream")
    await door.check_health()


async def _keeps_streams_apart(door: Door) -> None:
    streams = await asyncio.gather(*(_hear(door, "conformance_stream") for _ in range(10)))
    for streamed in streams:
        _require_one_message(streamed, "One of 10 streams at once")
        require(
            streamed.find_pieces() == ["one ", "two ", "three"],
            f"One of 10 streams at once has the pieces {streamed.find_pieces()}.",
        )
    ids = {streamed.events[0].response_id for streamed in streams}
    require(len(ids) == len(streams), "Two streamed messages have the same response_id.")


async def _streams_what_goes_wrong(door: Door) -> None:
    wanted = {
        "conformance_reject": Outcome.REJECTED,
        "conformance_fail": Outcome.FAILED,
        UNKNOWN: Outcome.UNKNOWN_ACTION,
    }
    for name, outcome in wanted.items():
        streamed = await _hear(door, name)
        steps = [event.step for event in streamed.events]
        require(
            steps in ([StreamStep.ERROR], []),
            f"{name} streams {_name(steps)} where it has nothing but an error.",
        )
        require_outcome(streamed.answer, outcome, f"{name}, streamed,")


async def _streams_nothing_for_no_action(door: Door) -> None:
    streamed = await door.stream(describe_call(None))
    said = [event.step for event in streamed.events if event.step is not StreamStep.RESULT]
    require(
        not said and not streamed.answer.events,
        f"A streamed call that names no action streams {_name(said)}.",
    )


async def _hear(door: Door, action_name: str) -> Streamed:
    return await door.stream(describe_call(action_name))


def _require_one_message(streamed: Streamed, what: str) -> None:
    steps = [event.step for event in streamed.events]
    pieces = steps.count(StreamStep.PIECE)
    wanted = [StreamStep.START, *[StreamStep.PIECE] * pieces, StreamStep.END, StreamStep.RESULT]
    require(steps == wanted, f"{what} streams {_name(steps)} instead of one message and its result.")
    ids = {event.response_id for event in streamed.events[:-1]}
    require(len(ids) == 1 and "" not in ids, f"{what} has not one response_id, but {sorted(ids)}.")


def _name(steps: list[StreamStep]) -> str:
    return ", ".join(steps) or "nothing"


def _streaming(name: str, run: Any, *actions: str) -> Check:
    return Check(name=name, part=Part.STREAMING, run=run, actions=actions, transports=OVER_GRPC)


STREAMING_CHECKS = (
    _streaming("a message is streamed piece by piece", _streams_a_message, "conformance_stream"),
    _streaming(
        "an action that does not stream gives its result", _streams_nothing_but_the_result, "conformance_say"
    ),
    _streaming(
        "pieces come as they are made, and a listener may leave",
        _streams_pieces_as_they_are_made,
        "conformance_stream",
        "conformance_stream_long",
    ),
    _streaming("a stream stops when nobody listens any more", _stops_when_told, "conformance_stream_long"),
    _streaming("a word about an ended stream is taken", _takes_a_word_about_no_stream),
    _streaming("streams stay apart", _keeps_streams_apart, "conformance_stream"),
    _streaming(
        "a stream tells what goes wrong", _streams_what_goes_wrong, "conformance_fail", "conformance_reject"
    ),
    _streaming("a streamed call that names no action streams nothing", _streams_nothing_for_no_action),
)
