"""A language model's answers are judged, recorded, and judged again from the cassette on another day."""

from pathlib import Path

import pytest
import time_machine

from duologue.flows.flow import Flows
from duologue.ports.language_model import LanguageModel, ModelRequest
from duologue.project.definition import AssistantDefinition
from duologue.project.du_reader import read_du_tests
from duologue.runtime.understanding import build_ladder_with_model
from duologue.testing.cassette import Cassette, CassetteLanguageModel
from duologue.testing.du.expected import ExpectedCase, parse_expectations
from duologue.testing.du.report import DuReport
from duologue.testing.du.runner import run_du
from duologue.testing.scripted_model import ScriptedLanguageModel
from duologue.testing.wrapped_models import PROMPT_TIME

TEST = """
test_cases:
  - test_case: orders coffee
    steps:
      - user: could somebody bring me something hot and black
        commands: [start flow order_coffee]
      - utter: utter_ask_size
      - user: /SetSlots(size=large)
        commands: [set slot size large]
      - utter: utter_ask_cups
      - user: enough for the three of us
        commands: [set slot cups 3]
"""


@pytest.fixture
def cases(tmp_path: Path, definition: AssistantDefinition) -> tuple[ExpectedCase, ...]:
    (tmp_path / "du.yml").write_text(TEST, encoding="utf-8")
    return parse_expectations(read_du_tests(tmp_path / "du.yml", root=tmp_path).test_cases, definition).cases


async def judge(
    definition: AssistantDefinition, cases: tuple[ExpectedCase, ...], model: LanguageModel
) -> DuReport:
    ladder = build_ladder_with_model(definition, Flows(definition.flows), model)
    return await run_du(definition, cases, understander=ladder)


def answer(request: ModelRequest) -> str:
    """What a good model says."""
    if "hot and black" in request.prompt.splitlines()[-1] or "cups" not in request.prompt:
        return "start flow order_coffee"
    return "set slot cups 3" if "three of us" in request.prompt else "start flow order_coffee"


async def test_a_model_is_judged_and_its_answers_are_replayed_on_another_day(
    tmp_path: Path, definition: AssistantDefinition, cases: tuple[ExpectedCase, ...]
) -> None:
    path = tmp_path / "answers.json"
    with time_machine.travel("2031-03-14T09:00:00Z", tick=True):
        model = CassetteLanguageModel(
            ScriptedLanguageModel(*[answer] * 3), path, "auto", name="main", masks=[PROMPT_TIME]
        )
        recorded = await judge(definition, cases, model)
        await model.close()
    assert [turn.is_right for turn in recorded.turns] == [True] * 3
    assert recorded.turns_without_model < 3

    cassette = Cassette(path, masks=[PROMPT_TIME])
    with time_machine.travel("2031-08-02T21:30:00Z", tick=True):
        replayed = await judge(definition, cases, CassetteLanguageModel(None, cassette, name="main"))
    cassette.assert_complete()
    assert replayed.accuracy == 1.0
    assert replayed.tokens == recorded.tokens
    rungs = {score.rung: (score.asked, score.right) for score in replayed.score_rungs()}
    assert rungs["model"][0] == 3, "a rung that a message did not come to is asked all the same"


async def test_a_miss_falls_to_the_rung_below_and_is_not_forgotten(
    tmp_path: Path, definition: AssistantDefinition, cases: tuple[ExpectedCase, ...]
) -> None:
    cassette = Cassette(tmp_path / "answers.json")
    report = await judge(definition, cases, CassetteLanguageModel(None, cassette, name="main"))
    assert len(report.turns) == 3
    assert len(cassette.misses) == 3
    assert "holds no answer to this request to main; record it" in cassette.misses[0]
