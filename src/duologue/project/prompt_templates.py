"""The prompts that a project writes itself: Jinja files that its configuration names."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from duologue.core.generator_options import GENERATOR_DSLS
from duologue.core.router_options import MODEL_ROUTER
from duologue.core.search_options import SEARCH_POLICY
from duologue.project.definition import AssistantConfig

_KEYS = ("prompt_template", "prompt")
_READERS = frozenset((*GENERATOR_DSLS, MODEL_ROUTER, SEARCH_POLICY))
_LARGEST = 200_000


def list_template_paths(config: AssistantConfig) -> Iterator[str]:
    """Paths of the prompts of whatever asks a model, as they are written."""
    for component in chain(config.pipeline or (), config.policies or ()):
        if component.name in _READERS:
            path = next((component.options[key] for key in _KEYS if component.options.get(key)), None)
            if isinstance(path, str):
                yield path


def read_prompt_templates(root: Path, config: AssistantConfig) -> dict[str, str]:
    """Path as it is written → text; one that cannot be read is left out, the built-in prompt takes its place."""
    found: dict[str, str] = {}
    for path in list_template_paths(config):
        text = read_prompt_template(root, path)
        if text is not None:
            found[path] = text
    return found


def read_prompt_template(root: Path, path: str) -> str | None:
    """The text of one prompt; None if there is no such file or it is none that can be read."""
    try:
        file = root / path
        if file.stat().st_size > _LARGEST:
            return None
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
