"""What understanding costs: time for free text without a model, tokens and time with one, and how many turns need none."""

import logging
import time
from pathlib import Path

from benchmarks.made_project import DEEDS, TOPICS
from benchmarks.measured_assistant import make_message, read_made_project
from benchmarks.results import Row
from duologue.adapters.lock_store.in_process import open_store as open_locks
from duologue.adapters.tracker_store.memory import open_store as open_memory
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.core.generator_options import GeneratorOptions
from duologue.flows.flow import Flows
from duologue.ports.language_model import ModelRequest, read_answer
from duologue.project.definition import AssistantDefinition
from duologue.project.project_reader import read_project
from duologue.runtime.build import build_assistant
from duologue.runtime.in_process_actions import InProcessActionRunner
from duologue.runtime.understanding import build_ladder_with_model
from duologue.testing.e2e.project_tests import find_tests
from duologue.testing.e2e.runner import run_e2e
from duologue.testing.scripted_model import ScriptedLanguageModel, count_tokens

BANK = Path(__file__).parents[1] / "examples" / "bank"
TARGET_TURN_MILLISECONDS = 50.0
TARGET_TOKENS = 800
TARGET_SHARE = 60.0
COUNTS = (10, 100, 1_000)


async def measure_understanding(folder: Path, *, is_quick: bool) -> list[Row]:
    """Time and tokens of a message, and the share of messages that no model is asked about."""
    return [
        *await _measure_free_text(folder / "text", messages=100 if is_quick else 400),
        *await _measure_tokens(folder),
        *await _measure_model_turn(folder / "turn", rounds=50 if is_quick else 200),
        await _measure_share(),
    ]


async def _measure_free_text(folder: Path, *, messages: int) -> list[Row]:
    definition = read_made_project(folder)
    assistant = build_assistant(definition, tracker_store=await open_memory(), lock_store=await open_locks())
    texts = [f"hello, could you {deed} my {topic} please" for deed in DEEDS for topic in TOPICS]
    times: list[float] = []
    try:
        for number in range(20 + messages):
            message = make_message(f"free-{number}", texts[number % len(texts)])
            began = time.process_time()
            await assistant.handle(message)
            times.append((time.process_time() - began) * 1000)
    finally:
        await assistant.close()
    measured = sorted(times[20:])
    return [
        Row(
            name="CPU of a turn that begins with free text, 100 flows, no model",
            value=measured[len(measured) // 2],
            unit="ms",
            target=TARGET_TURN_MILLISECONDS,
            note=f"median of {messages} first messages; p99 {measured[int(len(measured) * 0.99)]:.1f} ms",
        )
    ]


async def _measure_tokens(folder: Path) -> list[Row]:
    rows: list[Row] = []
    floor: float | None = None
    for count in COUNTS:
        definition = read_made_project(folder / str(count), flows=count)
        prefix, prompt = await _ask_once(definition)
        rows.append(
            Row(
                name=f"tokens of a prompt, {count:,} flows: the part that changes",
                value=prompt,
                unit="tokens",
                floor="the part before it, the same in every turn",
                floor_value=prefix,
                target=TARGET_TOKENS,
                note="one for four characters"
                if floor is None
                else f"{(prefix + prompt) / floor:.2f} x the whole of {COUNTS[0]} flows",
            )
        )
        floor = floor or prefix + prompt
    return rows


async def _ask_once(definition: AssistantDefinition) -> tuple[int, int]:
    model = ScriptedLanguageModel("cancel flow", "cancel flow")
    options = GeneratorOptions(minimize_num_calls=False)
    ladder = build_ladder_with_model(definition, Flows(definition.flows), model, options)
    assistant = build_assistant(
        definition, tracker_store=await open_memory(), lock_store=await open_locks(), understander=ladder
    )
    try:
        await assistant.handle(make_message("tokens", "something about the meter, I guess, it is broken"))
    finally:
        await assistant.close()
    request = model.requests[0]
    return count_tokens(request.prefix), count_tokens(request.prompt)


async def _measure_model_turn(folder: Path, *, rounds: int) -> list[Row]:
    definition = read_made_project(folder)
    answers = ["start flow check_invoice"] * rounds
    model = ScriptedLanguageModel(*answers, *answers)
    options = GeneratorOptions(minimize_num_calls=False)
    ladder = build_ladder_with_model(definition, Flows(definition.flows), model, options)
    assistant = build_assistant(
        definition, tracker_store=await open_memory(), lock_store=await open_locks(), understander=ladder
    )
    try:
        began = time.process_time()
        for number in range(rounds):
            await assistant.handle(make_message(f"model-{number}", "well, it is about that bill of mine"))
        turn = (time.process_time() - began) / rounds * 1000
        floor = await _time_bare_calls(model, rounds)
    finally:
        await assistant.close()
    return [
        Row(
            name="our CPU of a turn with a model that answers at once, 100 flows",
            value=turn,
            unit="ms",
            floor="the calls alone",
            floor_value=floor,
        )
    ]


async def _time_bare_calls(model: ScriptedLanguageModel, rounds: int) -> float:
    request = ModelRequest(prefix="", prompt="")
    began = time.process_time()
    for _ in range(rounds):
        await read_answer(model, request)
    return (time.process_time() - began) / rounds * 1000


async def _measure_share() -> Row:
    """Of the messages of an assistant's own tests, those that no model is asked about."""
    definition = read_project(BANK, environment={}).require_definition()
    away = LanguageModelError("It is away.", reason=ModelFailure.UNAVAILABLE, model="none")
    model = ScriptedLanguageModel(*[away] * 1_000)
    actions = InProcessActionRunner.open("actions", BANK, timeout=30)
    ladder = build_ladder_with_model(definition, Flows(definition.flows), model)
    logging.disable(logging.WARNING)
    try:
        cases = find_tests(BANK).cases
        report = await run_e2e(definition, cases, actions=actions, understander=ladder)
    finally:
        logging.disable(logging.NOTSET)
        await actions.close()
    figures = report.figures
    return Row(
        name="messages of the example bank's tests that need no call of a model",
        value=100 * figures.turns_without_model / max(1, figures.turns),
        unit="%",
        target=TARGET_SHARE,
        more_is_better=True,
        note=f"{figures.turns_without_model} of {figures.turns}; {len(report.passed)} of {len(cases)} tests pass",
    )
