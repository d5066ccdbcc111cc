"""Tests run against the assistant as it is configured, its language model included."""

import shutil
from pathlib import Path

import pytest

from duologue.runtime.settings import Settings
from duologue.testing.e2e.output.report_text import format_result, format_summary, format_tables
from duologue.testing.e2e.project_tests import find_tests, run_project_tests
from duologue.testing.model_server import ModelServer

TINY = Path(__file__).resolve().parents[3] / "examples" / "tiny"
CONFIG = """
recipe: default.v1
language: en
pipeline: [{name: CompactLLMCommandGenerator, llm: {model_group: ours}}]
policies: [{name: FlowPolicy}]
"""
ENDPOINTS = """
action_endpoint: {actions_module: actions}
model_groups:
  - id: ours
    models: [{provider: self-hosted, model: tiny, api_base: %s}]
"""
CONFTEST = "llm_judge: {llm: {model_group: ours}}\n"
# Nothing of it is in the assistant's examples: only a model could know.
TESTS = """
test_cases:
  - test_case: a wish in strange words
    steps:
      - user: grub for my gang tonight would be dandy
        assertions:
          - flow_started: book_table
          - generative_response_is_relevant: {utter_name: utter_ask_guests, threshold: 0.7}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The tiny assistant; `serve` gives it a model."""
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    (folder / "e2e_tests" / "strange.yml").write_text(TESTS, encoding="utf-8")
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    return folder


async def test_the_configured_model_understands_and_judges(project: Path) -> None:
    (project / "e2e_tests" / "conftest.yml").write_text(CONFTEST, encoding="utf-8")
    with ModelServer() as server:
        server.answer_with(
            lambda request: (
                '{"degree": "mostly"}' if '"degree"' in request.prefix else "start flow book_table"
            )
        )
        (project / "endpoints.yml").write_text(ENDPOINTS % server.url, encoding="utf-8")
        found = find_tests(project, ["e2e_tests/strange.yml"])
        report = await run_project_tests(project, found.cases, Settings())
    assert report.exit_code == 0, format_result(report.results[0])
    figures = report.figures
    assert (figures.turns_without_model, figures.calls, figures.input_tokens > 0) == (0, 1, True)
    assert [rung.rung for rung in figures.rungs] == ["model"]
    assert "1 call: " in format_tables(report)


async def test_without_models_nothing_is_asked(project: Path) -> None:
    with ModelServer() as server:
        (project / "endpoints.yml").write_text(ENDPOINTS % server.url, encoding="utf-8")
        found = find_tests(project, ["e2e_tests/strange.yml"])
        report = await run_project_tests(project, found.cases, Settings(), uses_models=False)
        assert server.requests == []
    assert report.figures.calls == 0


async def test_a_model_that_never_answers_is_told(project: Path) -> None:
    (project / "endpoints.yml").write_text(ENDPOINTS % "http://127.0.0.1:9/v1", encoding="utf-8")
    found = find_tests(project, ["e2e_tests/strange.yml"])
    report = await run_project_tests(project, found.cases, Settings())
    assert report.figures.failed_calls == report.figures.calls > 0
    assert "No language model answered: 1 call failed" in format_summary(report)
    assert "failed: " in "\n".join(report.results[0].transcript)
