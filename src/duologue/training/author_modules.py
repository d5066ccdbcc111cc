"""Components and policies of the author's own are imported from the project's folder."""

import sys
from pathlib import Path

from duologue.project.definition import AssistantDefinition


def make_importable(folder: Path, definition: AssistantDefinition) -> None:
    """Let dotted paths of `config.yml` name modules of the project; without any, the process stays as it is."""
    config = definition.config
    root = str(folder.absolute())
    if root not in sys.path and any(
        "." in component.name for component in (*(config.pipeline or ()), *(config.policies or ()))
    ):
        sys.path.insert(0, root)
