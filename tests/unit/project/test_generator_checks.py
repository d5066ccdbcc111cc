"""Every wrong option of a command generator is told with its place and a way to mend it."""

from pathlib import Path

import pytest

from duologue.project.checks.components import check_model_groups
from duologue.project.prompt_templates import read_prompt_templates
from tests.unit.project.test_checks import list_problems
from tests.unit.project.written_project import read_definition, read_written

CONFIG = "assistant_id: test\npipeline:\n- name: CompactLLMCommandGenerator\n"
DOMAIN = 'version: "3.1"\n'
FLOW = "flows:\n  f:\n    description: Do it.\n    steps: [{action: action_restart}]\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "  timezone: Europe/Berln",
            "config.yml:4: error: There is no time zone `Europe/Berln`. Did you mean `Europe/Berlin`?",
        ),
        (
            "  timezone: berlin",
            "config.yml:4: error: There is no time zone `berlin`. Did you mean `Europe/Berlin`?",
        ),
        (
            "  timezone: Atlantis",
            "config.yml:4: error: There is no time zone `Atlantis`. Write an IANA name such as `Europe/Berlin`.",
        ),
        (
            "  flow_retrieval:\n    num_flows: many",
            "config.yml:5: error: `num_flows` must be a whole number above 0, not `many`.",
        ),
        (
            "  flow_retrieval:\n    turns_to_embed: 0",
            "config.yml:5: error: `turns_to_embed` must be a whole number above 0, not `0`.",
        ),
        (
            "  flow_retrieval:\n    actve: false",
            "config.yml:5: warning: `flow_retrieval` has an unknown key `actve`; it is ignored. Did you mean `active`?",
        ),
        ("  flow_retrieval: off", "config.yml:4: error: `flow_retrieval` must be a mapping, not `off`."),
        (
            "  user_input: {max_characters: none}",
            "config.yml:4: error: `max_characters` must be a whole number above 0, not `none`.",
        ),
        (
            "  minimize_num_calls: perhaps",
            "config.yml:4: error: `minimize_num_calls` must be `true` or `false`, not `perhaps`.",
        ),
        (
            "  constrained_output: always",
            "config.yml:4: error: `constrained_output` must be `auto` or `on` or `off`, not `always`.",
        ),
        ("  llm: gpt-4o", "config.yml:4: error: `llm` must be a mapping, not `gpt-4o`."),
        (
            "  llm: {model_name: gpt-4}",
            "config.yml:4: warning: A model written out in `config.yml` is deprecated. Move it to `model_groups` in `endpoints.yml` and name it with `model_group`.",
        ),
        (
            "  prompt_template: prompts/nowhere.jinja2",
            "config.yml:4: warning: The prompt template `prompts/nowhere.jinja2` cannot be read; the built-in prompt takes its place. Write the path as it counts from the project's folder.",
        ),
        (
            "  promt_template: prompts/mine.jinja2",
            "config.yml:4: warning: `CompactLLMCommandGenerator` has an unknown key `promt_template`; it is ignored. Did you mean `prompt_template`?",
        ),
    ],
)
def test_a_wrong_option_is_told(tmp_path: Path, options: str, message: str) -> None:
    assert list_problems(tmp_path, config=f"{CONFIG}{options}\n") == [message]


def test_a_full_configuration_has_no_problem(tmp_path: Path) -> None:
    (tmp_path / "mine.jinja2").write_text("{{ user_message }}")
    options = (
        "  llm: {model_group: big}\n"
        "  prompt_template: mine.jinja2\n"
        "  flow_retrieval: {active: true, num_flows: 5, turns_to_embed: 2, should_embed_slots: false,"
        " embeddings: {model_group: vectors}}\n"
        "  user_input: {max_characters: 500}\n"
        "  minimize_num_calls: false\n"
        "  include_date_time: false\n"
        "  timezone: America/New_York\n"
        "  trace_prompt_tokens: true\n"
        "  constrained_output: auto\n"
    )

    assert list_problems(tmp_path, config=f"{CONFIG}{options}") == []


def test_older_ways_still_work_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "mine.jinja2").write_text("{{ user_message }}")
    config = (
        "assistant_id: test\npipeline:\n- name: MultiStepLLMCommandGenerator\n"
        "  prompt: mine.jinja2\n  prompt_templates: {handle_flows: {file_path: x.jinja2}}\n"
    )

    assert list_problems(tmp_path, config=config) == [
        "config.yml:3: warning: `MultiStepLLMCommandGenerator` is deprecated. It works in one step here, like `CompactLLMCommandGenerator`; use that.",
        "config.yml:4: warning: `prompt` is deprecated. Call it `prompt_template`.",
        "config.yml:5: warning: The prompts of the generator of many steps are not used. Write one `prompt_template`, or leave it out.",
    ]


def test_a_prompt_that_is_no_template_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mine.jinja2").write_text("{% if %}")

    (problem,) = list_problems(tmp_path, config=f"{CONFIG}  prompt_template: mine.jinja2\n")

    assert problem.startswith("config.yml:4: error: The template '{% if %}' cannot be read at its line 1")


def list_group_problems(folder: Path, *group_ids: str) -> list[str]:
    options = (
        "  llm: {model_group: big_model}\n"
        "  flow_retrieval:\n    embeddings:\n      model_group: vectors\n"
        "policies:\n- name: EnterpriseSearchPolicy\n  embeddings: {model_group: vectors}\n"
    )
    reading = read_written(folder, {"config.yml": CONFIG + options, "domain.yml": DOMAIN, "data/f.yml": FLOW})
    return [problem.format() for problem in check_model_groups(reading, group_ids)]


def test_model_groups_that_exist_are_no_problem(tmp_path: Path) -> None:
    assert list_group_problems(tmp_path, "big_model", "vectors") == []


def test_an_unknown_model_group_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    assert list_group_problems(tmp_path, "big_models", "vectors") == [
        "config.yml:4: error: There is no model group `big_model`. Did you mean `big_models`?"
    ]
    assert list_group_problems(tmp_path, "big_model", "other") == [
        "config.yml:7: error: There is no model group `vectors`. `endpoints.yml` defines `big_model`, `other`.",
        "config.yml:10: error: There is no model group `vectors`. `endpoints.yml` defines `big_model`, `other`.",
    ]


def test_without_any_model_group_a_warning_says_that_no_model_is_asked(tmp_path: Path) -> None:
    first, *_ = list_group_problems(tmp_path)

    assert first == (
        "config.yml:4: warning: There is no model group `big_model`: no endpoints define any, so no language model"
        " is asked. Define it under `model_groups` in `endpoints.yml`."
    )


def test_the_prompts_of_a_project_are_read_by_their_path(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "mine.jinja2").write_text("Hello {{ user_message }}")
    definition = read_definition(
        tmp_path,
        {
            "config.yml": f"{CONFIG}  prompt_template: prompts/mine.jinja2\n",
            "domain.yml": DOMAIN,
            "data/f.yml": FLOW,
        },
    )

    assert read_prompt_templates(tmp_path, definition.config) == {
        "prompts/mine.jinja2": "Hello {{ user_message }}"
    }
    assert read_prompt_templates(tmp_path / "elsewhere", definition.config) == {}
