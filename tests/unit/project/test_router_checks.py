"""Every mistake around the trained part and the routers is told with its place and a way to mend it."""

from pathlib import Path

import pytest

from duologue.project.prompt_templates import read_prompt_templates
from tests.unit.project.written_project import read_definition, validate_written

INTENTS = 'version: "3.1"\nintents: [pay, greet, leave]\n'
DOMAIN = f"{INTENTS}slots:\n  route_session_to_calm: {{type: bool}}\n"
FLOW = """\
flows:
  pay:
    name: pay
    description: Pay a bill.
    nlu_trigger: [{intent: pay}]
    steps: [{action: action_restart}]
"""
INTENT_ROUTER = """\
- name: IntentBasedRouter
  nlu_entry:
    sticky: [leave]
    non_sticky: [greet]
  calm_entry:
    sticky: [pay]
"""
MODEL_ROUTER = """\
- name: LLMBasedRouter
  calm_entry:
    sticky: pays bills
"""
ADAPTER = "- name: NLUCommandAdapter\n"
GENERATOR = "- name: CompactLLMCommandGenerator\n"


def list_problems(folder: Path, pipeline: str, domain: str | None = None) -> list[str]:
    domain = domain or (DOMAIN if "BasedRouter" in pipeline else INTENTS)
    files = {
        "config.yml": f"assistant_id: test\npipeline:\n{pipeline}",
        "domain.yml": domain,
        "data/flows.yml": FLOW,
    }
    return validate_written(folder, files).format().splitlines()


@pytest.mark.parametrize(
    "pipeline",
    [
        f"- name: KeywordIntentClassifier\n- name: FallbackClassifier\n{INTENT_ROUTER}{ADAPTER}{GENERATOR}",
        f"{MODEL_ROUTER}- name: KeywordIntentClassifier\n{ADAPTER}{GENERATOR}",
        INTENT_ROUTER.replace("[leave]", "[]"),
        f"{ADAPTER}  user_input: {{max_characters: 800}}\n",
        "- name: KeywordIntentClassifier\n- name: FallbackClassifier\n  threshold: 0.7\n  ambiguity_threshold: 0\n",
    ],
)
def test_a_sound_pipeline_has_no_problem(tmp_path: Path, pipeline: str) -> None:
    assert list_problems(tmp_path, pipeline) == []


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        (
            INTENT_ROUTER.replace("    non_sticky: [greet]\n", ""),
            "config.yml:3: error: `IntentBasedRouter` needs `nlu_entry.non_sticky`. List the intents; an empty list is `[]`.",
        ),
        (
            INTENT_ROUTER.replace("[greet]", "[gret]"),
            "config.yml:6: error: There is no intent `gret`. Did you mean `greet`?",
        ),
        (
            INTENT_ROUTER.replace("[greet]", "[dance]"),
            "config.yml:6: error: There is no intent `dance`. Declare it under `intents:` in the domain.",
        ),
        (
            INTENT_ROUTER.replace("[greet]", "[leave]"),
            "config.yml:6: error: The intent `leave` stands in `nlu_entry.sticky` and in `nlu_entry.non_sticky`.",
        ),
        (
            INTENT_ROUTER.replace("[greet]", "greet"),
            "config.yml:6: error: `non_sticky` must be a list of names, not `greet`.",
        ),
        (
            f"{ADAPTER}{INTENT_ROUTER}",
            "config.yml:4: error: `IntentBasedRouter` stands behind `NLUCommandAdapter`. Put it before every component that makes commands.",
        ),
        (
            f"{INTENT_ROUTER}- name: KeywordIntentClassifier\n",
            "config.yml:3: error: `IntentBasedRouter` stands before `KeywordIntentClassifier`, so it knows no intent. Put it behind the components that find intents.",
        ),
        (
            f"- name: KeywordIntentClassifier\n{MODEL_ROUTER}",
            "config.yml:4: error: `LLMBasedRouter` stands behind `KeywordIntentClassifier`. Make it the first component of the pipeline.",
        ),
        (
            "- name: LLMBasedRouter\n",
            "config.yml:3: error: `LLMBasedRouter` needs `calm_entry.sticky`. Say in a few words what the flows of the assistant do.",
        ),
        (
            f"{MODEL_ROUTER}  nlu_entri: {{}}\n",
            "config.yml:6: warning: `LLMBasedRouter` has an unknown key `nlu_entri`; it is ignored. Did you mean `nlu_entry`?",
        ),
        (
            f"{MODEL_ROUTER}{INTENT_ROUTER}",
            "config.yml:6: error: The pipeline holds two routers. Keep `IntentBasedRouter` or `LLMBasedRouter`.",
        ),
        (
            "- name: IntentBasedRooter\n",
            "config.yml:3: error: There is no component `IntentBasedRooter`. Did you mean `IntentBasedRouter`?",
        ),
        (
            f"{ADAPTER}  usr_input: 3\n",
            "config.yml:4: warning: `NLUCommandAdapter` has an unknown key `usr_input`; it is ignored. Did you mean `user_input`?",
        ),
        (
            "- name: KeywordIntentClassifier\n- name: FallbackClassifier\n  threshold: 3\n",
            "config.yml:5: error: `threshold` must be a number from 0 to 1, not `3`.",
        ),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, pipeline: str, message: str) -> None:
    assert list_problems(tmp_path, pipeline) == [message]


def test_a_router_needs_the_slot_in_which_it_keeps_what_it_decided(tmp_path: Path) -> None:
    assert list_problems(tmp_path, INTENT_ROUTER, INTENTS) == [
        "config.yml:3: error: A router needs the slot `route_session_to_calm`, which the domain does not declare. "
        "Declare it under `slots:` with `type: bool`."
    ]


def test_the_slot_of_the_routers_is_true_or_false(tmp_path: Path) -> None:
    problems = list_problems(tmp_path, MODEL_ROUTER, DOMAIN.replace("bool", "text"))

    assert problems == [
        "domain.yml:4: error: The slot `route_session_to_calm` must be of type `bool`, not `text`."
    ]


def test_the_prompt_of_a_router_belongs_to_the_project(tmp_path: Path) -> None:
    files = {
        "config.yml": f"assistant_id: test\npipeline:\n{MODEL_ROUTER}  prompt: prompts/router.jinja2\n",
        "domain.yml": DOMAIN,
        "data/flows.yml": FLOW,
        "prompts/router.jinja2": "Sort: {{ user_message }}",
    }
    definition = read_definition(tmp_path, files)

    assert read_prompt_templates(tmp_path, definition.config) == {
        "prompts/router.jinja2": "Sort: {{ user_message }}"
    }
