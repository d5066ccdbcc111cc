"""What training makes, and what answering needs of it."""

from collections.abc import Mapping

import msgspec

from duologue.core.errors import DefinitionError
from duologue.dialogue.policies.ensemble import PolicyEnsemble
from duologue.dialogue.policies.training import load_policies
from duologue.ports.sentence_encoder import SentenceEncoder
from duologue.project.definition import AssistantDefinition
from duologue.training.nlu_data import make_resources
from duologue.understanding.nlu.pipeline import TrainedPipeline, load_pipeline

Files = Mapping[str, bytes]


class TrainedModel(msgspec.Struct, frozen=True, kw_only=True):
    """The trained parts of an assistant as files, ready for the archive."""

    files: dict[str, bytes] = {}
    """By path: `nlu/…` and `core/…`; the same for the same training."""
    fingerprints: dict[str, str] = {}
    """By part: of everything that it was trained from. A part that is missing was not trained."""


class ClassicModel(msgspec.Struct, frozen=True, kw_only=True):
    """The trained parts of an assistant, ready to answer. Safe to use from several threads."""

    parser: TrainedPipeline | None = None
    """None if no pipeline was trained."""
    chooser: PolicyEnsemble | None = None
    """None if no policies were trained."""


def load_model(
    files: Files,
    definition: AssistantDefinition,
    *,
    encoder: SentenceEncoder | None = None,
    duckling_url: str | None = None,
) -> ClassicModel:
    """The trained parts that the files hold.

    Args:
        files: as `TrainedModel` has them, or as they come out of an archive.
        encoder: needed if the pipeline was trained with it, see `training.opening.find_encoder`.
        duckling_url: a Duckling server to ask instead of the one that the pipeline names.

    Raises:
        DefinitionError: the files were made for another configuration, or a library is missing.
    """
    nlu, core = take_part("nlu", files), take_part("core", files)
    return ClassicModel(
        parser=load_parser(nlu, definition, encoder, duckling_url=duckling_url) if nlu else None,
        chooser=load_chooser(core, definition) if core else None,
    )


def load_parser(
    files: Files,
    definition: AssistantDefinition,
    encoder: SentenceEncoder | None,
    *,
    duckling_url: str | None = None,
) -> TrainedPipeline:
    """The pipeline of files without their folder."""
    resources = make_resources(definition, encoder=encoder, duckling_url=duckling_url)
    try:
        return load_pipeline(definition.config.pipeline, files, resources)
    except (KeyError, ValueError) as error:
        raise DefinitionError(f"The trained pipeline cannot be read ({error}); train it again.") from error


def load_chooser(files: Files, definition: AssistantDefinition) -> PolicyEnsemble:
    """The policies of files without their folder."""
    config = definition.config
    try:
        return load_policies(config.policies, files, definition.domain, language=config.language)
    except (KeyError, ValueError) as error:
        raise DefinitionError(f"The trained policies cannot be read ({error}); train them again.") from error


def take_part(part: str, files: Files) -> dict[str, bytes]:
    """The files of one part, without the part's folder."""
    folder = f"{part}/"
    return {name.removeprefix(folder): content for name, content in files.items() if name.startswith(folder)}


def put_part(part: str, files: Files) -> dict[str, bytes]:
    """The files of one part, with the part's folder."""
    return {f"{part}/{name}": content for name, content in sorted(files.items())}
