"""The router that a pipeline names, if it names one."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias, TypeVar

import msgspec

from duologue.core.domain import Domain
from duologue.core.errors import DefinitionError
from duologue.core.router_options import (
    INTENT_ROUTER,
    MODEL_ROUTER,
    IntentRouterOptions,
    ModelRouterOptions,
)
from duologue.core.values import OpenData
from duologue.ports.language_model import LanguageModel
from duologue.understanding.example_parser import ExampleData, ExampleParser
from duologue.understanding.generators.options import PipelineEntry
from duologue.understanding.intent_router import IntentBasedRouter
from duologue.understanding.model_router import LLMBasedRouter
from duologue.understanding.nlu_rung import find_fallback
from duologue.understanding.routing import Router
from duologue.understanding.text_parser import TextParser

RouterOptions: TypeAlias = IntentRouterOptions | ModelRouterOptions
_Options = TypeVar("_Options", IntentRouterOptions, ModelRouterOptions)


def find_router(pipeline: Iterable[PipelineEntry]) -> RouterOptions | None:
    """The options of the pipeline's first router, if it has one.

    Raises:
        DefinitionError: a value does not fit. Validating the project says where, and all of them at once.
    """
    for entry in pipeline:
        if entry.name == INTENT_ROUTER:
            return _read(entry, IntentRouterOptions)
        if entry.name == MODEL_ROUTER:
            return _read(entry, ModelRouterOptions)
    return None


def build_router(
    options: RouterOptions,
    pipeline: Iterable[PipelineEntry],
    domain: Domain,
    data: ExampleData,
    languages: Sequence[str],
    *,
    model: LanguageModel | None = None,
    template: str | None = None,
    parser: TextParser | None = None,
) -> Router:
    """The router of these options.

    Args:
        model: what `LLMBasedRouter` asks; without one it can tell nothing.
        template: the text of its own prompt.
        parser: a trained pipeline, for `IntentBasedRouter`; without one, the examples are learned at the start.
    """
    if isinstance(options, ModelRouterOptions):
        return LLMBasedRouter(model, options, template=template)
    parser = parser or ExampleParser(data, entities=domain.entities, languages=languages)
    return IntentBasedRouter(parser, options, find_fallback(pipeline))


def _read(entry: PipelineEntry, shape: type[_Options]) -> _Options:
    try:
        return msgspec.convert(_without_empty(entry.options), shape, strict=False)
    except msgspec.ValidationError as error:
        raise DefinitionError(f"The options of `{entry.name}` cannot be used: {error}.") from None


def _without_empty(options: OpenData) -> OpenData:
    """A key left empty gets its default."""
    return {
        key: _without_empty(value) if isinstance(value, dict) else value  # pyright: ignore[reportUnknownArgumentType]  # open data
        for key, value in options.items()
        if value is not None
    }
