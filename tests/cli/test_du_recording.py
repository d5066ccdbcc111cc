"""The answers of a model server are recorded by one run and replayed by the next, when the server is gone."""

from pathlib import Path

import pytest

from duologue.testing.model_replies import ReceivedRequest
from duologue.testing.model_server import ModelServer
from tests.cli.conftest import Run

KEY = "sk-never-written"
PIPELINE = "\npipeline:\n  - name: CompactLLMCommandGenerator\n    llm: {model_group: main}\n"
TEST = """
test_cases:
  - test_case: a guest books a table
    steps:
      - user: my better half and I would fancy some dinner at yours
        commands: [start flow book_table]
"""


@pytest.fixture
def tested(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny template with a model group and a test; the current folder."""
    config = project / "config.yml"
    lines = [line for line in config.read_text(encoding="utf-8").splitlines() if line != "pipeline: []"]
    config.write_text("\n".join(lines) + PIPELINE, encoding="utf-8")
    (project / "dialogue_understanding_tests").mkdir()
    (project / "dialogue_understanding_tests" / "booking.yml").write_text(TEST, encoding="utf-8")
    monkeypatch.chdir(project)
    monkeypatch.setenv("MODEL_KEY", KEY)
    return project


def write_endpoints(project: Path, url: str) -> None:
    model = f"{{provider: self-hosted, model: small, api_base: {url}, api_key: '${{MODEL_KEY}}'}}"
    text = f"action_endpoint: {{actions_module: actions}}\nmodel_groups:\n  - id: main\n    models:\n      - {model}\n"
    (project / "endpoints.yml").write_text(text, encoding="utf-8")


def answer(request: ReceivedRequest) -> str:
    return "start flow book_table"


def test_a_recorded_run_is_replayed_when_the_server_and_the_key_are_gone(
    run: Run, tested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer() as server:
        server.answer_with(answer)
        write_endpoints(tested, server.url)
        recorded = run("test", "du", "--record", "answers.json", "--no-output")
    assert recorded.code == 0, recorded.out + recorded.err
    assert "Recorded: answers.json" in recorded.err
    assert KEY not in (tested / "answers.json").read_text(encoding="utf-8")

    monkeypatch.delenv("MODEL_KEY")
    replayed = run("test", "du", "--replay", "answers.json", "--no-output")
    assert replayed.code == 0, replayed.out + replayed.err
    assert "Messages without a model call: 0 of 1 (0 %)" in replayed.out


def test_an_answer_that_is_not_recorded_fails_the_run_although_the_local_understander_knows(
    run: Run, tested: Path
) -> None:
    write_endpoints(tested, "http://127.0.0.1:9/v1")
    (tested / "answers.json").write_text('{"cassette": 1, "recordings": [], "shared": {}}', encoding="utf-8")
    outcome = run("test", "du", "--replay", "answers.json", "--no-output")
    assert outcome.code == 1
    assert "holds no answer to this request to main; record it. It holds no request yet." in outcome.out


def test_the_prompts_of_a_misunderstanding_are_shown_on_demand(run: Run, tested: Path) -> None:
    with ModelServer() as server:
        server.answer_with(lambda request: "hand over")
        write_endpoints(tested, server.url)
        outcome = run("test", "du", "--output-prompt", "--no-output")
    assert outcome.code == 1
    assert "    and said:\n      | hand over\n" in outcome.out
