"""What `config.yml` names becomes a plan: old names, defaults, what is missing, components of the author's own."""

import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from duologue.core.errors import DefinitionError
from duologue.core.nlu_options import DietOptions, FallbackOptions
from duologue.core.values import OpenData
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.custom_component import create_custom
from duologue.understanding.nlu.message import NluMessage
from duologue.understanding.nlu.plan import PlannedComponent, plan_pipeline


class Entry(msgspec.Struct, frozen=True):
    """One entry of a pipeline."""

    name: str
    options: OpenData = {}


def plan(*entries: Entry, language: str = "en") -> tuple[list[str], list[str]]:
    reports: list[str] = []
    planned = plan_pipeline(entries, language, reports.append)
    return [one.name for one in planned], reports


WORDS = (Entry("WhitespaceTokenizer"), Entry("CountVectorsFeaturizer"))


def test_old_names_stand_for_those_of_today() -> None:
    names, reports = plan(
        Entry("tokenizer_whitespace"),
        Entry("rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer.CountVectorsFeaturizer"),
        Entry("EmbeddingIntentClassifier"),
        Entry("ner_duckling_http"),
    )
    assert names == [
        "WhitespaceTokenizer",
        "CountVectorsFeaturizer",
        "DIETClassifier",
        "DucklingEntityExtractor",
    ]
    assert reports == []


def test_an_old_intent_classifier_reads_no_entities() -> None:
    planned = plan_pipeline([*WORDS, Entry("EmbeddingIntentClassifier")], "en", print)
    assert isinstance(planned[-1].options, DietOptions)
    assert not planned[-1].options.entity_recognition


@pytest.mark.parametrize(("language", "has_encoder"), [("en", True), ("en-GB", True), ("de", False)])
def test_a_project_without_a_pipeline_gets_ours(language: str, has_encoder: bool) -> None:
    for entries in ((), (Entry("NLUCommandAdapter"), Entry("CompactLLMCommandGenerator"))):
        names, _ = plan(*entries, language=language)
        assert names[0] == "WhitespaceTokenizer"
        assert names[-1] == "FallbackClassifier"
        assert ("LanguageModelFeaturizer" in names) is has_encoder


def test_what_is_missing_is_supplied_and_said_once() -> None:
    names, reports = plan(Entry("DIETClassifier"), Entry("FallbackClassifier", {"threshold": 0.7}))
    assert names == [
        "WhitespaceTokenizer",
        "CountVectorsFeaturizer",
        "CountVectorsFeaturizer",
        "DIETClassifier",
        "FallbackClassifier",
    ]
    assert reports == [
        "`DIETClassifier` has no featurizer before it; `CountVectorsFeaturizer` is supplied. Add a featurizer before it."
    ]


def test_a_tokenizer_in_the_wrong_place_is_moved() -> None:
    names, reports = plan(Entry("CountVectorsFeaturizer"), Entry("SpacyTokenizer"), Entry("DIETClassifier"))
    assert names == ["SpacyTokenizer", "CountVectorsFeaturizer", "DIETClassifier"]
    assert reports == [
        "`CountVectorsFeaturizer` stands before `SpacyTokenizer`, whose tokens it needs. "
        "Move `SpacyTokenizer` to the front; it is taken from there already."
    ]


def test_options_are_typed_and_emptied_ones_get_their_default() -> None:
    planned: tuple[PlannedComponent, ...] = plan_pipeline(
        [
            *WORDS,
            Entry("DIETClassifier", {"epochs": 100, "ranking_length": None}),
            Entry("FallbackClassifier", {"threshold": "0.7"}),
        ],
        "en",
        print,
    )
    assert planned[2].options == DietOptions()
    assert planned[3].options == FallbackOptions(threshold=0.7)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ((Entry("WhitespaceTokenizer"), Entry("JiebaTokenizer")), "two tokenizers"),
        ((Entry("DietClasifier"),), "There is no component `DietClasifier`"),
        (
            (Entry("RegexEntityExtractor", {"case_sensitive": "maybe"}),),
            "The options of `RegexEntityExtractor`",
        ),
    ],
)
def test_what_cannot_work_is_refused(entries: tuple[Entry, ...], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        plan(*entries)


# ------------------------------------------------------------------------------------- of the author's own


class Shouting:
    """A component that looks at capitals."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    @classmethod
    def create(cls, options: OpenData, resources: NluResources) -> "Shouting":
        del resources
        return cls(options["mark"])

    def process(self, message: NluMessage) -> None:
        message.notes[self.mark] = message.text.isupper()


def test_a_component_of_the_authors_own_is_found_by_its_path() -> None:
    component = create_custom(f"{__name__}.Shouting", {"mark": "loud"}, NluResources())
    message = NluMessage(text="HELP")
    component.process(message)
    assert message.notes == {"loud": True}


def test_a_component_made_for_rasa_is_told_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = type("GraphComponent", (), {"__module__": "rasa.engine.graph"})
    module = ModuleType("their_components")
    module.__dict__["Theirs"] = type("Theirs", (parent,), {})
    monkeypatch.setitem(sys.modules, "their_components", module)
    with pytest.raises(DefinitionError, match="was made for Rasa: write a class with `create"):
        create_custom("their_components.Theirs", {}, NluResources())


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import rasa.engine.graph", "was made for Rasa, which is not installed: write a class"),
        ("import no_such_library", "needs the module `no_such_library`, which is not installed; install it"),
        ("1 / 0", "cannot be imported: ZeroDivisionError"),
        ("Other = 1", "has no `Mine`"),
        ("class Mine: pass", "is no component: write a class"),
        (
            "class Mine:\n  def process(self, message): ...\n  @classmethod\n  def create(cls, options, resources): 1 / 0",
            "cannot be made: ZeroDivisionError",
        ),
    ],
)
def test_a_component_that_cannot_be_had_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str
) -> None:
    name = f"own_{abs(hash(code))}"
    (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DefinitionError, match=message):
        create_custom(f"{name}.Mine", {}, NluResources())


def test_a_missing_module_is_named() -> None:
    with pytest.raises(
        DefinitionError, match=r"There is no module `nowhere` for the component `nowhere\.Mine`"
    ):
        create_custom("nowhere.Mine", {}, NluResources())
