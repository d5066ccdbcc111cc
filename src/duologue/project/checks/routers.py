"""Routers between the flows of an assistant and its classic part: what they need, and where they stand."""

from collections.abc import Iterator

from duologue.core.generator_options import GENERATOR_DSLS
from duologue.core.nlu_options import NLU_ADAPTER
from duologue.core.router_options import (
    INTENT_ROUTER,
    MODEL_ROUTER,
    ROUTING_SLOT,
    IntentRouterOptions,
    ModelRouterOptions,
)
from duologue.core.slots import SlotType
from duologue.project.checks.components import check_struct, check_template
from duologue.project.checks.subject import Subject
from duologue.project.definition import Component
from duologue.project.fields import is_items, is_mapping
from duologue.project.places import below
from duologue.project.problems import Spot, quote_value, suggest_name

_LISTS = (("nlu_entry", "sticky"), ("nlu_entry", "non_sticky"), ("calm_entry", "sticky"))
_CLASSIFIERS = frozenset(
    (
        "DIETClassifier",
        "FallbackClassifier",
        "KeywordIntentClassifier",
        "LogisticRegressionClassifier",
        "MitieIntentClassifier",
        "SklearnIntentClassifier",
    )
)


def check_routers(subject: Subject) -> None:
    """Check every router of the pipeline."""
    pipeline = subject.definition.config.pipeline or ()
    routers = [
        (position, component)
        for position, component in enumerate(pipeline)
        if component.name in (INTENT_ROUTER, MODEL_ROUTER)
    ]
    if not routers:
        return
    place = below(subject.place_of("config"), "pipeline")
    if len(routers) > 1:
        subject.problems.error(
            below(place, routers[1][0]),
            "The pipeline holds two routers.",
            f"Keep `{INTENT_ROUTER}` or `{MODEL_ROUTER}`.",
        )
    _check_slot(subject, below(place, routers[0][0]))
    for position, component in routers:
        spot = below(place, position)
        if component.name == INTENT_ROUTER:
            _check_intent_router(component, spot, subject)
            _check_place_of_intent_router(position, spot, subject)
        else:
            _check_model_router(component, spot, subject)
            if position:
                subject.problems.error(
                    spot,
                    f"`{MODEL_ROUTER}` stands behind `{pipeline[position - 1].name}`.",
                    "Make it the first component of the pipeline.",
                )


def _check_slot(subject: Subject, spot: Spot) -> None:
    """The routers keep what they decided in a slot that the author declares."""
    slot = subject.domain.slots.get(ROUTING_SLOT)
    subject.used_slots.add(ROUTING_SLOT)
    if slot is None:
        subject.problems.error(
            spot,
            f"A router needs the slot `{ROUTING_SLOT}`, which the domain does not declare.",
            "Declare it under `slots:` with `type: bool`.",
        )
    elif slot.type is not SlotType.BOOL:
        subject.problems.error(
            below(subject.place_of("slot", ROUTING_SLOT), "type"),
            f"The slot `{ROUTING_SLOT}` must be of type `bool`, not `{slot.type.value}`.",
        )


def _check_intent_router(component: Component, spot: Spot, subject: Subject) -> None:
    check_struct(component.options, IntentRouterOptions, spot, subject.problems, f"`{INTENT_ROUTER}`")
    seen: dict[str, str] = {}
    for keys in _LISTS:
        place, shown = below(spot, *keys), ".".join(keys)
        intents = _look_up(component, keys)
        if intents is None:
            subject.problems.error(
                spot,
                f"`{INTENT_ROUTER}` needs `{shown}`.",
                "List the intents; an empty list is `[]`.",
            )
        for number, intent in _list_texts(intents):
            _check_intent(intent, below(place, number), subject)
            first = seen.setdefault(intent, shown)
            if first != shown:
                subject.problems.error(
                    below(place, number), f"The intent `{intent}` stands in `{first}` and in `{shown}`."
                )


def _look_up(component: Component, keys: tuple[str, str]) -> object:
    entry = component.options.get(keys[0])
    return entry.get(keys[1]) if is_mapping(entry) else None


def _list_texts(value: object) -> Iterator[tuple[int, str]]:
    if is_items(value):
        yield from ((number, item) for number, item in enumerate(value) if isinstance(item, str))


def _check_intent(intent: str, place: Spot, subject: Subject) -> None:
    known = subject.known_intents | {example.intent for example in subject.definition.training_data.examples}
    if intent not in known:
        subject.problems.error(
            place,
            f"There is no intent {quote_value(intent)}.",
            suggest_name(intent, known) or "Declare it under `intents:` in the domain.",
        )


def _check_place_of_intent_router(position: int, spot: Spot, subject: Subject) -> None:
    pipeline = subject.definition.config.pipeline or ()
    early = [one for one in pipeline[:position] if one.name in GENERATOR_DSLS or one.name == NLU_ADAPTER]
    late = [one for one in pipeline[position + 1 :] if one.name in _CLASSIFIERS]
    if early:
        subject.problems.error(
            spot,
            f"`{INTENT_ROUTER}` stands behind `{early[0].name}`.",
            "Put it before every component that makes commands.",
        )
    if late:
        subject.problems.error(
            spot,
            f"`{INTENT_ROUTER}` stands before `{late[0].name}`, so it knows no intent.",
            "Put it behind the components that find intents.",
        )


def _check_model_router(component: Component, spot: Spot, subject: Subject) -> None:
    check_struct(component.options, ModelRouterOptions, spot, subject.problems, f"`{MODEL_ROUTER}`")
    if not _look_up(component, ("calm_entry", "sticky")):
        subject.problems.error(
            spot,
            f"`{MODEL_ROUTER}` needs `calm_entry.sticky`.",
            "Say in a few words what the flows of the assistant do.",
        )
    prompt = component.options.get("prompt")
    if isinstance(prompt, str):
        check_template(prompt, below(spot, "prompt"), subject)
