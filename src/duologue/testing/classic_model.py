"""The trained part of a classic assistant by itself, for those who judge or teach it."""

from pathlib import Path

import msgspec

from duologue.core.errors import DefinitionError
from duologue.dialogue.policies.ensemble import PolicyEnsemble
from duologue.project.archive import read_model
from duologue.project.definition import AssistantDefinition
from duologue.runtime.stores import STATE_FOLDER
from duologue.training.author_modules import make_importable
from duologue.training.opening import CACHE_FOLDER, load_or_train, open_trained
from duologue.training.progress import Tell, keep_quiet
from duologue.understanding.nlu.pipeline import TrainedPipeline


class DialogueModel(msgspec.Struct, frozen=True, kw_only=True):
    """Policies, and what understands messages for them."""

    chooser: PolicyEnsemble
    parser: TrainedPipeline | None = None
    """None if the project has no NLU data."""


def open_dialogue_model(
    definition: AssistantDefinition, folder: Path, *, keeps: bool = True, tell: Tell = keep_quiet
) -> DialogueModel:
    """Train what has changed in the project since the last time.

    Args:
        folder: the project's, where components and policies of its own are.
        keeps: whether what is trained is kept in the project's folder for the next time.

    Raises:
        DefinitionError: there is nothing to train, or it cannot be trained as it is written.
    """
    make_importable(folder, definition)
    cache = folder / STATE_FOLDER / CACHE_FOLDER if keeps else None
    model = load_or_train(definition, cache_folder=cache, tell=tell)
    if model.chooser is None:
        raise DefinitionError("The project has neither stories nor rules, so no policies are trained.")
    return DialogueModel(chooser=model.chooser, parser=model.parser)


def open_archived_model(archive: Path, folder: Path) -> tuple[AssistantDefinition, DialogueModel]:
    """What an archive holds, and the assistant as it was when it was trained.

    Args:
        folder: the project's, where components and policies of its own are.

    Raises:
        DefinitionError: it cannot be read, or no policies were trained.
    """
    held = read_model(archive)
    make_importable(folder, held.definition)
    model = open_trained(held.files, held.definition)
    if model.chooser is None:
        raise DefinitionError(f"{archive}: the model has no policies; train it with stories or rules.")
    return held.definition, DialogueModel(chooser=model.chooser, parser=model.parser)
