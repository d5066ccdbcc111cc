"""Precision, recall and F1 of labels, and their picture."""

from xml.etree import ElementTree

import pytest

from duologue.testing.confusion_picture import draw_confusion_matrix
from duologue.testing.label_report import report_labels

GOLD = ["a", "a", "a", "b", "b", None]
PREDICTED = ["a", "a", "b", "b", "a", "b"]


def test_every_label_has_its_scores() -> None:
    report = report_labels(GOLD, PREDICTED)
    assert report["a"] == {
        "precision": pytest.approx(2 / 3),
        "recall": pytest.approx(2 / 3),
        "f1-score": pytest.approx(2 / 3),
        "support": 3,
        "confused_with": {"b": 1},
    }
    assert report["None"]["confused_with"] == {"b": 1}


def test_the_averages_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    ours = report_labels(GOLD, PREDICTED)
    theirs = metrics.classification_report(
        [str(label) for label in GOLD], PREDICTED, output_dict=True, zero_division=0
    )
    assert ours["accuracy"] == pytest.approx(theirs["accuracy"])
    for row in ("macro avg", "weighted avg", "a", "b"):
        for name in ("precision", "recall", "f1-score", "support"):
            assert ours[row][name] == pytest.approx(theirs[row][name]), (row, name)


def test_nothing_at_all_makes_a_report_too() -> None:
    assert report_labels([], [])["accuracy"] == 0.0


def test_the_picture_shows_every_count_in_its_row_and_column() -> None:
    picture = ElementTree.fromstring(draw_confusion_matrix(["a<", "b"], ["b", "b"], "Which & what"))
    texts = [element.text for element in picture.iter() if element.text and element.text.strip()]
    assert texts == ["Which & what", "1", "1", "a<", "a<", "b", "b", "predicted", "expected"]
