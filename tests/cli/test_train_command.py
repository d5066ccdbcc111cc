"""`duologue train` on a classic project."""

from pathlib import Path

import pytest

from duologue.project.archive import read_model
from tests.cli.conftest import Run
from tests.unit.training.shop_project import write_shop

CONTRADICTION = """\
stories:
- story: another bye
  steps:
  - intent: bye
  - action: utter_greet
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path / "shop")


def test_training_anew_after_the_cache_is_gone_gives_the_same_archive(run: Run, shop: Path) -> None:
    first = run("train", shop, "--fixed-model-name", "first")
    assert first.out == f"Model written to {shop / 'models' / 'first.tar.gz'}.\n"
    assert "DIETClassifier" in first.err
    run("train", shop, "--force", "--fixed-model-name", "second", "--num-threads", "1")
    models = shop / "models"
    assert (models / "first.tar.gz").read_bytes() == (models / "second.tar.gz").read_bytes()
    assert {name.partition("/")[0] for name in read_model(models / "first.tar.gz").files} == {"nlu", "core"}


def test_the_exit_code_of_a_dry_run_says_what_training_would_do(run: Run, shop: Path) -> None:
    assert run("train", shop, "--dry-run").code == 1
    run("train", shop)
    assert run("train", shop, "--dry-run").code == 0
    assert run("train", shop, "--dry-run", "--force").code == 8


def test_a_name_that_is_asked_for_is_written_even_if_nothing_has_changed(run: Run, shop: Path) -> None:
    run("train", shop)
    assert run("train", shop, "--fixed-model-name", "mine").out.endswith("mine.tar.gz.\n")
    assert run("train", shop, "--fixed-model-name", "mine").out.startswith("Nothing has changed since")
    assert "name the folder with --out" in run("train", shop, "--fixed-model-name", "a/b").err


def test_a_folder_that_cannot_be_written_to_is_told_before_the_work(run: Run, shop: Path) -> None:
    outcome = run("train", shop, "--out", shop / "config.yml")
    assert outcome.err == f"Error: Nothing can be written to {shop / 'config.yml'}: not a directory.\n"


def test_a_comment_between_stories_trains_nothing(run: Run, shop: Path) -> None:
    run("train", "core", shop)
    stories = shop / "data" / "stories.yml"
    stories.write_text(stories.read_text().replace("stories:", "# what happens\n\nstories:"))
    assert "unchanged, reused" in run("train", "core", shop).err


def test_one_part_is_trained_alone_and_the_other_is_added_without_training_the_first_again(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop)
    outcome = run("train", "nlu")
    (archive,) = (shop / "models").iterdir()
    assert archive.name.startswith("nlu-")
    assert set(read_model(archive).metadata.trained) == {"nlu"}
    both = run("train")
    assert "the pipeline" in both.err
    assert "unchanged, reused" in both.err
    assert outcome.code == both.code == 0


def test_rules_and_stories_that_contradict_are_refused_with_their_place(run: Run, shop: Path) -> None:
    (shop / "data" / "more.yml").write_text(CONTRADICTION)
    checked, unchecked = run("train", shop), run("train", shop, "--skip-validation")
    for outcome in (checked, unchecked):
        assert outcome.code == 1
        assert "data/more.yml:5: error: " in outcome.err
        assert "Error: Nothing is trained: " in outcome.err
    assert not (shop / "models").exists()


def test_a_part_that_the_project_does_not_have_is_said(run: Run, shop: Path) -> None:
    (shop / "data" / "stories.yml").unlink()
    outcome = run("train", "core", "--project", shop)
    assert outcome.code == 1
    assert "There is nothing to train for `core`: there are no stories or rules" in outcome.err


def test_options_without_a_use_here_say_why(run: Run, shop: Path) -> None:
    outcome = run("train", "--dry-run", "--project", shop, "--finetune", "--epoch-fraction", "0.2")
    assert outcome.code == 1
    assert "Note: --finetune has no effect. What has changed is trained anew" in outcome.err
