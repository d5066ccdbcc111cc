"""The options of a command generator, from its entry in the pipeline."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.generator_options import GENERATOR_DSLS, GeneratorOptions
from duologue.core.values import OpenData


class PipelineEntry(Protocol):
    """One entry of a pipeline."""

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> OpenData: ...


def find_generator(pipeline: Iterable[PipelineEntry]) -> GeneratorOptions | None:
    """The options of the pipeline's command generator with a language model, if it has one.

    Raises:
        DefinitionError: as `read_options`.
    """
    entry = next((entry for entry in pipeline if entry.name in GENERATOR_DSLS), None)
    return read_options(entry.name, entry.options) if entry else None


def read_options(name: str, options: OpenData) -> GeneratorOptions:
    """The options of the generator of this name; what is left empty gets its default.

    Raises:
        DefinitionError: a value does not fit. Validating the project says where, and all of them at once.
    """
    filled = {key: _fill(value) for key, value in options.items() if value is not None}
    try:
        return msgspec.convert({**filled, "name": name}, GeneratorOptions, strict=False)
    except msgspec.ValidationError as error:
        raise DefinitionError(f"The options of `{name}` cannot be used: {error}.") from None


def _fill(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: part for key, part in value.items() if part is not None}  # pyright: ignore[reportUnknownVariableType]  # open data
