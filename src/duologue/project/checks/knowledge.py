"""The policy that answers from documents: its options, its prompt, and a pattern that leads to it."""

from typing import Any

from duologue.core.search_options import DEFAULT_STORE, SEARCH_POLICY, SearchOptions
from duologue.flows.steps import ActionStep
from duologue.project.checks.components import check_struct, check_template, check_timezone
from duologue.project.checks.subject import Subject
from duologue.project.definition import Component
from duologue.project.fields import is_mapping, number_of
from duologue.project.places import below
from duologue.project.problems import Spot, quote_value

SEARCH_ACTION = "action_trigger_search"
_SEARCH_PATTERN = "pattern_search"


def check_knowledge(subject: Subject) -> None:
    """Check the policy and the pattern against each other."""
    policies = below(subject.place_of("config"), "policies")
    found = [
        (component, below(policies, position))
        for position, component in enumerate(subject.definition.config.policies or ())
        if component.name == SEARCH_POLICY
    ]
    for component, spot in found[:1]:
        _check_policy(component, spot, subject)
    for _, spot in found[1:]:
        subject.problems.warn(
            spot, f"`{SEARCH_POLICY}` stands twice; the first one counts.", "Remove this one."
        )
    if found and not _is_reached(subject):
        subject.problems.warn(
            found[0][1],
            f"No flow runs `{SEARCH_ACTION}`, so documents are never searched.",
            f"Define the flow `{_SEARCH_PATTERN}` with `- action: {SEARCH_ACTION}`.",
        )


def _check_policy(component: Component, spot: Spot, subject: Subject) -> None:
    options, problems = dict(component.options), subject.problems
    store = options.get("vector_store")
    if is_mapping(store):
        _check_store(store, below(spot, "vector_store"), subject)
        # Servers of vectors take keys of their own.
        options["vector_store"] = {key: store[key] for key in ("type", "source", "threshold") if key in store}
    check_struct(options, SearchOptions, spot, problems, f"`{SEARCH_POLICY}`")
    check_timezone(options.get("timezone"), below(spot, "timezone"), problems)
    if "prompt" in options:
        problems.warn(below(spot, "prompt"), "`prompt` is deprecated.", "Call it `prompt_template`.")
    for key in ("prompt_template", "prompt"):
        path = options.get(key)
        if isinstance(path, str):
            check_template(path, below(spot, key), subject)


def _check_store(store: dict[Any, Any], spot: Spot, subject: Subject) -> None:
    _check_threshold(store.get("threshold"), below(spot, "threshold"), subject)
    kind = store.get("type")
    if isinstance(kind, str) and kind.casefold() != DEFAULT_STORE:
        subject.problems.warn(
            below(spot, "type"),
            f"The vector store `{kind}` is not supported yet; the project's own documents are searched instead.",
            "Put them into the folder that `source` names.",
        )


def _check_threshold(threshold: Any, spot: Spot, subject: Subject) -> None:
    number = number_of(threshold)
    if number is not None and not 0 <= number <= 1:
        subject.problems.error(
            spot, f"`threshold` must be a number from 0 to 1, not {quote_value(threshold)}."
        )


def _is_reached(subject: Subject) -> bool:
    return any(
        isinstance(step, ActionStep) and step.action == SEARCH_ACTION
        for flow in subject.flows
        for step in flow.steps
    )
