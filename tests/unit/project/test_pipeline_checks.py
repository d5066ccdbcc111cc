"""Every mistake in the trained part of a pipeline is told with its place and a way to mend it."""

from pathlib import Path

import pytest

from tests.unit.project.written_project import validate_written

DOMAIN = 'version: "3.1"\nintents: [greet]\nentities: [city]\nresponses:\n  utter_greet: [{text: Hello.}]\n'
RULES = "rules:\n- rule: greet\n  steps: [{intent: greet}, {action: utter_greet}]\n"
NLU = "nlu:\n- intent: greet\n  examples: |\n    - hello\n    - good day\n"
WORDS = "- name: WhitespaceTokenizer\n- name: CountVectorsFeaturizer\n"
DIET = f"{WORDS}- name: DIETClassifier\n"


def list_problems(folder: Path, pipeline: str, nlu: str = "") -> list[str]:
    """Those of the configuration."""
    files = {
        "config.yml": f"assistant_id: test\npipeline:\n{pipeline}policies: [{{name: RulePolicy}}]\n",
        "domain.yml": DOMAIN,
        "data/rules.yml": RULES,
        "data/nlu.yml": NLU + nlu,
    }
    lines = validate_written(folder, files).format().splitlines()
    return [line for line in lines if line.startswith("config.yml")]


@pytest.mark.parametrize(
    "pipeline",
    [
        DIET,
        "- name: KeywordIntentClassifier\n",
        f"{WORDS}  alias: counts\n- name: LogisticRegressionClassifier\n  featurizers: [counts]\n  max_iter: 100\n",
        f"{DIET}  epochs: 100\n  random_seed: 42\n  constrain_similarities: true\n  tensorboard_log_level: epoch\n",
        f"{DIET}- name: components.mine.Mine\n  anything: goes\n",
        f"{DIET}  split_entities_by_comma: {{city: false, default: true}}\n",
        f"{WORDS}- name: LexicalSyntacticFeaturizer\n  features: [[low], [prefix5, digit], [low]]\n- name: CRFEntityExtractor\n",
        "- name: components.mine.MyTokenizer\n- name: CountVectorsFeaturizer\n- name: DIETClassifier\n",
    ],
)
def test_a_sound_pipeline_has_no_problem(tmp_path: Path, pipeline: str) -> None:
    assert list_problems(tmp_path, pipeline) == []


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        (
            f"{DIET}  epocs: 100\n",
            "config.yml:6: warning: `DIETClassifier` has an unknown key `epocs`; it is ignored. Did you mean `epochs`?",
        ),
        (
            f"{DIET}  ranking_lenght: 5\n",
            "config.yml:6: warning: `DIETClassifier` has an unknown key `ranking_lenght`; it is ignored. Did you mean `ranking_length`?",
        ),
        (
            f"{DIET}  ranking_length: -1\n",
            "config.yml:6: error: `ranking_length` must be a whole number not below 0, not `-1`.",
        ),
        (
            f"{DIET}  entity_recognition: sometimes\n",
            "config.yml:6: error: `entity_recognition` must be `true` or `false`, not `sometimes`.",
        ),
        (
            "- name: WhitespaceTokenizer\n  token_pattern: '(['\n",
            "config.yml:4: error: `token_pattern` is not a regular expression: unterminated character set at position 1.",
        ),
        (
            "- name: WhitespaceTokenizer\n  intent_split_symbol: ''\n",
            "config.yml:4: error: `intent_split_symbol` must be a text that is not empty, not ``.",
        ),
        (
            "- name: WhitespaceTokenizer\n- name: CountVectorsFeaturizer\n  analyzer: words\n",
            "config.yml:5: error: `analyzer` must be `word` or `char` or `char_wb`, not `words`.",
        ),
        (
            "- name: DucklingEntityExtractor\n  timezone: Europe/Berln\n",
            "config.yml:4: error: There is no time zone `Europe/Berln`. Did you mean `Europe/Berlin`?",
        ),
        (
            "- name: DucklingHTTPExtractor\n",
            "config.yml:3: warning: `DucklingHTTPExtractor` is an old name. Call it `DucklingEntityExtractor`.",
        ),
        (
            f"{DIET}- name: Sparkle\n",
            "config.yml:6: error: There is no component `Sparkle`. Write the name of a known component, or the dotted path of your own, such as `components.mine.Mine`.",
        ),
        (
            f"{DIET}- name: rasa.nlu.extractors.crf.CRFEntityExtracter\n",
            "config.yml:6: error: There is no component `rasa.nlu.extractors.crf.CRFEntityExtracter`. Did you mean `CRFEntityExtractor`?",
        ),
        (
            f"- name: WhitespaceTokenizer\n{DIET}",
            "config.yml:4: error: The pipeline has two tokenizers, `WhitespaceTokenizer` and `WhitespaceTokenizer`. Keep one of them.",
        ),
        (
            "- name: CountVectorsFeaturizer\n- name: WhitespaceTokenizer\n",
            "config.yml:3: warning: `CountVectorsFeaturizer` stands before `WhitespaceTokenizer`, whose tokens it needs. Move `WhitespaceTokenizer` to the front; it is taken from there already.",
        ),
        (
            "- name: WhitespaceTokenizer\n- name: DIETClassifier\n- name: CountVectorsFeaturizer\n",
            "config.yml:4: warning: `DIETClassifier` has no featurizer before it; `CountVectorsFeaturizer` is supplied. Move `CountVectorsFeaturizer` before it.",
        ),
        (
            "- name: FallbackClassifier\n",
            "config.yml:3: warning: `FallbackClassifier` has no intent classifier before it; `DIETClassifier` is supplied. Add an intent classifier before it.",
        ),
        (
            f"{DIET}- name: CRFEntityExtractor\n",
            "config.yml:2: warning: `DIETClassifier` and `CRFEntityExtractor` learn the same entities and may tell them twice. Keep one of them; `DIETClassifier` leaves entities alone with `entity_recognition: false`.",
        ),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, pipeline: str, message: str) -> None:
    assert list_problems(tmp_path, pipeline) == [message]


