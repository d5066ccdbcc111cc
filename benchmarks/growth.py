"""What a turn costs as its conversation grows: it must not matter how much was said before."""

import statistics
import time
from pathlib import Path

from msgspec.structs import replace

from benchmarks.made_project import make_script, name_flow
from benchmarks.measured_assistant import make_message, open_assistant, read_made_project
from benchmarks.results import Row
from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.project.definition import AssistantDefinition
from duologue.runtime.assistant import Assistant

LENGTHS = (10, 100, 1_000, 10_000)
TARGET_RATIO = 1.2
_CHUNK = 500


async def measure_growth(folder: Path, *, is_quick: bool) -> list[Row]:
    """The same turn at the end of conversations of 10 to 10,000 events."""
    definition = read_made_project(folder)
    samples = 12 if is_quick else 40
    in_memory = await _measure_store(definition, samples)
    on_disk = await _measure_store(definition, samples, database=folder / "growth.db")
    return [*_make_rows(in_memory, "in memory", samples), *_make_rows(on_disk, "in SQLite", samples)]


def _make_rows(found: dict[int, float], place: str, samples: int) -> list[Row]:
    shortest = found[LENGTHS[0]]
    return [
        Row(
            name=f"CPU of a turn after {length:,} events, {place}, against {LENGTHS[0]}",
            value=found[length] / shortest,
            unit="×",
            target=TARGET_RATIO if length == LENGTHS[-1] else None,
            note=f"{found[length]:.2f} ms, median of {samples} conversations",
        )
        for length in LENGTHS[1:]
    ]


async def _measure_store(
    definition: AssistantDefinition, samples: int, database: Path | None = None
) -> dict[int, float]:
    async with open_assistant(definition, database=database) as assistant:
        script = make_script(name_flow(7))
        history, state = await talk_once(assistant, script)
        for length in LENGTHS:
            for number in range(samples):
                await store_conversation(assistant, f"{length}-{number}", length, history, state)
        times: dict[int, list[float]] = {length: [] for length in LENGTHS}
        # The lengths take turns, so that whatever else the machine does touches all of them alike.
        for number in range(samples):
            for length in LENGTHS:
                message = make_message(f"{length}-{number}", script[1])
                began = time.process_time()
                report = await assistant.handle(message)
                times[length].append((time.process_time() - began) * 1000)
                if report.state.length <= length or not report.replies:
                    raise RuntimeError("A turn did not go on from the stored conversation.")
    return {length: statistics.median(values) for length, values in times.items()}


async def talk_once(assistant: Assistant, script: tuple[str, ...]) -> tuple[list[Event], State]:
    """The events of a whole walk, and the state in which the first question is open."""
    for text in script:
        await assistant.handle(make_message("pattern", text))
    report = await assistant.handle(make_message("pattern", script[0]))
    return await assistant.load_events(ConversationId("pattern")), report.state


async def store_conversation(
    assistant: Assistant, name: str, length: int, history: list[Event], state: State
) -> None:
    """A conversation of exactly `length` events: real ones, over and over, and the snapshot at their end."""
    conversation_id = ConversationId(name)
    events = (history * (length // len(history) + 1))[-length:]
    for start in range(0, length, _CHUNK):
        part = events[start : start + _CHUNK]
        stored = start + len(part)
        snapshot = replace(state, conversation_id=conversation_id, length=stored)
        await assistant.tracker_store.append(conversation_id, part, expected=start, snapshot=snapshot)
