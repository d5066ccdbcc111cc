"""A project folder is found, sniffed and merged."""

from pathlib import Path

import pytest

from duologue.core.errors import DefinitionError
from duologue.flows.patterns import STOCK_FLOWS
from duologue.project.definition import AssistantConfig, Component
from duologue.project.project_reader import read_project
from tests.unit.project.written_project import read_definition, read_written, write_project

FLOW = "flows:\n  hello:\n    description: Say hello.\n    steps: [{action: utter_hello}]\n"


def test_what_a_file_holds_is_decided_by_its_keys(tmp_path: Path) -> None:
    definition = read_definition(
        tmp_path,
        {
            "domain/flows.yaml": FLOW,
            "data/deep/down/everything.yml": """\
                responses:
                  utter_hello: [{text: Hi}]
                nlu:
                  - intent: greet
                    examples: ["hi"]
                intents: [greet]
                stories:
                  - story: s
                    steps: [{intent: greet}]
                rules:
                  - rule: r
                    steps: [{intent: greet}]
                """,
            "data/.hidden.yml": "nonsense: [",
            "data/notes.txt": "nonsense: [",
        },
    )
    assert definition.flows[0].id == "hello"
    assert "utter_hello" in definition.domain.responses
    assert [story.name for story in definition.training_data.stories] == ["s"]
    assert [rule.name for rule in definition.training_data.rules] == ["r"]
    assert definition.training_data.examples[0].text == "hi"


def test_every_stock_pattern_that_is_not_overridden_is_added(tmp_path: Path) -> None:
    own = "flows:\n  pattern_chitchat:\n    description: Own.\n    steps: [{action: utter_own}]\n"
    flows = read_definition(tmp_path, {"data/f.yml": own}).flows
    assert sorted(flow.id for flow in flows) == sorted(flow.id for flow in STOCK_FLOWS)
    assert [flow.description for flow in flows if flow.id == "pattern_chitchat"] == ["Own."]


def test_the_configuration_is_read_with_its_variables(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        {
            "data/f.yml": FLOW,
            "config.yml": """\
                recipe: default.v1
                language: de-CH
                additional_languages: [en]
                assistant_id: bank
                pipeline:
                  - name: NLUCommandAdapter
                    threshold: 0.5
                  - KeywordIntentClassifier
                policies:
                  - name: FlowPolicy
                    url: http://${HOST}:${PORT}/
                """,
        },
    )
    reading = read_project(tmp_path, environment={"HOST": "here", "PORT": "80"})
    assert reading.require_definition().config == AssistantConfig(
        language="de-CH",
        additional_languages=("en",),
        assistant_id="bank",
        pipeline=(
            Component(name="NLUCommandAdapter", options={"threshold": 0.5}),
            Component(name="KeywordIntentClassifier"),
        ),
        policies=(Component(name="FlowPolicy", options={"url": "http://here:80/"}),),
    )


def test_empty_pipelines_mean_the_defaults(tmp_path: Path) -> None:
    config = read_definition(
        tmp_path, {"config.yml": "assistant_id: a\npipeline:\npolicies: null\n", "data/f.yml": FLOW}
    ).config
    assert (config.pipeline, config.policies) == (None, None)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            "assistant_id: a\nlanguage: ${LANGUAG}",
            "config.yml:2: error: The environment variable `LANGUAG` is not set. Did you mean `LANGUAGE`?",
        ),
        (
            "assistant_id: a\nrecipe: graph.v1",
            "config.yml:2: error: The recipe `graph.v1` is not supported yet. Use `default.v1` with `pipeline` and `policies`.",
        ),
        (
            "assistant_id: a\npipeline: supervised_embedings",
            "config.yml:2: error: There is no ready-made pipeline `supervised_embedings`. Did you mean `supervised_embeddings`?",
        ),
        (
            "assistant_id: a\npipeline: [{nam: x}]",
            "config.yml:2: error: An entry of `pipeline` needs a `name`.",
        ),
        (
            "assistant_id: a\npipelin: []",
            "config.yml:2: warning: The configuration has an unknown key `pipelin`; it is ignored. Did you mean `pipeline`?",
        ),
        (
            "language: en",
            "config.yml:1: warning: The assistant has no `assistant_id`; its events cannot be told from those of another. Add `assistant_id:` with a unique name.",
        ),
    ],
)
def test_what_is_not_right_in_the_configuration_is_named(tmp_path: Path, config: str, message: str) -> None:
    write_project(tmp_path, {"config.yml": config, "data/f.yml": FLOW})
    reading = read_project(tmp_path, environment={"LANGUAGE": "de"})
    assert [problem.format() for problem in reading.problems] == [message]


def test_a_folder_that_is_no_project_is_said_to_be_none(tmp_path: Path) -> None:
    missing = read_project(tmp_path / "nowhere", environment={})
    assert missing.problems.format() == f"{tmp_path / 'nowhere'}: error: There is no such folder."
    assert missing.definition is None
    empty = read_project(tmp_path, environment={})
    assert empty.problems.format() == (
        f"config.yml: error: The folder {tmp_path} has no `config.yml`. "
        "Run the command in a project folder, or make one with `duologue init`.\n"
        "domain.yml: error: The project has neither a domain nor data. Add `domain.yml` and `data/`."
    )


def test_other_places_for_the_files_can_be_named(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        {
            "other.yml": "assistant_id: other\n",
            "d/domain.yml": "intents: [a]\n",
            "x.yml": FLOW,
            "domain.yml": "intents: [b]\n",
        },
    )
    definition = read_project(
        tmp_path, config=Path("other.yml"), domain=Path("d"), data=[Path("x.yml")], environment={}
    ).require_definition()
    assert definition.config.assistant_id == "other"
    assert list(definition.domain.intents) == ["a"]
    assert definition.flows[0].id == "hello"


def test_a_link_that_leads_round_in_a_circle_harms_nobody(tmp_path: Path) -> None:
    write_project(tmp_path, {"data/f.yml": FLOW})
    (tmp_path / "data" / "again").symlink_to(tmp_path / "data")
    (tmp_path / "domain").symlink_to(tmp_path / "domain")
    reading = read_project(tmp_path, environment={})
    assert (
        reading.problems.format() == "domain: error: This cannot be read: too many levels of symbolic links."
    )


def test_the_action_code_of_the_project_is_found(tmp_path: Path) -> None:
    without = read_written(tmp_path, {"data/f.yml": FLOW, "actions/notes.txt": ""})
    assert without.actions_path is None
    with_code = read_written(tmp_path, {"actions/actions.py": ""})
    assert with_code.actions_path == tmp_path / "actions"


def test_test_stories_are_kept_apart_from_what_is_learned(tmp_path: Path) -> None:
    story = "stories:\n  - story: s\n    steps: [{intent: greet}]\n"
    reading = read_written(tmp_path, {"data/test_stories.yml": story})
    assert reading.definition is not None
    assert reading.definition.training_data.stories == ()
    assert [test.name for test in reading.test_stories] == ["s"]


def test_a_definition_with_errors_cannot_be_required(tmp_path: Path) -> None:
    reading = read_written(tmp_path, {"data/f.yml": "flows: [", "domain.yml": "slots: {a: {type: txt}}\n"})
    with pytest.raises(DefinitionError) as caught:
        reading.require_definition()
    assert str(caught.value) == (
        "data/f.yml:2: error: A `[` or `{` is never closed. Close it, or put the text in quotes.\n"
        "domain.yml:1: error: The slot `a` has the unknown type `txt`. Did you mean `text`?"
    )