@pytest.mark.parametrize(
    ("nlu", "message"),
    [
        (
            "- intent: greet/loud\n  examples: |\n    - HELLO\n    - HEY\n",
            "The data has retrieval intents, and no component chooses their responses. Add `ResponseSelector`.",
        ),
        (
            "- intent: greet\n  examples: |\n    - hello [Rome](city)\n",
            "The examples mark entities, and no component learns them. Add `DIETClassifier` or `CRFEntityExtractor`.",
        ),
        (
            "- regex: city\n  examples: |\n    - R.*e\n",
            "The data has regular expressions, and no component looks at them. Add `RegexFeaturizer` or `RegexEntityExtractor`.",
        ),
        (
            "- lookup: city\n  examples: |\n    - Rome\n",
            "The data has lookup tables, and no component looks at them. Add `RegexFeaturizer` or `RegexEntityExtractor`.",
        ),
        (
            "- synonym: Rome\n  examples: |\n    - roma\n",
            "The data has synonyms, and no component maps them. Add `EntitySynonymMapper`.",
        ),
    ],
)
def test_data_that_no_component_reads_is_told(tmp_path: Path, nlu: str, message: str) -> None:
    pipeline = f"{WORDS}- name: LogisticRegressionClassifier\n"
    assert list_problems(tmp_path, pipeline, nlu) == [f"config.yml:2: warning: {message}"]
    assert list_problems(tmp_path, f"{pipeline}- name: components.mine.Mine\n", nlu) == []


def test_entities_that_two_ways_find_are_told(tmp_path: Path) -> None:
    nlu = "- lookup: city\n  examples: |\n    - Rome\n- intent: greet\n  examples: |\n    - hello [Rome](city)\n"
    pipeline = f"{DIET}- name: RegexEntityExtractor\n"
    assert list_problems(tmp_path, pipeline, nlu) == [
        "config.yml:2: warning: `RegexEntityExtractor` and `DIETClassifier` both find `city` and may tell it twice. "
        "Take the marks, or the table, out of the data if that is not meant."
    ]
    assert list_problems(
        tmp_path, pipeline.replace("DIETClassifier", "LogisticRegressionClassifier"), nlu
    ) == [
        "config.yml:2: warning: The examples mark entities, and no component learns them. "
        "Add `DIETClassifier` or `CRFEntityExtractor`."
    ]
