"""`duologue init`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize("template", ["tiny", "bank", "workshop"])
def test_a_template_becomes_a_whole_project(run: Run, tmp_path: Path, template: str) -> None:
    outcome = run("init", "--template", template, "--init-dir", tmp_path / "bot", "--no-prompt")
    assert outcome.code == 0
    assert {"config.yml", "data", "actions"} <= {path.name for path in (tmp_path / "bot").iterdir()}
    assert list((tmp_path / "bot").rglob("__pycache__")) == []


def test_nothing_is_overwritten(run: Run, project: Path) -> None:
    (project / "config.yml").write_text("mine")
    outcome = run("init", project)
    assert outcome.code == 1
    assert "name an empty or a new folder" in outcome.err
    assert (project / "config.yml").read_text() == "mine"


def test_a_name_that_people_know_from_rasa_gets_the_nearest_template(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "bot", "--template", "default").code == 0
    assert run("init", tmp_path / "old", "--template", "moodbot").code == 0
    assert (tmp_path / "old" / "data" / "stories.yml").exists()


def test_an_unknown_template_names_the_ones_there_are(run: Run, tmp_path: Path) -> None:
    outcome = run("init", tmp_path / "bot", "--template", "bnak")
    assert (
        outcome.err
        == "Error: There is no template `bnak`; there are tiny, bank, workshop. Did you mean `bank`?\n"
    )
    assert not (tmp_path / "bot").exists()
