"""Judging a trained pipeline on sentences whose reading is known."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from duologue.core.understanding import Entity, Intent
from duologue.testing.nlu.answers import Answers, ask
from duologue.testing.nlu.comparison_picture import draw_comparison
from duologue.testing.nlu.judging import judge_entities, report_choices, report_entities
from duologue.testing.nlu.result_files import FileWishes, write_results
from duologue.understanding.nlu.message import TrainingExample
from duologue.understanding.text_parser import ParsedText


def city(text: str, name: str, *, role: str | None = None, extractor: str | None = None) -> Entity:
    start = text.index(name)
    return Entity(
        entity="city",
        value=name,
        start=start,
        end=start + len(name),
        role=role,
        extractor=extractor,
        confidence=0.9 if extractor else None,
    )


FLY = "fly from New York to Rome"
EXAMPLES = (
    TrainingExample(text="hello", intent="greet"),
    TrainingExample(text="bye", intent="bye"),
    TrainingExample(
        text=FLY,
        intent="travel",
        entities=(city(FLY, "New York", role="from"), city(FLY, "Rome", role="to")),
    ),
    TrainingExample(text="when", intent="faq", response_key="faq/hours"),
    TrainingExample(text="how much", intent="faq", response_key="faq/price"),
)


class KnownTexts:
    """A parser that says what the test told it to."""

    can_block = False

    def __init__(self) -> None:
        self.asked: dict[str, tuple[str, ...]] = {}

    def parse(self, text: str, *, asked: Sequence[str] = ()) -> ParsedText:
        self.asked[text] = tuple(asked)
        response = {"intent_response_key": "faq/hours", "confidence": 0.8}
        ranking = {
            "hello": ("nlu_fallback", "greet"),
            "bye": ("greet", "bye"),
            FLY: ("travel",),
        }.get(text, ("faq",))
        found = (
            city(FLY, "York", role="from", extractor="DIETClassifier"),
            city(FLY, "Rome", role="from", extractor="DIETClassifier"),
            Entity(entity="number", value=1, start=0, end=3, extractor="DucklingEntityExtractor"),
        )
        return ParsedText(
            intents=tuple(Intent(name=name, confidence=0.7) for name in ranking),
            entities=found if text == FLY else (),
            response_selector={"faq": {"response": response}},
        )

    def warm_up(self) -> None:
        pass


@pytest.fixture(scope="module")
def answers() -> Answers:
    return ask(KnownTexts(), EXAMPLES)


def test_a_fallback_does_not_hide_which_intent_came_first(answers: Answers) -> None:
    assert [(one.gold, one.predicted) for one in answers.intents[:2]] == [
        ("greet", "greet"),
        ("bye", "greet"),
    ]
    report = report_choices(answers.intents)
    assert report["accuracy"] == pytest.approx(0.8)
    assert report["greet"]["precision"] == 0.5
    assert report["bye"]["confused_with"] == {"greet": 1}
    assert report["micro avg"]["support"] == 5


def test_responses_are_judged_by_the_key_that_their_selector_chose(answers: Answers) -> None:
    assert [(one.gold, one.predicted) for one in answers.responses] == [
        ("faq/hours", "faq/hours"),
        ("faq/price", "faq/hours"),
    ]


@pytest.mark.parametrize("told", [["time", "date"], "time date"])
def test_what_an_example_says_was_asked_for_is_passed_on(told: object) -> None:
    parser = KnownTexts()
    ask(parser, (TrainingExample(text="5", intent="inform", metadata={"requested_slots": told}), *EXAMPLES))
    assert parser.asked["5"] == ("time", "date")
    assert parser.asked["hello"] == ()


def test_entities_are_judged_word_by_word_and_only_those_that_authors_mark(answers: Answers) -> None:
    (judgement,) = judge_entities(answers.entities)
    assert judgement.extractor == "DIETClassifier"
    report = report_entities(judgement)
    assert set(report) == {"city.from", "city.to", "accuracy", "micro avg", "macro avg", "weighted avg"}
    assert report["city.from"] | {"f1-score": 0} == {
        "precision": 0.5,
        "recall": 0.5,
        "f1-score": 0,
        "support": 2,
        "confused_with": {},
    }
    assert report["city.to"]["confused_with"] == {"city.from": 1}
    assert report["micro avg"]["recall"] == pytest.approx(1 / 3)


def test_what_cannot_be_judged_is_left_out() -> None:
    assert ask(KnownTexts(), EXAMPLES[:1]) == Answers()


def test_reports_errors_and_pictures_are_written_under_the_names_of_rasa(
    answers: Answers, tmp_path: Path
) -> None:
    summaries = write_results(answers, FileWishes(out=tmp_path, successes=True))
    assert [one.name for one in summaries] == ["intents", "responses", "entities by DIETClassifier"]
    parts = ("report.json", "errors.json", "successes.json", "confusion_matrix.json", "confusion_matrix.svg")
    stems = ("intent", "response_selection", "DIETClassifier")
    expected = {f"{stem}_{part}" for stem in stems for part in (*parts, "histogram.json", "histogram.svg")}
    assert {path.name for path in tmp_path.iterdir()} == expected
    errors = msgspec.json.decode((tmp_path / "intent_errors.json").read_bytes())
    assert errors == [
        {"text": "bye", "intent": "bye", "intent_prediction": {"name": "greet", "confidence": 0.7}}
    ]


def test_pictures_and_errors_can_be_left_out(answers: Answers, tmp_path: Path) -> None:
    write_results(answers, FileWishes(out=tmp_path, errors=False, pictures=False))
    assert {path.suffix for path in tmp_path.iterdir()} == {".json"}
    assert not list(tmp_path.glob("*_errors.json"))


def test_a_comparison_has_a_line_for_each_pipeline() -> None:
    drawn = draw_comparison({"a": [[0.5, 0.9], [0.6, 0.8]], "b <c>": [[0.7, 0.7], [0.7, 0.7]]}, [10, 40])
    assert drawn.count("<polyline") == 2
    assert "b &lt;c&gt;" in drawn
