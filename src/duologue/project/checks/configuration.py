"""The configuration: components that can stand together."""

from collections.abc import Sequence

from duologue.core.generator_options import GENERATOR_DSLS
from duologue.core.nlu_options import NLU_ADAPTER
from duologue.project.checks.components import check_adapter, check_generators
from duologue.project.checks.pipeline import check_pipeline
from duologue.project.checks.routers import check_routers
from duologue.project.checks.subject import Subject
from duologue.project.definition import Component
from duologue.project.fields import is_mapping
from duologue.project.places import below
from duologue.project.problems import suggest_name

_KNOWN_POLICIES = frozenset(
    (
        "AugmentedMemoizationPolicy",
        "EmbeddingPolicy",
        "EnterpriseSearchPolicy",
        "FallbackPolicy",
        "FlowPolicy",
        "FormPolicy",
        "IntentlessPolicy",
        "KerasPolicy",
        "MappingPolicy",
        "MemoizationPolicy",
        "RulePolicy",
        "SklearnPolicy",
        "TEDPolicy",
        "TwoStageFallbackPolicy",
        "UnexpecTEDIntentPolicy",
    )
)
_ADVICE = "Write the name of a known policy, or the dotted path of your own, such as `policies.mine.Mine`."


def check_configuration(subject: Subject) -> None:
    """Check pipeline and policies."""
    config = subject.definition.config
    spot = subject.place_of("config")
    generators = [component.name for component in config.pipeline or () if component.name in GENERATOR_DSLS]
    if len(generators) > 1:
        subject.problems.error(
            below(spot, "pipeline"),
            f"The pipeline holds {' and '.join(f'`{name}`' for name in generators)}.",
            "Only one command generator with a language model can stand in a pipeline.",
        )
    for position, component in enumerate(config.pipeline or ()):
        user_input = component.options.get("user_input")
        limit = user_input.get("max_characters") if is_mapping(user_input) else None
        if component.name in GENERATOR_DSLS or component.name == NLU_ADAPTER:
            continue
        if user_input is not None and not (isinstance(limit, int) and limit > 0):
            subject.problems.error(
                below(spot, "pipeline", position, "user_input"),
                "`user_input` needs `max_characters`, a whole number above 0.",
            )
    check_generators(subject)
    check_adapter(subject)
    check_pipeline(subject)
    check_routers(subject)
    _check_policy_names(subject, config.policies or ())


def _check_policy_names(subject: Subject, policies: Sequence[Component]) -> None:
    """A name without a dot has to be known; without stories and rules nobody asks for the policy."""
    data = subject.definition.training_data
    note = subject.problems.error if data.stories or data.rules else subject.problems.warn
    for position, policy in enumerate(policies):
        name = policy.name.rpartition(".")[2] if policy.name.startswith("rasa.") else policy.name
        if "." not in name and name not in _KNOWN_POLICIES:
            note(
                below(subject.place_of("config"), "policies", position),
                f"There is no policy `{policy.name}`.",
                suggest_name(name, _KNOWN_POLICIES) or _ADVICE,
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
