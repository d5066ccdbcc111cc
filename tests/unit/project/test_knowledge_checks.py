"""Every wrong option of the policy that answers from documents is told with its place and a way to mend it."""

from pathlib import Path

import pytest

from duologue.core.search_options import SearchOptions, read_search_options
from duologue.project.prompt_templates import read_prompt_templates
from tests.unit.project.written_project import read_definition, validate_written

CONFIG = "assistant_id: test\npolicies:\n- name: EnterpriseSearchPolicy\n"
FILES = {
    "domain.yml": 'version: "3.1"\n',
    "docs/a.txt": "Open.",
    "data/flows.yml": "flows:\n  pattern_search:\n    description: Look it up.\n    steps: [{action: action_trigger_search}]\n"
    "  f:\n    description: Do it.\n    steps: [{action: action_restart}]\n",
}


def list_problems(folder: Path, options: str = "", **files: str) -> list[str]:
    found = validate_written(folder, {**FILES, "config.yml": f"{CONFIG}{options}\n", **files})
    return [problem.format() for problem in found]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "  check_relevance: true",
            "config.yml:4: warning: `EnterpriseSearchPolicy` has an unknown key `check_relevance`; it is ignored. Did you mean `check_relevancy`?",
        ),
        (
            "  citation_enabled: perhaps",
            "config.yml:4: error: `citation_enabled` must be `true` or `false`, not `perhaps`.",
        ),
        (
            "  max_messages_in_query: 0",
            "config.yml:4: error: `max_messages_in_query` must be a whole number above 0, not `0`.",
        ),
        (
            "  vector_store:\n    threshold: 7",
            "config.yml:5: error: `threshold` must be a number from 0 to 1, not `7`.",
        ),
        (
            "  vector_store: {type: milvus, collection: mine}",
            "config.yml:4: warning: The vector store `milvus` is not supported yet; the project's own documents are searched instead. Put them into the folder that `source` names.",
        ),
        (
            "  timezone: Atlantis",
            "config.yml:4: error: There is no time zone `Atlantis`. Write an IANA name such as `Europe/Berlin`.",
        ),
        (
            "  prompt_template: nowhere.jinja2",
            "config.yml:4: warning: The prompt template `nowhere.jinja2` cannot be read; the built-in prompt takes its place. Write the path as it counts from the project's folder.",
        ),
        (
            "- name: EnterpriseSearchPolicy",
            "config.yml:4: warning: `EnterpriseSearchPolicy` stands twice; the first one counts. Remove this one.",
        ),
    ],
)
def test_a_wrong_option_is_told(tmp_path: Path, options: str, message: str) -> None:
    assert list_problems(tmp_path, options) == [message]


def test_a_full_configuration_has_no_problem(tmp_path: Path) -> None:
    options = (
        "  vector_store: {type: faiss, source: ./docs, threshold: 0.3}\n  llm: {model_group: big}\n"
        "  embeddings: {model_group: vectors}\n  prompt_template: mine.jinja2\n  use_generative_llm: true\n"
        "  citation_enabled: true\n  check_relevancy: true\n  max_messages_in_query: 4\n  max_history: 5\n"
        "  include_date_time: false\n  timezone: Europe/Berlin\n  trace_prompt_tokens: true\n"
    )

    assert list_problems(tmp_path, options, **{"mine.jinja2": "{{ docs }}"}) == []


def test_a_policy_that_no_flow_leads_to_is_told(tmp_path: Path) -> None:
    flows = "flows:\n  f:\n    description: Do it.\n    steps: [{action: action_restart}]\n"

    assert list_problems(tmp_path, **{"data/flows.yml": flows}) == [
        "config.yml:3: warning: No flow runs `action_trigger_search`, so documents are never searched."
        " Define the flow `pattern_search` with `- action: action_trigger_search`."
    ]


def test_the_prompt_of_the_policy_travels_with_the_project(tmp_path: Path) -> None:
    files = {**FILES, "config.yml": f"{CONFIG}  prompt_template: mine.jinja2\n", "mine.jinja2": "{{ docs }}"}
    definition = read_definition(tmp_path, files)

    assert definition.prompt_templates == {"mine.jinja2": "{{ docs }}"}
    assert read_prompt_templates(tmp_path, definition.config) == definition.prompt_templates


def test_a_wrong_option_leaves_the_others_as_they_are() -> None:
    given = {"citation_enabled": True, "max_history": "many", "unknown": 1}

    assert read_search_options(given) == SearchOptions(citation_enabled=True)
