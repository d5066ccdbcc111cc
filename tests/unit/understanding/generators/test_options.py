"""The options of a command generator, as its entry in the pipeline says."""

import pytest

from duologue.core.errors import DefinitionError
from duologue.core.generator_options import Dsl, FlowRetrievalOptions
from duologue.project.definition import Component
from duologue.understanding.generators.options import find_generator, read_options


def test_what_is_not_said_has_its_default() -> None:
    options = read_options("CompactLLMCommandGenerator", {"llm": None, "flow_retrieval": {"num_flows": None}})

    assert options.dsl is Dsl.V2
    assert options.flow_retrieval == FlowRetrievalOptions()
    assert options.user_input.max_characters == 420
    assert (options.timezone, options.include_date_time, options.minimize_num_calls) == ("UTC", True, True)
    assert options.model_group is None


def test_every_option_is_read() -> None:
    options = read_options(
        "SearchReadyLLMCommandGenerator",
        {
            "llm": {"model_group": "big"},
            "prompt_template": "prompts/mine.jinja2",
            "flow_retrieval": {
                "active": False,
                "embeddings": {"model_group": "vectors"},
                "num_flows": 5,
                "turns_to_embed": 3,
                "should_embed_slots": False,
            },
            "user_input": {"max_characters": "2000"},
            "timezone": "Europe/Berlin",
            "constrained_output": "on",
            "an_option_of_tomorrow": 1,
        },
    )

    assert options.dsl is Dsl.V3
    assert options.model_group == "big"
    assert options.template_path == "prompts/mine.jinja2"
    assert options.flow_retrieval.model_group == "vectors"
    assert (options.flow_retrieval.active, options.flow_retrieval.num_flows) == (False, 5)
    assert options.user_input.max_characters == 2_000
    assert options.constrained_output == "on"


@pytest.mark.parametrize(
    ("name", "dsl"),
    [
        ("LLMCommandGenerator", Dsl.V1),
        ("SingleStepLLMCommandGenerator", Dsl.V1),
        ("MultiStepLLMCommandGenerator", Dsl.V2),
    ],
)
def test_older_generators_have_their_language(name: str, dsl: Dsl) -> None:
    assert read_options(name, {"prompt": "old.jinja2"}).template_path == "old.jinja2"
    assert read_options(name, {}).dsl is dsl


def test_a_value_that_does_not_fit_is_told() -> None:
    with pytest.raises(DefinitionError, match="num_flows"):
        read_options("CompactLLMCommandGenerator", {"flow_retrieval": {"num_flows": 0}})


def test_the_generator_of_a_pipeline_is_found() -> None:
    pipeline = [Component(name="NLUCommandAdapter"), Component(name="CompactLLMCommandGenerator")]

    found = find_generator(pipeline)

    assert found is not None
    assert found.name == "CompactLLMCommandGenerator"
    assert find_generator(pipeline[:1]) is None
