"""A language model that means harm cannot make the assistant do what its flows do not offer, nor keep it waiting.

`make torture` runs the same with a million answers.
"""

import os
from pathlib import Path

import pytest

from duologue.core.generator_options import GENERATOR_DSLS, GeneratorOptions
from duologue.dialogue.engine import Understander
from duologue.flows.flow import Flows
from duologue.ports.action_runner import ActionRunner
from duologue.project.definition import AssistantDefinition
from duologue.project.project_reader import read_project
from duologue.runtime.in_process_actions import InProcessActionRunner
from duologue.runtime.understanding import build_ladder_with_model
from duologue.testing.hostile_model import HostileLanguageModel
from duologue.testing.hostile_run import list_vocabulary, run_hostile

BANK = Path(__file__).parents[2] / "examples" / "bank"
ANSWERS = int(os.environ.get("DUOLOGUE_HOSTILE_ANSWERS") or 900)
SEED = int(os.environ.get("DUOLOGUE_FAULT_SEED") or 20261122)
TIME_LIMIT = 0.1
"""Seconds that the rung waits for the model here; a turn may take a little longer."""

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def definition() -> AssistantDefinition:
    return read_project(BANK, environment={}).require_definition()


@pytest.fixture
def actions() -> ActionRunner:
    return InProcessActionRunner.open("actions", BANK, timeout=30)


def build(definition: AssistantDefinition, model: HostileLanguageModel, generator: str) -> Understander:
    options = GeneratorOptions(name=generator, minimize_num_calls=False)
    flows = Flows(definition.flows)
    return build_ladder_with_model(definition, flows, model, options, time_limit=TIME_LIMIT)


@pytest.mark.slow
@pytest.mark.parametrize(
    "generator", sorted(set(GENERATOR_DSLS) - {"LLMCommandGenerator", "MultiStepLLMCommandGenerator"})
)
async def test_only_reachable_commands_are_executed_whatever_the_model_says(
    definition: AssistantDefinition, actions: ActionRunner, generator: str
) -> None:
    model = HostileLanguageModel(list_vocabulary(definition), seed=SEED, is_patient=False)
    report = await run_hostile(
        definition,
        model,
        build(definition, model, generator),
        answers=ANSWERS // 3,
        actions=actions,
        seed=SEED,
        show=lambda answers: print(f"{generator}: {answers:,} answers", flush=True),
    )
    assert report.breaches == ()
    assert report.answers >= ANSWERS // 3
    assert report.executed > 0


@pytest.mark.slow
async def test_stalls_endless_streams_and_answers_of_ten_megabytes_do_not_hold_a_turn_up(
    definition: AssistantDefinition, actions: ActionRunner
) -> None:
    model = HostileLanguageModel(list_vocabulary(definition), seed=SEED, is_patient=True)
    report = await run_hostile(
        definition,
        model,
        build(definition, model, "CompactLLMCommandGenerator"),
        answers=min(120, ANSWERS),
        actions=actions,
        seed=SEED,
        turn_limit=TIME_LIMIT + 5,
    )
    assert report.breaches == ()
