"""`duologue test nlu` and `duologue shell nlu` on a small classic project."""

import io
from pathlib import Path

import msgspec
import pytest

from tests.cli.conftest import Run
from tests.unit.training.shop_project import write_shop

OTHERS = """\
nlu:
- intent: greet
  examples: |
    - hello there
- intent: order
  examples: |
    - I want [pizza](dish)
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_shop(tmp_path / "shop")


def test_other_sentences_than_those_learned_can_be_judged(run: Run, shop: Path) -> None:
    Path("others.yml").write_text(OTHERS)
    outcome = run("test", "nlu", shop, "--nlu", "others.yml", "--out", "judged")
    assert outcome.code == 0
    assert outcome.out.endswith("Written to judged.\n")
    report = msgspec.json.decode(Path("judged/intent_report.json").read_bytes())
    assert report["accuracy"] == 1.0
    assert Path("judged/DIETClassifier_report.json").exists()


def test_an_archive_is_judged_like_its_project(run: Run, shop: Path) -> None:
    run("train", shop, "--fixed-model-name", "mine")
    model = shop / "models" / "mine.tar.gz"
    by_archive = run("test", "nlu", shop, "-m", model, "--no-plot", "--out", "a")
    by_project = run("test", "nlu", shop, "--no-plot", "--out", "b")
    assert by_archive.out.replace(" a.", " b.") == by_project.out
    assert not list(Path("a").glob("*.svg"))


@pytest.mark.slow
def test_cross_validation_judges_every_sentence_once(run: Run, shop: Path) -> None:
    outcome = run("test", "nlu", "--project", shop, "--cross-validation", "--folds", "2", "--out", "folds")
    assert outcome.code == 0
    report = msgspec.json.decode(Path("folds/intent_report.json").read_bytes())
    assert report["micro avg"]["support"] == 26


@pytest.mark.slow
def test_configurations_are_compared_over_shares_of_the_data(run: Run, shop: Path) -> None:
    (shop / "light.yml").write_text(
        (shop / "config.yml").read_text().replace("DIETClassifier", "LogisticRegressionClassifier")
    )
    words = ("--config", shop / "config.yml", shop / "light.yml", "--runs", "1", "--percentages", "0", "50")
    outcome = run("test", "nlu", shop, *words, "--out", "compared")
    assert outcome.code == 0
    scores = msgspec.json.decode(Path("compared/results.json").read_bytes())
    assert {name: [len(run) for run in runs] for name, runs in scores.items()} == {
        "config": [2],
        "light": [2],
    }
    assert Path("compared/nlu_model_comparison_graph.svg").read_text().startswith("<svg")


def test_the_shell_shows_what_is_read_in_a_line(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("bring me the pasta\n\n/quit\nnever read\n"))
    outcome = run("shell", "nlu", shop)
    parsed = msgspec.json.decode(outcome.out)
    assert (parsed["text"], parsed["intent"]["name"]) == ("bring me the pasta", "order")
    assert parsed["entities"][0]["value"] == "pasta"
    assert {"name", "confidence"} == set(parsed["intent_ranking"][0])
