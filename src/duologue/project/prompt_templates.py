"""The prompts that a project writes itself: Jinja files that its configuration names."""

from collections.abc import Iterator
from pathlib import Path

from duologue.core.generator_options import GENERATOR_DSLS
from duologue.project.definition import AssistantConfig

_KEYS = ("prompt_template", "prompt")
_LARGEST = 200_000


def list_template_paths(config: AssistantConfig) -> Iterator[str]:
    """Paths of the prompts of command generators, as they are written."""
    for component in config.pipeline or ():
        if component.name in GENERATOR_DSLS:
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
