"""The configuration: components that can stand together."""

from duologue.project.checks.subject import Subject
from duologue.project.fields import is_mapping
from duologue.project.places import below

_GENERATORS = frozenset(
    (
        "CompactLLMCommandGenerator",
        "LLMCommandGenerator",
        "MultiStepLLMCommandGenerator",
        "SearchReadyLLMCommandGenerator",
        "SingleStepLLMCommandGenerator",
    )
)


def check_configuration(subject: Subject) -> None:
    """Check pipeline and policies."""
    config = subject.definition.config
    spot = subject.place_of("config")
    generators = [component.name for component in config.pipeline or () if component.name in _GENERATORS]
    if len(generators) > 1:
        subject.problems.error(
            below(spot, "pipeline"),
            f"The pipeline holds {' and '.join(f'`{name}`' for name in generators)}.",
            "Only one command generator with a language model can stand in a pipeline.",
        )
    for position, component in enumerate(config.pipeline or ()):
        user_input = component.options.get("user_input")
        limit = user_input.get("max_characters") if is_mapping(user_input) else None
        if user_input is not None and not (isinstance(limit, int) and limit > 0):
            subject.problems.error(
                below(spot, "pipeline", position, "user_input"),
                "`user_input` needs `max_characters`, a whole number above 0.",
            )


def check_content(subject: Subject) -> None:
    """There is something for the assistant to do."""
    data = subject.definition.training_data
    if subject.own_flows or data.stories or data.rules or subject.domain.intents:
        return
    subject.problems.error(
        subject.place_of("config"),
        "The project defines nothing to talk about: no flows, stories, rules or intents.",
        "Add flows under `data/` and a `domain.yml`.",
    )
