"""`python -m duologue.testing.conformance.actions`."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from duologue.testing.conformance.actions.__main__ import main
from duologue.testing.conformance.actions.behaviour_checks import EVENTS, REFERENCE_ACTIONS, REFERENCE_FILE
from tests.peers.server_process import find_free_port


def test_a_server_that_is_not_there_is_reported_and_fails_the_command(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    url = f"http://127.0.0.1:{find_free_port()}"
    result = CliRunner().invoke(main, ["--http", url, "--level", "basic", "--json", str(report)])
    assert result.exit_code == 1
    assert f"BROKEN  HTTP  it says that it is well: Nobody answers at {url}" in result.output
    assert len(result.output.splitlines()) == 2
    written = json.loads(report.read_bytes())
    assert written["conformant"] is False
    assert [(finding["verdict"], finding["transport"]) for finding in written["findings"]] == [
        ("broken", "HTTP")
    ]


def test_a_server_that_is_not_there_is_reported_over_grpc() -> None:
    address = f"127.0.0.1:{find_free_port()}"
    result = CliRunner().invoke(main, ["--grpc", address, "--level", "basic"])
    assert result.exit_code == 1
    assert f"it says that it is well: Nobody answers at {address}" in result.output
    assert len(result.output.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], "Name the server with --http or --grpc."),
        (["--grpc", "localhost:1", "--key", __file__], "give both --certificate and --key"),
        (["--http", "http://localhost", "--level", "all"], "'all' is not one of 'basic', 'full'"),
        (["--http", "localhost:5055"], "--http needs a web address"),
    ],
)
def test_options_that_make_no_sense_are_explained(options: list[str], problem: str) -> None:
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 2
    assert problem in result.output


def test_the_reference_actions_are_printed() -> None:
    result = CliRunner().invoke(main, ["--reference"])
    assert result.exit_code == 0
    assert result.output == REFERENCE_FILE.read_text(encoding="utf-8")


def test_the_reference_actions_are_those_that_the_suite_calls() -> None:
    names = re.findall(r'return "(conformance_\w+)"', REFERENCE_FILE.read_text(encoding="utf-8"))
    assert sorted(names) == sorted(REFERENCE_ACTIONS)


def test_the_guide_shows_the_events_that_the_suite_wants() -> None:
    guide = Path(__file__).resolve().parents[5] / "docs" / "guides" / "conformance.md"
    (shown,) = re.findall(r"```json\n(.*?)```", guide.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert json.loads(shown) == list(EVENTS)
    assert [
        name for name in REFERENCE_ACTIONS if f"| `{name}` |" not in guide.read_text(encoding="utf-8")
    ] == []
