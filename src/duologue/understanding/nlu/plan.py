"""From what `config.yml` names to the components that are built: old names, defaults, order, typed options."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.generator_options import GENERATOR_DSLS
from duologue.core.nlu_components import (
    DEFAULT_PIPELINE,
    ComponentKind,
    Kind,
    PipelineItem,
    find_kind,
    find_order_problems,
    list_implied_options,
    resolve_name,
)
from duologue.core.nlu_options import NLU_ADAPTER
from duologue.core.router_options import INTENT_ROUTER, MODEL_ROUTER
from duologue.core.values import OpenData

_LANGUAGE_OF_THE_ENCODER = "en"
_NOT_TRAINED = frozenset((*GENERATOR_DSLS, NLU_ADAPTER, INTENT_ROUTER, MODEL_ROUTER))
"""Components of the same list in `config.yml` that belong to flows."""


class PipelineEntry(Protocol):
    """One entry of `pipeline`."""

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> OpenData: ...


class PlannedComponent(msgspec.Struct, frozen=True, kw_only=True):
    """A component to be built."""

    name: str
    """As of today; the dotted path of a component of the author's own."""
    kind: Kind
    options: msgspec.Struct | None = None
    """Typed; None for a component of the author's own."""
    written: OpenData = {}
    """The options as the author wrote them."""
    is_dense: bool = False


def plan_pipeline(
    entries: Sequence[PipelineEntry] | None,
    language: str,
    report: Callable[[str], None],
    *,
    has_encoder: bool = True,
) -> tuple[PlannedComponent, ...]:
    """The components in their order; what is missing is supplied and said in one sentence.

    Args:
        has_encoder: whether a pipeline that the author leaves to us may count on the sentence encoder.

    Raises:
        DefinitionError: a name is not known, a value does not fit, or there are two tokenizers.
    """
    items = [(entry.name, entry.options) for entry in entries or () if entry.name not in _NOT_TRAINED]
    if not items:
        items = _list_default_items(language, has_encoder=has_encoder)
    return tuple(_plan_item(name, options) for name, options in _supply_missing(items, report))


def _list_default_items(language: str, *, has_encoder: bool) -> list[PipelineItem]:
    """The pipeline of a project that names none; English has the sentence encoder as well, if it is installed."""
    items = list(DEFAULT_PIPELINE)
    if has_encoder and is_encoded(language):
        place = next(place for place, (name, _) in enumerate(items) if name == "DIETClassifier")
        items.insert(place, ("LanguageModelFeaturizer", {}))
    return items


def is_encoded(language: str) -> bool:
    """Whether the sentence encoder knows the language."""
    return language.replace("_", "-").partition("-")[0].casefold() == _LANGUAGE_OF_THE_ENCODER


def has_trained_part(entries: Sequence[PipelineEntry] | None) -> bool:
    """Whether the pipeline names anything that reads intents, entities or responses."""
    return any(entry.name not in _NOT_TRAINED for entry in entries or ())


def _supply_missing(items: Sequence[PipelineItem], report: Callable[[str], None]) -> list[PipelineItem]:
    problems = find_order_problems([name for name, _ in items])
    for problem in problems:
        if problem.is_error:
            raise DefinitionError(f"{problem.sentence} {problem.advice}")
        report(f"{problem.sentence} {problem.advice}")
    supplied: list[PipelineItem] = []
    for position, item in enumerate(items):
        for problem in problems:
            if problem.position == position:
                supplied.extend(problem.supplied)
                supplied.extend(items[place] for place in (problem.moved,) if place is not None)
        if all(problem.moved != position for problem in problems):
            supplied.append(item)
    return supplied


def _plan_item(name: str, options: OpenData) -> PlannedComponent:
    kind = find_kind(name)
    if kind is not None:
        written = {**list_implied_options(name), **options}
        return PlannedComponent(
            name=kind.name,
            kind=kind.kind,
            options=read_component_options(kind, written),
            written=written,
            is_dense=kind.is_dense,
        )
    if "." not in name:
        raise DefinitionError(
            f"There is no component `{resolve_name(name)}`; mend its name in `pipeline` of `config.yml`, "
            "or name a component of your own by its dotted path."
        )
    return PlannedComponent(name=name, kind=Kind.CUSTOM, written=options)


def read_component_options(kind: ComponentKind, written: OpenData) -> msgspec.Struct:
    """The options as a value; keys that are not known are left out.

    Raises:
        DefinitionError: a value does not fit.
    """
    given = {key: value for key, value in written.items() if value is not None}
    try:
        return msgspec.convert(given, kind.options, strict=False)
    except msgspec.ValidationError as error:
        raise DefinitionError(f"The options of `{kind.name}` cannot be used: {error}.") from None
