"""A model that answers, from a definition: trained now, or taken from the last time."""

from collections.abc import Collection
from pathlib import Path

from duologue.adapters.sentence_encoder.encoder import read_encoder
from duologue.core.errors import DefinitionError
from duologue.ports.sentence_encoder import SentenceEncoder
from duologue.project.definition import AssistantDefinition
from duologue.training.parts import PARTS, Part, list_parts
from duologue.training.progress import Tell, keep_quiet
from duologue.training.threads import count_threads
from duologue.training.trained_model import ClassicModel, Files, load_model
from duologue.training.trainer import TrainingOptions, train_model
from duologue.training.training_cache import TrainingCache
from duologue.understanding.nlu.pipeline import needs_encoder

CACHE_FOLDER = Path("cache") / "training"
"""Below the folder in which an assistant keeps its state."""


def find_encoder(definition: AssistantDefinition, *, threads: int = 1) -> SentenceEncoder | None:
    """The sentence encoder, if the assistant's pipeline makes use of it and it is installed."""
    if "nlu" not in list_parts(definition):
        return None
    config = definition.config
    try:
        is_needed = needs_encoder(config.pipeline, config.language)
    except DefinitionError:
        return None  # training says what is wrong with the pipeline
    return read_encoder(threads) if is_needed else None


def load_or_train(
    definition: AssistantDefinition,
    *,
    cache_folder: Path | None = None,
    threads: int | None = None,
    parts: Collection[Part] = PARTS,
    duckling_url: str | None = None,
    tell: Tell = keep_quiet,
) -> ClassicModel:
    """Train what has changed since the last time, and load it; nothing for an assistant that only has flows.

    Args:
        cache_folder: where what was trained is kept; None keeps nothing.
        threads: None for as many as there are.
        parts: what is wanted of it.
        duckling_url: a Duckling server to ask instead of the one that the pipeline names.

    Raises:
        DefinitionError: the pipeline, the policies or the data cannot be used; says what and where.
    """
    if not set(list_parts(definition)) & set(parts):
        return ClassicModel()
    threads = threads or count_threads()
    trained = train_model(
        definition,
        cache=TrainingCache(cache_folder) if cache_folder is not None else None,
        encoder=find_encoder(definition, threads=threads),
        options=TrainingOptions(threads=threads, parts=parts),
        tell=tell,
    )
    return load_model(trained.files, definition, encoder=find_encoder(definition), duckling_url=duckling_url)


def open_trained(
    files: Files, definition: AssistantDefinition, *, duckling_url: str | None = None
) -> ClassicModel:
    """The model that an archive holds.

    Args:
        duckling_url: a Duckling server to ask instead of the one that the pipeline names.

    Raises:
        DefinitionError: it was trained for another configuration, or a library is missing.
    """
    return load_model(files, definition, encoder=find_encoder(definition), duckling_url=duckling_url)
