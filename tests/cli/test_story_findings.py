"""What is wrong with stories and rules is told at the line of the step."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

CONFIG = """\
assistant_id: trips
policies:
- name: RulePolicy
- name: MemoizationPolicy
  max_history: 5
"""
DOMAIN = """\
intents: [greet, bye, book]
entities: [city]
slots:
  city: {type: text, mappings: [{type: from_entity, entity: city}]}
forms:
  trip_form: {required_slots: [city]}
responses:
  utter_greet: [{text: Hello}]
  utter_bye: [{text: Bye}]
  utter_ask_city: [{text: Which city?}]
  utter_done: [{text: Done}]
"""
STORIES = """\
stories:
- story: hello
  steps:
  - intent: greet
  - action: utter_greet
  - or:
    - intent: bye
    - intent: book
  - action: utter_bye
- story: done
  steps:
  - intent: bye
  - action: utter_done
"""
FORM_RULES = """\
rules:
- rule: begin
  steps:
  - intent: book
  - action: trip_form
  - active_loop: trip_form
- rule: end
  condition:
  - active_loop: trip_form
  steps:
  - action: trip_form
  - active_loop: null
  - action: utter_done
"""


@pytest.fixture
def trips(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "config.yml").write_text(CONFIG)
    (tmp_path / "domain.yml").write_text(DOMAIN)
    (tmp_path / "data" / "nlu.yml").write_text(
        "nlu:\n"
        + "".join(
            f"- intent: {name}\n  examples: [{name}, {name} now]\n" for name in ("greet", "bye", "book")
        )
    )
    (tmp_path / "data" / "stories.yml").write_text(STORIES)
    return tmp_path


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(
            "rules:\n- rule: part\n  steps:\n  - intent: bye\n  - action: utter_done\n",
            "data/stories.yml:9: error: The story `hello` goes on with `utter_bye` where the rule `part` (data/more.yml:2)",
            id="a story that contradicts a rule",
        ),
        pytest.param(
            "rules:\n- rule: a\n  steps:\n  - intent: book\n  - action: utter_bye\n"
            "- rule: b\n  steps:\n  - intent: book\n  - action: utter_done\n",
            "data/more.yml:9: error: The rule `b` goes on with `utter_done` where the rule `a` (data/more.yml:2)",
            id="rules that contradict each other",
        ),
        pytest.param(
            "rules:\n- rule: long\n  steps:\n  - intent: greet\n  - action: utter_greet\n  - intent: bye\n",
            "data/more.yml:6: error: The rule `long` has more than one message",
            id="a rule of two turns",
        ),
        pytest.param(
            FORM_RULES
            + "- rule: forgets\n  steps:\n  - intent: greet\n  - action: trip_form\n  - action: utter_done\n",
            "data/more.yml:17: error: In the rule `forgets` the form `trip_form` does not set `active_loop`",
            id="a rule that forgets what its form does",
        ),
        pytest.param(
            "stories:\n- story: other\n  steps:\n  - intent: greet\n  - action: utter_done\n",
            "data/more.yml:5: warning: Stories go on differently after the user's `greet`",
            id="stories that part",
        ),
    ],
)
def test_a_finding_names_the_line_of_the_step(run: Run, trips: Path, more: str, message: str) -> None:
    (trips / "data" / "more.yml").write_text(more)
    assert message in run("data", "validate", trips).out


def test_an_option_of_a_policy_is_refused_at_its_line(run: Run, trips: Path) -> None:
    (trips / "config.yml").write_text(CONFIG.replace("max_history: 5", "max_history: five"))
    assert run("data", "validate", trips).out == (
        "config.yml:5: error: `max_history` of `MemoizationPolicy` must be a whole number, not `five`.\n"
    )


def test_a_policy_that_does_not_exist_is_refused_once(run: Run, trips: Path) -> None:
    (trips / "config.yml").write_text(CONFIG.replace("Memoization", "Memoisation"))
    assert run("data", "validate", trips).out == (
        "config.yml:4: error: There is no policy `MemoisationPolicy`. Did you mean `MemoizationPolicy`?\n"
    )


def test_what_a_check_has_said_is_not_said_again_by_training(run: Run, trips: Path) -> None:
    (trips / "data" / "more.yml").write_text(
        "stories:\n- story: lost\n  steps:\n  - checkpoint: nowhere\n  - intent: greet\n  - action: utter_greet\n"
    )
    outcome = run("train", "core", trips)
    assert outcome.code == 0
    assert outcome.err.count("No story ends at the checkpoint `nowhere`") == 1


def test_a_component_whose_module_is_missing_is_named_at_its_line(run: Run, trips: Path) -> None:
    (trips / "config.yml").write_text(
        CONFIG
        + "pipeline:\n- name: WhitespaceTokenizer\n- name: parts.mine.Mine\n- name: KeywordIntentClassifier\n"
    )
    outcome = run("train", trips)
    assert outcome.code == 1
    assert "config.yml:8: error: There is no module `parts`" in outcome.err


def test_several_places_may_stand_behind_one_option_as_in_rasa(
    run: Run, trips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trips)
    (trips / "more.yml").write_text(
        "rules:\n- rule: part\n  steps:\n  - intent: bye\n  - action: utter_gone\n"
    )
    outcome = run("data", "validate", "--data", "data", "more.yml")
    assert "more.yml:5: error: The response `utter_gone` is not declared" in outcome.out
