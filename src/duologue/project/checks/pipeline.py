"""The trained pipeline: names, options and order of its components, and data that none of them reads."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from duologue.core.generator_options import GENERATOR_DSLS
from duologue.core.nlu_components import (
    NLU_COMPONENTS,
    OLD_NAMES,
    ComponentKind,
    Kind,
    find_kind,
    find_order_problems,
    list_implied_options,
)
from duologue.core.nlu_options import NLU_ADAPTER
from duologue.core.router_options import INTENT_ROUTER, MODEL_ROUTER
from duologue.project.checks.components import check_struct, check_timezone
from duologue.project.checks.subject import Subject
from duologue.project.definition import Component
from duologue.project.places import below
from duologue.project.problems import Spot, suggest_name

_FLOW_COMPONENTS = frozenset((*GENERATOR_DSLS, INTENT_ROUTER, MODEL_ROUTER, NLU_ADAPTER))
_ALL_NAMES = sorted((*NLU_COMPONENTS, *_FLOW_COMPONENTS))
_LOOKS_AT_PATTERNS = ("RegexFeaturizer", "RegexEntityExtractor")
_ADVICE = (
    "Write the name of a known component, or the dotted path of your own, such as `components.mine.Mine`."
)


def check_pipeline(subject: Subject) -> None:
    """Check every component that is trained, and that what the data holds is read by one."""
    components = subject.definition.config.pipeline or ()
    pipeline = below(subject.place_of("config"), "pipeline")
    for position, component in enumerate(components):
        if component.name not in _FLOW_COMPONENTS:
            _check_component(component, below(pipeline, position), subject)
    for problem in find_order_problems([component.name for component in components]):
        note = subject.problems.error if problem.is_error else subject.problems.warn
        note(below(pipeline, problem.position), problem.sentence, problem.advice)
    kinds = [kind for component in components if (kind := find_kind(component.name)) is not None]
    has_own = any("." in component.name and find_kind(component.name) is None for component in components)
    if kinds and not has_own:
        for sentence, advice in _list_unread(subject, kinds):
            subject.problems.warn(pipeline, sentence, advice)
    _check_rivals(subject, kinds, pipeline)


def _check_component(component: Component, spot: Spot, subject: Subject) -> None:
    kind = find_kind(component.name)
    problems = subject.problems
    if kind is None:
        if "." not in component.name or component.name.startswith("rasa."):
            problems.error(
                spot,
                f"There is no component `{component.name}`.",
                suggest_name(component.name.rpartition(".")[2], _ALL_NAMES) or _ADVICE,
            )
        return
    if component.name in OLD_NAMES:
        problems.warn(spot, f"`{component.name}` is an old name.", f"Call it `{kind.name}`.")
    _check_options(component.options, kind, spot, subject)


def _check_options(options: dict[str, Any], kind: ComponentKind, spot: Spot, subject: Subject) -> None:
    fields = kind.options.__struct_fields__
    told = {key: value for key, value in options.items() if key in fields or key not in kind.ignored}
    check_struct(told, kind.options, spot, subject.problems, f"`{kind.name}`", others=kind.ignored)
    check_timezone(options.get("timezone"), below(spot, "timezone"), subject.problems)
    pattern = options.get("token_pattern")
    if isinstance(pattern, str):
        try:
            re.compile(pattern)
        except re.error as error:
            subject.problems.error(
                below(spot, "token_pattern"), f"`token_pattern` is not a regular expression: {error}."
            )


# --------------------------------------------------------------------------------------- what the data holds


def _list_unread(subject: Subject, kinds: Sequence[ComponentKind]) -> Iterator[tuple[str, str]]:
    """What the data holds and no component reads, with what would."""
    data = subject.definition.training_data
    names = {kind.name for kind in kinds}
    learns_entities = any(kind.learns_entities for kind in kinds)
    if any("/" in example.intent for example in data.examples) and "ResponseSelector" not in names:
        yield (
            "The data has retrieval intents, and no component chooses their responses.",
            "Add `ResponseSelector`.",
        )
    if any(example.entities for example in data.examples) and not learns_entities:
        yield (
            "The examples mark entities, and no component learns them.",
            "Add `DIETClassifier` or `CRFEntityExtractor`.",
        )
    for what, has_any in (("regular expressions", data.regexes), ("lookup tables", data.lookups)):
        if has_any and names.isdisjoint(_LOOKS_AT_PATTERNS):
            yield (
                f"The data has {what}, and no component looks at them.",
                "Add `RegexFeaturizer` or `RegexEntityExtractor`.",
            )
    if data.synonyms and "EntitySynonymMapper" not in names:
        yield "The data has synonyms, and no component maps them.", "Add `EntitySynonymMapper`."


def _check_rivals(subject: Subject, kinds: Sequence[ComponentKind], pipeline: Spot) -> None:
    """Components that find the same entities twice."""
    learners = [kind.name for kind in kinds if kind.learns_entities and not _is_switched_off(subject, kind)]
    if len(learners) > 1:
        subject.problems.warn(
            pipeline,
            f"{' and '.join(f'`{name}`' for name in learners)} learn the same entities and may tell them twice.",
            "Keep one of them; `DIETClassifier` leaves entities alone with `entity_recognition: false`.",
        )
    data = subject.definition.training_data
    if learners and any(kind.name == "RegexEntityExtractor" for kind in kinds):
        marked = {entity["entity"] for example in data.examples for entity in example.entities}
        both = sorted(marked & ({*data.regexes} | {*data.lookups}))
        if both:
            subject.problems.warn(
                pipeline,
                f"`RegexEntityExtractor` and `{learners[0]}` both find {', '.join(f'`{name}`' for name in both)} "
                "and may tell it twice.",
                "Take the marks, or the table, out of the data if that is not meant.",
            )


def _is_switched_off(subject: Subject, kind: ComponentKind) -> bool:
    if kind.kind is not Kind.INTENT_CLASSIFIER:
        return False
    components = subject.definition.config.pipeline or ()
    return all(
        {**list_implied_options(component.name), **component.options}.get("entity_recognition") is False
        for component in components
        if find_kind(component.name) is kind
    )
