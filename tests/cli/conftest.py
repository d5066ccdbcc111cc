"""Runs commands inside the test's process."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from duologue.cli.main import main


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Calls `duologue` with the given words."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def call(*words: object) -> Outcome:
        monkeypatch.setattr("sys.argv", ["duologue", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), out, err)

    yield call
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def project(tmp_path: Path, run: Run) -> Path:
    """A fresh copy of the tiny template."""
    folder = tmp_path / "bot"
    assert run("init", folder).code == 0
    return folder
