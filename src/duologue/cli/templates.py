"""The assistants that ship with the package."""

import difflib
import os
import shutil
from pathlib import Path

import duologue
from duologue.cli.failure import CommandError

TEMPLATES = {
    "tiny": "one flow, a few responses: the smallest assistant that works",
    "bank": "a bank with transfers, cards, disputes and more, with actions and tests",
    "workshop": "a bicycle workshop with intents, stories, rules and a form, with actions and test stories",
}
OTHER_NAMES = {
    "default": "tiny",
    "tutorial": "tiny",
    "basic": "tiny",
    "calm": "bank",
    "finance": "bank",
    "classic": "workshop",
    "moodbot": "workshop",
    "stories": "workshop",
}
"""Names of templates that people know from Rasa, and what comes nearest."""
NOT_COPIED = shutil.ignore_patterns(
    "__pycache__", "*.pyc", ".duologue", "models", "*.db", "*.db-wal", "*.db-shm"
)


def require_template(name: str) -> Path:
    """The folder of a template.

    Raises:
        CommandError: there is no such template, or it is not installed.
    """
    known = OTHER_NAMES.get(name, name)
    if known not in TEMPLATES:
        near = difflib.get_close_matches(name, [*TEMPLATES, *OTHER_NAMES], n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise CommandError(f"There is no template `{name}`; there are {', '.join(TEMPLATES)}.{hint}")
    package = Path(duologue.__file__).parent
    # An installed package holds the templates; a checkout has them as its examples.
    for folder in (package / "templates" / known, package.parents[1] / "examples" / known):
        if folder.is_dir():
            return folder
    raise CommandError(f"The template `{known}` is missing from this installation; install Duologue anew.")


def copy_template(name: str, target: Path) -> list[Path]:
    """Copy a template into a folder; the files that were made.

    Raises:
        CommandError: a file would be overwritten; nothing is copied then.
    """
    source = require_template(name)
    files = _list_files(source)
    taken = [path for path in files if (target / path).exists()]
    if taken:
        shown = "The current folder" if target == Path(".") else target
        raise CommandError(
            f"{shown} already has {taken[0]}; name an empty or a new folder, as in `duologue init my-assistant`."
        )
    shutil.copytree(source, target, ignore=NOT_COPIED, dirs_exist_ok=True)
    return [target / path for path in files]


def _list_files(source: Path) -> list[Path]:
    found: list[Path] = []
    for folder, folders, names in os.walk(source):
        ignored = NOT_COPIED(folder, [*folders, *names])
        folders[:] = sorted(name for name in folders if name not in ignored)
        found += [Path(folder, name).relative_to(source) for name in sorted(names) if name not in ignored]
    return found
