"""The configuration: components that can stand together."""

from collections.abc import Sequence

from duologue.core.generator_options import GENERATOR_DSLS
from duologue.core.nlu_options import NLU_ADAPTER
from duologue.core.router_options import INTENT_ROUTER, MODEL_ROUTER
from duologue.project.checks.components import check_generators, check_trained_part
from duologue.project.checks.routers import check_routers
from duologue.project.checks.subject import Subject
from duologue.project.definition import Component
from duologue.project.fields import is_mapping
from duologue.project.places import below
from duologue.project.problems import find_nearest

_KNOWN_POLICIES = frozenset(
    (
        "AugmentedMemoizationPolicy",
        "EnterpriseSearchPolicy",
        "FlowPolicy",
        "IntentlessPolicy",
        "MemoizationPolicy",
        "RulePolicy",
        "TEDPolicy",
        "UnexpecTEDIntentPolicy",
    )
)
_KNOWN_COMPONENTS = frozenset((*GENERATOR_DSLS, INTENT_ROUTER, MODEL_ROUTER, NLU_ADAPTER)) | frozenset(
    (
        "CRFEntityExtractor",
        "ConveRTFeaturizer",
        "CountVectorsFeaturizer",
        "DIETClassifier",
        "DucklingEntityExtractor",
        "EntitySynonymMapper",
        "FallbackClassifier",
        "JiebaTokenizer",
        "KeywordIntentClassifier",
        "LanguageModelFeaturizer",
        "LexicalSyntacticFeaturizer",
        "LogisticRegressionClassifier",
        "MitieEntityExtractor",
        "MitieFeaturizer",
        "MitieIntentClassifier",
        "MitieNLP",
        "MitieTokenizer",
        "RegexEntityExtractor",
        "RegexFeaturizer",
        "ResponseSelector",
        "SklearnIntentClassifier",
        "SpacyEntityExtractor",
        "SpacyFeaturizer",
        "SpacyNLP",
        "SpacyTokenizer",
        "WhitespaceTokenizer",
    )
)


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
    check_trained_part(subject)
    check_routers(subject)
    _check_names(subject, "pipeline", config.pipeline or (), _KNOWN_COMPONENTS)
    _check_names(subject, "policies", config.policies or (), _KNOWN_POLICIES)


def _check_names(subject: Subject, key: str, components: Sequence[Component], known: frozenset[str]) -> None:
    """A name that is nearly a known one is a slip; any other may be a component of the project's own."""
    for position, component in enumerate(components):
        nearest = None if component.name in known else find_nearest(component.name, known)
        if nearest is not None:
            subject.problems.warn(
                below(subject.place_of("config"), key, position),
                f"There is no component `{component.name}`.",
                f"Did you mean `{nearest}`?",
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
