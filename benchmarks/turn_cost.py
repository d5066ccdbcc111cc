"""What a turn costs our CPU: a button is pressed, a slot is set, the next question is asked."""

import asyncio
import gc
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import msgspec

from benchmarks.made_project import FLOWS, make_script, name_flow
from benchmarks.measured_assistant import make_message, open_assistant, read_made_project
from benchmarks.results import Row
from duologue.core.messages import UserMessage
from duologue.runtime.assistant import Assistant

CONVERSATIONS = 20
WARM_UP = 500
TARGET_MILLISECONDS = 1.2


async def measure_turn_cost(folder: Path, *, is_quick: bool) -> list[Row]:
    """CPU of this process for a turn, with the store in memory and no model."""
    definition = read_made_project(folder)
    turns = 2_000 if is_quick else 6_000
    async with open_assistant(definition) as assistant:
        messages = list_messages(WARM_UP + turns)
        for message in messages[:WARM_UP]:
            await assistant.handle(message)
        gc.collect()
        milliseconds = await _time_turns(assistant, messages[WARM_UP:])
    floor_json = _time_json(messages[WARM_UP])
    floor_loop = await _time_empty_handler(messages[WARM_UP])
    return [
        Row(
            name=f"CPU of a turn, {FLOWS} flows, buttons, store in memory",
            value=milliseconds,
            unit="ms",
            floor="JSON of the message read, and of a reply written",
            floor_value=floor_json,
            target=TARGET_MILLISECONDS,
            note=f"mean of {turns:,} turns after {WARM_UP} to warm up",
        ),
        Row(
            name="the same, beside a handler that does nothing",
            value=milliseconds,
            unit="ms",
            floor="one task, awaited",
            floor_value=floor_loop,
        ),
    ]


def list_messages(count: int) -> list[UserMessage]:
    """Messages of a few conversations, one after the other, walking through every flow."""
    return list(islice(_make_messages(), count))


def _make_messages() -> Iterator[UserMessage]:
    scripts = cycle(make_script(name_flow(place)) for place in range(FLOWS))
    while True:
        for conversation in range(CONVERSATIONS):
            for text in next(scripts):
                yield make_message(f"measured-{conversation}", text)


async def _time_turns(assistant: Assistant, messages: list[UserMessage]) -> float:
    began = time.process_time()
    for message in messages:
        report = await assistant.handle(message)
        if not report.replies:
            raise RuntimeError(f"The message {message.text} got no reply: the benchmark measures nothing.")
    return (time.process_time() - began) / len(messages) * 1000


def _time_json(message: UserMessage, rounds: int = 20_000) -> float:
    body = msgspec.json.encode({"sender": message.conversation_id, "message": message.text})
    began = time.process_time()
    for _ in range(rounds):
        read = msgspec.json.decode(body)
        msgspec.json.encode([{"recipient_id": read["sender"], "text": read["message"]}])
    return (time.process_time() - began) / rounds * 1000


async def _time_empty_handler(message: UserMessage, rounds: int = 20_000) -> float:
    async def answer(message: UserMessage) -> str:
        return message.text

    began = time.process_time()
    for _ in range(rounds):
        await asyncio.shield(asyncio.create_task(answer(message)))
    return (time.process_time() - began) / rounds * 1000
